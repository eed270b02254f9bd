"""Test files that are not the table they are set for: empty ones, or ones without its columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow, slow

from server_stub.values import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

ERROR = "404: Not Found"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22\nsize 12345\n"
LOGIN = "<!DOCTYPE html>\n<html><head><title>Sign in, please</title></head>\n<body></body>\n</html>\n"
EMPTY = "years,population\n"
OTHER = "year,people\n2020,1.0\n"
RENAMED = "years,pop\n2020,1.0\n2021,2.0\n"
LEFT_OUT = "years\n2020\n2021\n"
UNLIKE = [ERROR, POINTER, LOGIN, EMPTY, OTHER, RENAMED, LEFT_OUT, '{"message": "Not Found"}', "years population\nx y\n"]
BOOLEANS = Table(("years", "population", "active"), ((2020, 1.0, True), (2021, 2.0, False)))
SENDABLE = [ERROR, EMPTY, OTHER, RENAMED, LEFT_OUT]


def file_of(user: User, content: str, name: str = "t.csv") -> str:
    """Write a file and return its path."""
    (user.folder / name).write_text(content)
    return str(user.folder / name)


def by_argument(user: User, content: str) -> list[str]:
    """Return the arguments that set a table."""
    return ["param", "set", "21", f"Macro.population=@{file_of(user, content)}"]


def by_file(user: User, content: str) -> list[str]:
    """Return the arguments that set a table named in a file of assignments."""
    file_of(user, content)
    return ["param", "set", "21", "--from", file_of(user, "key,value\nMacro.population,@t.csv\n", "pairs.csv")]


def by_folder(user: User, content: str) -> list[str]:
    """Return the arguments that apply an export with a replaced table."""
    if not (user.folder / "e").exists():
        assert user.types("study", "export", "21", str(user.folder / "e")).code == 0
    (user.folder / "e" / "data" / "Macro.population.csv").write_text(content)
    return ["study", "apply", str(user.folder / "e"), "21", "--yes"]


def by_sweep(user: User, content: str) -> list[str]:
    """Return the arguments that sweep a table."""
    file_of(user, content)
    cases = file_of(user, "case,Macro.population\na,@t.csv\n", "cases.csv")
    return ["calc", "sweep", "21", cases, "--collect", "Macro.output", "-o", str(user.folder / "results.csv")]


def sent(user: User) -> int:
    """Return the number of sent changes and runs."""
    return sum("POST" in asked and ("/parameters" in asked or "/execute" in asked) for asked in user.requests)


@pytest.mark.parametrize("content", mostly_slow(UNLIKE, 4))
@pytest.mark.parametrize("words", [by_argument, slow(by_file), by_folder, by_sweep])
def test_table_without_rows_or_a_known_column_is_rejected(
    user: User, words: Callable[[User, str], list[str]], content: str
) -> None:
    before = user.world.studies[21].values["Macro.population"]
    done = user.types(*words(user, content), "-q")
    assert (done.code, sent(user)) == (2, 0)
    assert ".csv" in done.err
    assert user.world.studies[21].values["Macro.population"] == before


@pytest.mark.parametrize("content", mostly_slow(SENDABLE, 4))
@pytest.mark.parametrize("words", [by_argument, slow(by_file), by_folder])
def test_force_sends_the_file(user: User, words: Callable[[User, str], list[str]], content: str) -> None:
    """A dry run reports the rejection."""
    dry = user.types(*words(user, content), "--dry-run")
    assert (dry.code, ".csv" in dry.err) == (2, True)
    assert user.types("param", "history", "21", "-F", "tsv").out.count("\n") <= 1
    done = user.types(*words(user, content), "--force")
    assert done.code == 0, done.err
    user.world.studies[21].settle()
    stored = user.world.studies[21].values["Macro.population"]
    assert isinstance(stored, Table)
    assert ",".join(stored.columns) == content.splitlines()[0]
    assert user.types("param", "undo", "21", "--yes").code == 0


@pytest.mark.parametrize("key", ["Macro.weights", "Macro.targets", "Macro.shares", "Macro.regions"])
@pytest.mark.parametrize("content", [ERROR, slow(POINTER), slow(LOGIN)])
def test_array_list_and_dict_are_not_emptied(user: User, key: str, content: str) -> None:
    """Their headers vary, so the first lines and the rows are checked."""
    before = user.world.studies[21].values[key]
    assert user.types("param", "set", "21", f"{key}=@{file_of(user, content)}").code == 2
    assert (user.world.studies[21].values[key], sent(user)) == (before, 0)


@pytest.mark.parametrize(("key", "header"), [("Macro.targets", "value"), ("Macro.shares", "variable,value")])
def test_list_and_dict_are_emptied_with_force(user: User, key: str, header: str) -> None:
    file, before = file_of(user, header), user.world.studies[21].values[key]
    assert user.types("param", "set", "21", f"{key}=@{file}").code == 2
    assert user.types("param", "set", "21", f"{key}=@{file}", "--force").code == 0
    assert user.types("param", "undo", "21").code == 0
    user.world.studies[21].settle()
    assert user.world.studies[21].values[key] == before


def test_hint_for_an_empty_list_works(user: User) -> None:
    done = user.types("param", "set", "21", f"Macro.targets=@{file_of(user, 'value')}")
    assert (done.code, "Macro.targets:='[]'" in done.err) == (2, True)
    assert user.types("param", "set", "21", "Macro.targets:=[]").code == 0
    assert user.types("param", "set", "21", f"Macro.targets=@{file_of(user, 'value')}").code == 0


@pytest.mark.parametrize("cell", ["yes", slow("WAHR"), "'True'", slow("2")])
@pytest.mark.parametrize("words", [by_argument, by_file, by_sweep])
def test_other_cell_in_a_column_of_booleans_is_rejected(
    user: User, words: Callable[[User, str], list[str]], cell: str
) -> None:
    study = user.world.studies[21]
    study.values["Macro.population"] = BOOLEANS
    done = user.types(*words(user, f"years,population,active\n2020,1.0,{cell}\n2021,2.0,True\n"))
    assert (done.code, sent(user)) == (2, 0)
    assert "line 2, column active" in str(done.error and f"{done.error.message} {done.error.detail}")
    assert study.values["Macro.population"] == BOOLEANS


def test_other_cell_in_a_column_of_booleans_is_sent_with_force(user: User) -> None:
    study = user.world.studies[21]
    study.values["Macro.population"] = BOOLEANS
    words = by_argument(user, "years,population,active\n2020,1.0,yes\n2021,2.0,True\n")
    assert user.types(*words, "--force").code == 0
    stored_value = study.values["Macro.population"]
    assert isinstance(stored_value, Table)
    assert stored_value.column("active") == ["yes", "True"]
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert study.values["Macro.population"] == BOOLEANS


def test_data_frame_without_known_columns_is_rejected(user: User) -> None:
    import pandas as pd  # noqa: PLC0415 - half a second

    from sostrades_cli.errors import UsageError  # noqa: PLC0415

    study = user.client().study(21)
    with pytest.raises(UsageError):
        study.set({"Macro.population": pd.DataFrame({"wrong": [1.0]})})
    study.set({"Macro.population": pd.DataFrame({"wrong": [1.0]})}, force=True)


def test_rejection_names_the_columns(user: User) -> None:
    done = user.types("param", "set", "21", f"Macro.population=@{file_of(user, RENAMED)}")
    assert done.code == 2
    assert all(word in done.err for word in ("t.csv", "columns of the file: years, pop\n", "years, population"))
    assert "note" not in done.err


def test_data_frame_without_a_column_is_rejected(user: User) -> None:
    import pandas as pd  # noqa: PLC0415 - half a second

    from sostrades_cli.errors import UsageError  # noqa: PLC0415

    study = user.client().study(21)
    with pytest.raises(UsageError):
        study.set({"Macro.population": pd.DataFrame({"years": [2020]})})
    study.set({"Macro.population": pd.DataFrame({"years": [2020]})}, force=True)


def test_dict_of_tables_without_a_column_is_rejected(user: User) -> None:
    lines = user.types("param", "get", "21", "Macro.regions").out.splitlines()
    renamed = "\n".join([f"{lines[0]}x", *lines[1:]])
    done = user.types("param", "set", "21", f"Macro.regions=@{file_of(user, renamed)}")
    assert (done.code, sent(user)) == (2, 0), done.err


def test_further_column_is_sent(user: User) -> None:
    """A model may take any columns."""
    file = file_of(user, "years,population,more\n2020,1.0,2\n")
    done = user.types("param", "set", "21", f"Macro.population=@{file}")
    assert (done.code, "more" in done.err) == (0, True)


# Notes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [["-F", "json"], ["-F", "json", "--dry-run"], ["-F", "json", "-q"]])
def test_notes_on_columns_are_in_the_json_result(user: User, options: list[str]) -> None:
    stored = user.world.studies[21].values  # noqa: PD011 - of the stub
    stored["Carbon.price"] = Table(("years", "price", "code"), ((2020, 1.0, "a"),))
    file = file_of(user, "years,price,label\n2020,2.5,1\n2021,3.5,b\n")
    done = user.types("param", "set", "21", f"Carbon.price=@{file}", "Macro.gamma=0.9", "--force", *options)
    assert done.code == 0, done.err
    gamma, price = sorted(json.loads(done.out), key=lambda item: str(item["key"]), reverse=True)
    assert gamma["notes"] == []
    texts, other = price["notes"]
    assert ("label" in texts, "label" in other, "code" in other) == (True, True, True)


def test_notes_of_several_rounds_are_kept(user: User) -> None:
    """`study apply` sends changes in rounds."""
    words = by_folder(user, "years,population,more\n2020,1.0,2\n")
    [change] = json.loads(user.types(*words, "-F", "json").out)
    assert "more" in " ".join(change["notes"])


def test_notes_on_many_columns_are_shortened(user: User) -> None:
    names = [f"column_{number}" * 20 for number in range(1000)]
    lines = [",".join(["years", "population", *names]), ",".join(["2020", "1.0", *["x"] * 500, *["1"] * 500])]
    lines += [",".join(["2021", "1.0", *["x"] * 1000])]
    done = user.types("param", "set", "21", f"Macro.population=@{file_of(user, chr(10).join(lines))}")
    assert done.code == 0, done.err
    assert "995 more" in done.err
    assert "495 more" in done.err
    assert max(map(len, done.err.splitlines())) < 1000
    assert len(done.err.splitlines()) < 6
