"""Sheets that have more than a table, and hints for sheets that can be pasted."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
from workbook_files import workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
HEADER = ("years", "population")
TABLE: tuple[tuple[Any, ...], ...] = (HEADER, (2020, 80.5), (2021, 81.5))


def hint(done: Outcome) -> str:
    """Return the hint of an error."""
    assert done.error is not None
    return done.error.hint or ""


def set_sheet(user: User, rows: Sequence[Sequence[Any]]) -> Outcome:
    """Set a table to a sheet."""
    path = workbook(user.folder, clean=rows)
    return user.types("param", "set", "21", f"Macro.population=@{path}")


@pytest.mark.parametrize(
    ("rows", "problem", "remedy"),
    [
        slow([("Population",), *TABLE], "row 2", "delete row 1"),
        ([("Population",), ("in millions",), (), *TABLE], "row 4", "delete rows 1 to 3"),
        ([(None, *row) for row in TABLE], "column A is empty", "delete column A"),
        slow([(None, None, *row) for row in TABLE], "column C", "delete columns A to B"),
        slow([*TABLE[:2], (2021, 81.5, None, "to check")], "column C is empty", "delete columns C to D"),
        slow([*TABLE[:2], (2021, 81.5, "to check")], "C1 is blank", "column C"),
        ([*TABLE, (), ("Source: UN",)], "row 5", "delete the rows from 4 on"),
        slow([*TABLE, (), ("years", "deaths"), (2020, 1.5)], "row 5", "delete the rows from 4 on"),
    ],
)
def test_sheet_with_more_than_a_table_is_rejected(
    user: User, rows: Sequence[Sequence[Any]], problem: str, remedy: str
) -> None:
    done = set_sheet(user, rows)
    assert (done.code, done.kind) == (2, "invalid_file")
    assert SENT not in user.requests
    assert problem in done.err
    assert "book.xlsx#clean" in done.err
    assert remedy in hint(done)


@pytest.mark.parametrize("rows", [slow(TABLE), [(), *TABLE], [*TABLE, (), ()]])
def test_blank_rows_around_a_table_are_allowed(user: User, rows: Sequence[Sequence[Any]]) -> None:
    assert set_sheet(user, rows).code == 0


def test_text_cell_with_a_number_is_called_a_text(user: User) -> None:
    done = set_sheet(user, [HEADER, (2020, 80.5), (2021, "7800.5")])
    assert done.code == 2
    assert "7800.5 is a text" in done.err
    assert "format of the cell" in hint(done)


def spaced(user: User, **sheets: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook whose name has a blank."""
    return workbook(user.folder, **sheets).rename(user.folder / "my book.xlsx")


@pytest.mark.parametrize("key", ["Macro.population", slow("Macro.targets"), slow("Macro.shares")])
def test_hint_for_a_sheet_without_at_sign_can_be_pasted(user: User, key: str) -> None:
    rows = {"population": TABLE, "targets": [["value"], [1.5]], "shares": [["variable", "value"], ["coal", 0.5]]}
    path = spaced(user, clean=rows[key.rpartition(".")[2]])
    done = user.types("param", "set", "21", f"{key}={path}#clean")
    assert done.code == 2
    [word] = shlex.split(hint(done).partition("file: ")[2])
    assert user.types("param", "set", "21", word).code == 0


def test_hint_for_several_sheets_can_be_pasted(user: User) -> None:
    path = spaced(user, first=TABLE, second=TABLE)
    done = user.types("param", "set", "21", f"Macro.population=@{path}", "-F", "json")
    assert done.code == 2
    [word] = shlex.split(json.loads(done.err.splitlines()[-1])["hint"].partition("such as ")[2])
    assert user.types("param", "set", "21", word).code == 0
