"""Workbooks that LibreOffice wrote are read as people see them; see tests/workbooks/README.md."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.calc.design.table import digest_of_cells
from sostrades_cli.operations.tables.table_file import numbered

if TYPE_CHECKING:
    from conftest import User

FILES: Final = Path(__file__).parents[1] / "workbooks"
SENT = "POST /api/v0/study-case/21/parameters"


def texts(name: str) -> list[list[str]]:
    """Return the rows of a file or of its sheet."""
    return [row for _, row in numbered(FILES / name)]


@pytest.fixture
def book(user: User) -> Path:
    """Return a copy of the workbook in the user's folder."""
    return Path(shutil.copy(FILES / "book.xlsx", user.folder))


def values(user: User, *keys: str) -> Any:
    """Return values of study 21."""
    return list(json.loads(user.types("param", "get", "21", *keys, "-F", "json").out).values())


@pytest.mark.parametrize(
    ("sheet", "rows"),
    [
        ("Dates", [["2020-05-05", "2020-05-05T13:30:00", "01:02:03", "0.25"], ["1999-12-31", "2000-02-29"]]),
        ("Texts", [["5"], ["0.5"], ["01"], ["=1+1"], ["tonnes of CO₂ · Zürich"], ["two\nlines"]]),
        ("Blanks", [["2020", "", "1.5"], ["", "", ""], ["2021", "2.5", ""]]),
        ("Formulas", [["2020", "4040", "year 2020", "True"], ["2021", "673.666666666667", "", "False"]]),
        ("Population", [["2020", "80.5"], ["2021", "81"], ["2022", "0.1"], ["2023", "1e+20"], ["2024", "2.5e-08"]]),
    ],
)
def test_cells_have_the_displayed_values(sheet: str, rows: list[list[str]]) -> None:
    result = texts(f"book.xlsx#{sheet}")[1:]
    assert [row[: len(expected)] for row, expected in zip(result, rows, strict=False)] == rows


@pytest.mark.parametrize(("sheet", "cells"), [("Merged", "A1:B1"), ("Errors", "B2")])
def test_cells_without_a_plain_value_are_refused(sheet: str, cells: str) -> None:
    with pytest.raises(InvalidFile, match=cells):
        texts(f"book.xlsx#{sheet}")


def test_numbers_stored_as_text_stay_texts_in_a_study(user: User, book: Path) -> None:
    done = user.types("param", "set", "21", f"Macro.population=@{book}#Texts", "--force")
    assert done.code == 0, done.err
    assert [row["text"] for row in values(user, "Macro.population", "Macro.gamma")[0]][:4] == ["5", "0.5", "01", "=1+1"]


def test_assignments_are_read(user: User, book: Path) -> None:
    done = user.types("param", "set", "21", "--from", f"{book}#Values", "--yes")
    assert done.code == 0, done.err
    assert values(user, "Macro.gamma", "Macro.periods", "Macro.use_damage") == [0.5, 7, False]
    assert len(values(user, "Macro.population", "Macro.gamma")[0]) == 5


def test_cases_of_a_sweep_are_read(user: User, book: Path) -> None:
    results = user.folder / "results.json"
    words = ("--collect", "Damage.total_damage", "-o", str(results))
    assert user.types("calc", "sweep", "21", f"{book}#Cases", *words).code == 0
    result = json.loads(results.read_text())
    assert [(row["case"], row["Macro.gamma"], row["Macro.use_damage"]) for row in result] == [
        ("low", 0.1, True),
        ("no damage", 0.3, False),
    ]


def test_tables_opened_and_saved_are_unchanged(user: User) -> None:
    path = FILES / "study.xlsx"
    header, *rows = openpyxl.load_workbook(path)["parameters"].iter_rows(values_only=True)
    listed = [dict(zip(map(str, header), row, strict=True)) for row in rows]
    inputs = {row["parameter"] for row in json.loads(user.types("param", "list", "21", "--inputs", "-F", "json").out)}
    pairs = [f"{row['parameter']}=@{path}#{row['sheet']}" for row in listed if row["sheet"]]
    chosen = [pair for pair in pairs if pair.partition("=")[0] in inputs]
    assert len(chosen) > 3
    done = user.types("param", "set", "21", *chosen, "--dry-run", "-F", "json")
    assert (done.code, json.loads(done.out)) == (0, []), done.err


def test_design_opened_and_saved_is_the_same_design() -> None:
    (header, *cases), (_, *saved) = (texts(f"cases.{form}") for form in ("csv", "xlsx"))
    assert digest_of_cells(header, cases) == digest_of_cells(header, saved)
    # The spreadsheet saves 15 digits.
    assert [float(row[1]) for row in saved] == pytest.approx([float(row[1]) for row in cases], rel=1e-14)
    assert cases != saved


def test_changed_cell_is_another_design() -> None:
    header, *cases = texts("cases.csv")
    changed = [[*cases[0][:1], "0.132524136314", *cases[0][2:]], *cases[1:]]
    assert digest_of_cells(header, cases) != digest_of_cells(header, changed)
