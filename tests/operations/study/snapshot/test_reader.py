"""Edited and damaged exported folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import make_user, mostly_slow, slow

from server_stub.study import Results

if TYPE_CHECKING:
    from conftest import User

TOML = "parameters.toml"
PEOPLE = "data/Macro.population.csv"
NESTED = "data/Macro.nested.json"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export study 21 and return the folder."""
    user = make_user(tmp_path_factory.mktemp("exported"))
    assert user.types("study", "export", "21", str(user.folder / "dice")).code == 0
    return user.folder / "dice"


@pytest.fixture
def folder(user: User, exported: Path) -> Path:
    """Return a copy of the exported folder."""
    return Path(shutil.copytree(exported, user.folder / "dice"))


def replaced(file: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def differing(user: User, folder: Path) -> list[dict[str, Any]]:
    """Return the differences between study 21 and a folder."""
    rows: list[dict[str, Any]] = json.loads(user.types("study", "diff", "21", str(folder), "-F", "json").out)
    return rows


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (TOML, b'"Macro.gamma" = 0.3\n"Macro.periods" = \n', "line 2, Macro.periods"),
        (TOML, b'"Macro.gamma" = 0,3  # float, -\n', "line 1, Macro.gamma"),
        (TOML, b'"Macro.gamma" = 0,31\n"Macro.shares" = {"coal" = 0,4}\n', "write 0.31"),
        (TOML, b'"Macro.gamma" = 0.3\n"Macro.gamma" = 0.4\n', "line 2"),
        (TOML, b'"Macro.note" = 2026-01-01\n', "Macro.note"),
        (TOML, b'"Macro.targets" = [1.0, 10:00:00]\n', "Macro.targets"),
        (TOML, '"Macro.note" = "café"\n'.encode("latin-1"), "is not UTF-8"),
        (TOML, b'"Macro.population" = 5\n', PEOPLE),
        (TOML, b'"Macro.nested" = {}\n', NESTED),
        (TOML, None, TOML),
        (NESTED, b'{"A": NaN}', "NaN"),
        (NESTED, b'{"A": 1e999}', "1e999"),
        (NESTED, b'{"A": ', "line 1 column"),
        (NESTED, '{"A": "é"}'.encode("latin-1"), "UTF-8"),
        (PEOPLE, "years,population\n2020,é\n".encode("latin-1"), PEOPLE),
        (PEOPLE, b"years,population\n2020,\x00\xff\n", PEOPLE),
        ("manifest.json", b"{", "--overwrite"),
        ("manifest.json", b'{"format": 1, "parameters": [{"name": 1}]}', "--overwrite"),
        ("manifest.json", b'{"format": 99}', "update"),
        ("manifest.json", None, "study export"),
    ],
)
@pytest.mark.parametrize("command", ["diff", slow("apply")])
def test_damaged_file_is_rejected(
    user: User, folder: Path, command: str, name: str, content: bytes | None, message: str
) -> None:
    """The message has the file and the place. Nothing is sent."""
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    words = (str(folder), "21") if command == "apply" else ("21", str(folder))
    done = user.types("study", command, *words)
    assert (done.code, done.kind, done.out) == (2, "invalid_file", "")
    assert str(folder) in done.err
    assert message in done.err
    assert not any(request.endswith("/parameters") for request in user.requests)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (NESTED, '"y": null', '"y": "\\ud800"'),
        (TOML, "[1.0, 2.5", "[nan, 2.5"),
        slow(TOML, "[1.0, 2.5", "[-inf, 2.5"),
        slow(TOML, '"coal" = 0.4', '"coal" = inf'),
    ],
)
def test_nested_nan_is_compared_and_not_sent(user: User, folder: Path, name: str, old: str, new: str) -> None:
    replaced(folder / name, old, new)
    done = user.types("study", "diff", "21", str(folder), "-F", "json")
    json.loads(done.out, parse_constant=pytest.fail)
    assert (done.code, done.out.count('"key"')) == (0, 1)
    assert user.types("study", "apply", str(folder), "21").code == 2
    assert not any(request.endswith("/parameters") for request in user.requests)


@pytest.mark.parametrize("content_of_folder", ["nowhere", "empty", "file"])
def test_folder_without_an_export_is_rejected(user: User, content_of_folder: str) -> None:
    """The hint is `study export`."""
    path = user.folder / content_of_folder
    if content_of_folder == "empty":
        path.mkdir()
    if content_of_folder == "file":
        path.write_text("x")
    for words in (("diff", str(path), "21"), ("diff", "21", str(path)), ("apply", str(path), "21")):
        done = user.types("study", *words)
        assert done.code == 2
        assert "study export" in done.err


def test_manifest_cannot_point_outside_the_folder(user: User, folder: Path) -> None:
    (user.folder / "secret.csv").write_text("years,population\n2020,1.0\n")
    replaced(folder / "manifest.json", PEOPLE, "data/../../secret.csv")
    done = user.types("study", "diff", "21", str(folder), "-F", "json")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        (TOML, '"Macro.gamma" = 0.3', "'Macro.gamma' = 3e-1 # mine\n\n# more", None),
        (TOML, '"Macro.shares" = {"coal" = 0.4, "wind" = 0.6}  # dict, -', "", "Macro.shares"),
        (TOML, '"Macro.note" = "café ☃ naïve"', '"Macro.note" = """\ncafé ☃\\\n  naïve"""', "Macro.note"),
        (NESTED, "1.0", "1.5", "Macro.nested"),
        (NESTED, "1.0", "1", "Macro.nested"),
        (NESTED, '"y": null', '"y":\n\tnull', None),
        (PEOPLE, "2020,7800.0\n", "", "Macro.population"),
        (PEOPLE, "2020,7800.0\n", '\n"2020",7.8e3\r\n', None),
    ],
)
def test_edited_values_are_read(user: User, folder: Path, name: str, old: str, new: str, key: str | None) -> None:
    replaced(folder / name, old, new)
    assert [row["key"] for row in differing(user, folder)] == [key] * (key is not None)


def test_dict_may_be_a_toml_section(user: User, folder: Path) -> None:
    replaced(folder / TOML, '"Macro.shares" = {"coal" = 0.4, "wind" = 0.6}  # dict, -', "")
    with (folder / TOML).open("a") as file:
        file.write('["Macro.shares"]\nwind = 0.6\ncoal = 0.4\n')
    assert differing(user, folder) == []


def test_removed_file_is_only_on_the_side_of_the_study(user: User, folder: Path) -> None:
    (folder / PEOPLE).unlink()
    assert [(row["key"], row["change"]) for row in differing(user, folder)] == [("Macro.population", "only in A")]


@pytest.mark.parametrize("name", [TOML, NESTED, PEOPLE])
def test_byte_order_mark_and_carriage_returns_are_not_a_difference(user: User, folder: Path, name: str) -> None:
    file = folder / name
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert differing(user, folder) == []


def test_value_may_move_from_its_file_to_a_line(user: User, folder: Path) -> None:
    (folder / NESTED).unlink()
    with (folder / TOML).open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write(f'"Macro.nested" = {{A = {{x = 1.0}}, B = {{x = 2.0}}}}\n{text}')
    assert [part["where"] for row in differing(user, folder) for part in row["parts"]] == [".A.y"]
    assert user.types("study", "apply", str(folder), "21").code == 0


def test_error_has_the_line_in_the_file(user: User, folder: Path) -> None:
    """Blank lines count."""
    (folder / PEOPLE).write_text('years,population\n\n\n2020,1.5\n2021,"7800,5"\n')
    done = user.types("study", "apply", str(folder), "21")
    assert (done.code, "line 5" in done.err) == (2, True), done.err


def test_edit_of_an_unreadable_parameter_is_not_ignored(user: User, folder: Path) -> None:
    with (folder / TOML).open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write(f'"Macro.matrix" = [[1.0]]\n{text}')
    done = user.types("study", "apply", str(folder), "21")
    assert "Macro.matrix" in done.err


def test_edit_of_a_list_of_lists_is_not_ignored(user53: User) -> None:
    """No download shows a list of lists."""
    study = user53.world.studies[21]
    study.values["Macro.targets"] = [[1.0], [2.0]]
    study.read_only = Results(dict(study.values), study.pace.now(), study.values)
    folder = user53.folder / "dice"
    assert user53.types("study", "export", "21", str(folder)).code == 0
    assert user53.types("param", "set", "21", "dice.Macro.gamma=0.4").code == 0
    replaced(folder / TOML, '"Macro.targets" = [[1.0], [2.0]]', '"Macro.targets" = [[1.0], [3.0]]')
    replaced(folder / TOML, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    assert "Macro.targets" in user53.types("study", "apply", str(folder), "21").out


@pytest.mark.parametrize("name", mostly_slow(["manifest.json", TOML, NESTED, PEOPLE], 3))
def test_byte_order_mark_is_ignored(user: User, folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert differing(user, folder) == []
    assert user.types("study", "apply", str(folder), "21").code == 0
