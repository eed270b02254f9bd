"""What is remembered of a study."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.cache import MOST_PARAMETERS, MOST_STUDIES, CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
GAMMA = {"dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False)}


def cache(tmp_path: Path, host: str = HOST) -> StudyCache:
    """Return the memory of a server in a folder that need not be there."""
    return StudyCache(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path / "cache")}), host)


def file_of(tmp_path: Path) -> Path:
    """Return the one file of the memory that holds parameters."""
    [file] = (path for path in (tmp_path / "cache").rglob("*[0-9].json") if not path.is_dir())
    return file


def test_what_was_seen_is_recalled(tmp_path: Path) -> None:
    """Type, unit and direction of a parameter come back, from another process too."""
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == GAMMA


def test_nothing_is_recalled_of_what_was_not_seen(tmp_path: Path) -> None:
    """Another study, and the same number on another server, are not known; looking makes no file."""
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(22) == {}
    assert cache(tmp_path, "https://other.example").parameters_of(21) == {}
    assert file_of(tmp_path).name == "21.json"


def test_two_servers_do_not_mix(tmp_path: Path) -> None:
    """Each server has its own memory of a study."""
    other = {"dice.Macro.gamma": CachedParameter("int")}
    cache(tmp_path).store(21, GAMMA)
    cache(tmp_path, "https://corp.example/sostrades").store(21, other)
    assert cache(tmp_path).parameters_of(21) == GAMMA
    assert cache(tmp_path, "https://corp.example/sostrades").parameters_of(21) == other


def test_answers_add_up(tmp_path: Path) -> None:
    """A later answer adds names and directions; one that tells less erases nothing."""
    one = cache(tmp_path)
    one.store(21, {"a": CachedParameter("float", "kg"), "b": CachedParameter("int")})
    one.store(
        21, {"a": CachedParameter("float", "kg", "in", coupling=True), "y": CachedParameter("float", None, "out")}
    )
    one.store(21, {"a": CachedParameter("float", "kg")})
    assert one.parameters_of(21) == {
        "a": CachedParameter("float", "kg", "in", coupling=True),
        "b": CachedParameter("int"),
        "y": CachedParameter("float", None, "out"),
    }


def test_a_changed_type_is_believed(tmp_path: Path) -> None:
    """What an answer says of type and unit replaces what an older one said."""
    one = cache(tmp_path)
    one.store(21, GAMMA)
    one.store(21, {"dice.Macro.gamma": CachedParameter("int", "kg")})
    assert one.parameters_of(21)["dice.Macro.gamma"] == CachedParameter("int", "kg", "in", coupling=False)


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """What is known already, and an answer without parameters, leave the file as it is."""
    cache(tmp_path).store(21, {})
    assert not (tmp_path / "cache").exists()
    cache(tmp_path).store(21, GAMMA)
    before = file_of(tmp_path).stat()
    cache(tmp_path).store(21, GAMMA)
    cache(tmp_path).store(21, {})
    after = file_of(tmp_path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_file_is_private_and_names_its_server(tmp_path: Path) -> None:
    """The file can be read by its owner only."""
    cache(tmp_path).store(21, GAMMA)
    file = file_of(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(file.read_text())["host"] == HOST


@pytest.mark.parametrize("name", ["dice.Gas [CO2] & more.share %", "é\u202e\x1b[1m", "\ud800", ""])
def test_any_name_is_remembered(tmp_path: Path, name: str) -> None:
    """Odd names, half of a surrogate pair included, are remembered as they are."""
    cache(tmp_path).store(21, {name: CachedParameter("float")})
    assert cache(tmp_path).parameters_of(21) == {name: CachedParameter("float")}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{}",
        b'{"version": 99, "host": "https://corp.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 4, "host": "https://other.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 4, "host": "https://corp.example"}',
        b'{"version": 4, "host": "https://corp.example", "parameters": []}',
        b'{"version": 4, "host": "https://corp.example", "parameters": {"a": 1}}',
        b'{"version": 4, "host": "https://corp.example", "parameters": {"a": {"unit": "kg"}}}',
        b'{"version": 4, "host": "https://corp.example", "parameters": {"a": {"type": "float", "more": 1}}}',
    ],
)
def test_a_damaged_file_is_the_same_as_none(tmp_path: Path, damage: bytes) -> None:
    """Of a file that is damaged, of another version or another server nothing is recalled; it is replaced."""
    cache(tmp_path).store(21, GAMMA)
    file_of(tmp_path).write_bytes(damage)
    assert cache(tmp_path).parameters_of(21) == {}
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == GAMMA


def test_a_place_that_cannot_be_written_costs_no_error(tmp_path: Path) -> None:
    """A file in place of the folder, or a folder in place of the file, means that nothing is remembered."""
    (tmp_path / "cache").write_text("a file")
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == {}
    (tmp_path / "cache").unlink()
    cache(tmp_path).store(21, GAMMA)
    file = file_of(tmp_path)
    file.unlink()
    file.mkdir()
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == {}


def test_the_studies_that_were_seen_come_back(tmp_path: Path) -> None:
    """A study that was met is listed with what is known of it, the last one first; seeing it again moves it up."""
    one = cache(tmp_path)
    one.mark_used(23)
    one.store(21, GAMMA)
    one.store_name(21, "dice")
    assert {(s.study, s.name, s.parameters) for s in cache(tmp_path).studies()} == {(23, "", 0), (21, "dice", 1)}
    assert cache(tmp_path, "https://other.example").studies() == []
    past(tmp_path, 21)
    assert [s.study for s in one.studies()] == [23, 21]
    one.mark_used(21)
    assert [s.study for s in one.studies()] == [21, 23]
    assert {(s.study, s.name, s.parameters) for s in one.studies()} == {(23, "", 0), (21, "dice", 1)}


def test_a_name_is_kept_as_far_as_it_is_known(tmp_path: Path) -> None:
    """A name that was told stays while the keys bear it out; keys that leave one choice tell it themselves."""
    one = cache(tmp_path)
    one.store_name(21, "dice.Macro")
    one.store(21, GAMMA)
    assert cache(tmp_path).name(21) == "dice.Macro"
    one.store(21, {"other.Macro.gamma": CachedParameter("float")})
    assert (one.name(21), cache(tmp_path).name(21)) == ("", "")
    one.store(22, {"dice.gamma": CachedParameter("float"), **GAMMA})
    assert cache(tmp_path).named_studies() == {"dice": [22]}


def past(tmp_path: Path, study: int, seconds: float = 1000.0) -> None:
    """Make a study one that was seen long ago."""
    [file] = (tmp_path / "cache").rglob(f"{study}.about.json")
    then = file.stat().st_mtime - seconds
    os.utime(file, (then, then))


def test_a_forgotten_study_is_gone(tmp_path: Path) -> None:
    """Neither the study nor its parameters are known; forgetting what was never known is no error."""
    one = cache(tmp_path)
    one.store(21, GAMMA)
    one.forget(21)
    one.forget(22)
    assert (one.studies(), one.parameters_of(21), cache(tmp_path).parameters_of(21)) == ([], {}, {})


def test_the_studies_seen_longest_ago_make_room(tmp_path: Path) -> None:
    """No more than a bounded number of studies is kept, with the files of their parameters."""
    one = cache(tmp_path)
    for study in range(1, MOST_STUDIES + 1):
        one.mark_used(study)
    one.store(21, GAMMA)
    past(tmp_path, 21)
    one.mark_used(MOST_STUDIES + 1)
    kept = {s.study for s in one.studies()}
    assert (len(kept), 21 in kept, MOST_STUDIES + 1 in kept) == (MOST_STUDIES, False, True)
    assert cache(tmp_path).parameters_of(21) == {}


def test_a_file_holds_a_bounded_number_of_parameters(tmp_path: Path) -> None:
    """Of a study beyond the bound the process that has seen it knows all, a later one the bound."""
    many = {f"big.p{number:06}": CachedParameter("float") for number in range(MOST_PARAMETERS + 10)}
    one = cache(tmp_path)
    one.store(21, many)
    assert one.parameters_of(21) == many
    assert len(cache(tmp_path).parameters_of(21)) == MOST_PARAMETERS


def test_no_value_is_ever_written(tmp_path: Path) -> None:
    """What is written of a parameter is its name and what is declared of it."""
    cache(tmp_path).store(
        21, {"dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False, range=(0.0, 1.0))}
    )
    assert json.loads(file_of(tmp_path).read_text())["parameters"] == {
        "dice.Macro.gamma": {"type": "float", "unit": "-", "io_type": "in", "coupling": False, "range": [0.0, 1.0]}
    }


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": 1},
        {"type": "int", "unit": []},
        {"type": "int", "range": [0.0]},
        {"type": "int", "range": ["a", "b"]},
        {},
    ],
)
def test_fields_of_other_kinds_are_as_an_empty_memory(tmp_path: Path, spoilt: object) -> None:
    """What a file says of a parameter is taken only where every field is what it should be."""
    folders = Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)})
    StudyCache(folders, HOST).store(21, {"dice.a": CachedParameter("float")})
    [path] = [path for path in tmp_path.rglob("*.json") if "about" not in path.name]
    path.write_text(json.dumps({**json.loads(path.read_text()), "parameters": {"dice.a": spoilt}}))
    assert StudyCache(folders, HOST).parameters_of(21) == {}
