"""Test the output of `study load -F json` as input of `--from`."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest
from conftest import slow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")


def loaded(user: User, *more: str) -> Path:
    """Write the JSON of a load of study 21."""
    path = user.folder / "loaded.json"
    path.write_text(user.types("study", "load", "21", "-F", "json", *more).out)
    return path


def value(user: User, study: int, name: str) -> object:
    """Return a value as stored on the server."""
    user.world.studies[study].settle()
    return user.world.studies[study].values[name]


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_changed_inputs_are_set(user_of: Callable[..., User], server: str) -> None:
    """Tables are left out with a note."""
    user = user_of(server)
    path = loaded(user)
    assert user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.shares={}", "Macro.note=x").code == 0
    done = user.types("param", "set", "21", "--from", str(path), "--yes", "-F", "json")
    assert done.code == 0, done.err
    keys = {row["key"] for row in json.loads(done.out) if row["old"] != row["new"]}
    assert keys == {"dice.Macro.gamma", "dice.Macro.shares", "dice.Macro.note"}
    assert (value(user, 21, "Macro.gamma"), value(user, 21, "Macro.shares")) == (0.3, {"coal": 0.4, "wind": 0.6})


def test_edited_value_is_set(user: User) -> None:
    path = loaded(user)
    path.write_text(path.read_text().replace('"value": 0.3,', '"value": 0.35,'))
    done = user.types("param", "set", "21", "--from", str(path), "-F", "json")
    assert (done.code, [row["key"] for row in json.loads(done.out)]) == (0, ["dice.Macro.gamma"])
    assert value(user, 21, "Macro.gamma") == 0.35


def test_tables_are_noted_with_the_command_that_sets_them(user: User) -> None:
    done = user.types("param", "set", "21", "--from", str(loaded(user)), "--yes")
    assert done.code == 0, done.err
    assert "study export" in done.err
    assert not [asked for asked in user.requests if asked.endswith("/parameters")]


def test_load_of_another_study_is_accepted(user: User) -> None:
    user.types("study", "copy", "21", "other")
    [copy] = [number for number, study in user.world.studies.items() if study.name == "other"]
    path = loaded(user)
    user.types("param", "set", str(copy), "Macro.gamma=0.9")
    done = user.types("param", "set", str(copy), "--from", str(path), "-F", "json")
    assert (done.code, [row["key"] for row in json.loads(done.out)]) == (0, ["other.Macro.gamma"]), done.err


def test_load_comes_through_a_pipe(user: User) -> None:
    path = loaded(user, "--match", "*gamma")
    user.types("param", "set", "21", "Macro.gamma=0.9")
    assert user.types("param", "set", "21", "--from", "-", stdin=path.read_bytes()).code == 0
    assert value(user, 21, "Macro.gamma") == 0.3


def test_value_of_another_type_is_rejected(user: User) -> None:
    path = loaded(user)
    path.write_text(path.read_text().replace('"value": 0.3,', '"value": "much",'))
    assert user.types("param", "set", "21", "--from", str(path)).code == 2


def test_dict_with_other_fields_is_a_dict_value(user: User) -> None:
    (user.folder / "w.json").write_text('{"Macro.nested": {"A": {"type": 1.0, "value": 2.0}}}')
    assert user.types("param", "set", "21", "--from", str(user.folder / "w.json")).code == 0
    assert value(user, 21, "Macro.nested") == {"A": {"type": 1.0, "value": 2.0}}


# Tables of a load ------------------------------------------------------------------------------------


def listed(user: User, ending: str, *edits: tuple[str, object]) -> Path:
    """Write the table of a load of study 21, and change values in it."""
    path = user.folder / f"inputs.{ending}"
    assert user.types("study", "load", "21", "-o", str(path)).code == 0
    if ending == "csv":
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        rows = [[*row[:3], str(dict(edits).get(row[0], row[3]))] for row in rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.load_workbook(path)
        for name, _, _, cell in book.active.iter_rows(min_row=2):
            cell.value = dict(edits).get(name.value, cell.value)
        book.active.insert_rows(4)
        book.save(path)
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_edited_cells_of_a_table_are_set(user_of: Callable[..., User], server: str, ending: str) -> None:
    user = user_of(server)
    path = listed(user, ending, ("dice.Macro.gamma", 0.35), ("dice.Macro.scenario", "rainy"))
    done = user.types("param", "set", "21", "--from", str(path), "--yes", "-F", "json")
    assert done.code == 0, done.err
    keys = {row["key"] for row in json.loads(done.out) if row["old"] != row["new"]}
    assert keys == {"dice.Macro.gamma", "dice.Macro.scenario"}
    assert (value(user, 21, "Macro.gamma"), value(user, 21, "Macro.scenario")) == (0.35, "rainy")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_table_of_a_load_without_edits_changes_nothing(user: User, ending: str) -> None:
    done = user.types("param", "set", "21", "--from", str(listed(user, ending)))
    assert done.code == 0, done.err
    assert not [asked for asked in user.requests if asked.endswith("/parameters")]


def test_table_of_a_load_comes_through_a_pipe(user: User) -> None:
    path = listed(user, "csv", ("dice.Macro.gamma", 0.35))
    assert user.types("param", "set", "21", "--from", "-", stdin=path.read_bytes()).code == 0
    assert value(user, 21, "Macro.gamma") == 0.35


def test_wrong_cell_of_a_table_is_rejected(user: User) -> None:
    path = listed(user, "xlsx", ("dice.Macro.gamma", "much"))
    assert user.types("param", "set", "21", "--from", str(path)).code == 2


def test_list_of_parameters_can_be_set_again(user: User) -> None:
    """It has outputs and solver settings, too."""
    path = user.folder / "list.csv"
    assert user.types("param", "list", "21", "--all", "-o", str(path)).code == 0
    path.write_text(path.read_text(encoding="utf-8").replace(",0.3\n", ",0.35\n"), encoding="utf-8")
    done = user.types("param", "set", "21", "--from", str(path), "-F", "json")
    assert (done.code, [row["key"] for row in json.loads(done.out)]) == (0, ["dice.Macro.gamma"]), done.err


def test_total_below_a_table_is_reported_alone(user: User) -> None:
    path = listed(user, "xlsx")
    book = openpyxl.load_workbook(path)
    book.active.append(["Total", None, None, 27])
    book.save(path)
    done = user.types("param", "set", "21", "--from", str(path))
    assert (done.code, done.kind, done.err.count("there is no parameter")) == (5, "not_found", 1)
