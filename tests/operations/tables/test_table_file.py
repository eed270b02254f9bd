"""Tables in Excel and parquet files, read as rows of texts."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.cell import ERROR_CODES
from xlsxwriter import Workbook

from sostrades_cli.errors import ExtraMissing, InvalidFile
from sostrades_cli.operations.tables.file_types import split_sheet
from sostrades_cli.operations.tables.rows import numbered as csv_rows
from sostrades_cli.operations.tables.table_file import as_csv, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def workbook(folder: Path, *rows: Sequence[Any], change: Callable[[Any], object] = lambda _: None) -> Path:
    """Write a sheet with openpyxl and return the path of its file."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    path = folder / "t.xlsx"
    book.save(path)
    return path


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Return a copy of a workbook in whose sheet some text is replaced."""
    copy = path.with_name("copy.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            assert old in content or not name.endswith("sheet1.xml")
            target.writestr(name, content.replace(old, new, 1) if name.endswith("sheet1.xml") else content)
    return copy


def texts(path: Path) -> list[list[str]]:
    """Return the rows of a table."""
    return [row for _, row in numbered(path)]


def uploaded(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a sheet that is written as CSV, with their lines."""
    return list(csv_rows(as_csv(path, lambda: path.with_suffix(".csv"))))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (2.5e-8, "2.5e-08"),
        (1e20, "1e+20"),
        (True, "True"),
        ("text", "text"),
        ("None", "None"),
        (None, ""),
        ("[1. 2.]", "[1. 2.]"),
        (dt.date(2020, 5, 5), "2020-05-05"),
        (dt.datetime(2020, 5, 5, 13, 30), "2020-05-05T13:30:00"),  # noqa: DTZ001 - a cell has no time zone
        (dt.time(1, 2, 3), "01:02:03"),
    ],
)
def test_cell_is_a_text_as_in_csv(tmp_path: Path, cell: object, text: str) -> None:
    path = workbook(tmp_path, ["a", "b"], [cell, "end"])
    assert texts(path) == [["a", "b"], [text, "end"]]
    assert uploaded(path)[1][1] == [text, "end"]


@pytest.mark.parametrize("text", ["5", "0.5", "01", "true", "1e3"])
def test_number_stored_as_text_stays_a_text(tmp_path: Path, text: str) -> None:
    path = workbook(tmp_path, ["a"], [text])
    assert texts(path) == [["a"], [text]]
    assert uploaded(path) == [(1, ["a"]), (2, [f"'{text}'"])]


@pytest.mark.parametrize("text", ["a,b", 'say "hi"', "two\nlines", "lone\rreturn", " blanks ", "=1+1"])
def test_odd_text_is_exact(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, cell in enumerate(["a", text]):
            sheet.write_string(line, 0, cell)
    assert [row for _, row in uploaded(path)] == [["a"], [text]]


def test_rows_have_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path, [], ["a", "b"], [1, 2], [], [3, 4])
    assert list(numbered(path)) == [(2, ["a", "b"]), (3, ["1", "2"]), (4, ["", ""]), (5, ["3", "4"])]
    assert uploaded(path) == list(numbered(path))


def test_formatted_blank_cells_beside_a_table_are_left_out(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["D9"].number_format = "0.00"
        sheet["C3"].value = " "

    assert texts(workbook(tmp_path, ["a", "b"], [1, None], change=change)) == [["a", "b"], ["1", ""]]


@pytest.mark.parametrize("cells", ["A1:B1", "A2:A3", "B1:B2"])
def test_merged_cells_are_refused(tmp_path: Path, cells: str) -> None:
    path = workbook(tmp_path, ["a", "b"], [1, 2], [3, 4], change=lambda sheet: sheet.merge_cells(cells))
    with pytest.raises(InvalidFile, match=cells):
        texts(path)


@pytest.mark.parametrize("error", ERROR_CODES)
def test_error_in_a_cell_is_refused(tmp_path: Path, error: str) -> None:
    def change(sheet: Any) -> None:
        sheet["B2"].value = error
        sheet["B2"].data_type = "e"

    with pytest.raises(InvalidFile) as caught:
        texts(workbook(tmp_path, ["a", "b"], [1, 2], change=change))
    assert ("B2" in caught.value.message, error in caught.value.message) == (True, True)


def test_formula_without_a_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="B2"):
        texts(workbook(tmp_path, ["a", "b"], [1, "=A2+1"]))


@pytest.mark.parametrize("value", [2, "two"])
def test_computed_formula_is_its_value(tmp_path: Path, value: object) -> None:
    path = tmp_path / "t.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1])
        sheet.write_formula(1, 1, "=A2+1", None, value)
    assert texts(path)[1] == ["1", str(value)]


def test_formula_may_give_an_empty_text(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a", "b"], [1, "=T(A2)"])
    changed = rewritten(path, b'<c r="B2">', b'<c r="B2" t="str">')
    assert texts(changed) == [["a", "b"], ["1", ""]]


def test_sheet_is_named_after_a_hash(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["first"], change=lambda sheet: sheet.parent.create_sheet("My #2").append(["second"]))
    named = path.with_name("t.xlsx#My #2")
    assert (split_sheet(named), split_sheet(path)) == ((path, "My #2"), (path, None))
    assert texts(named) == texts(path.with_name("t.xlsx#my #2")) == [["second"]]


def test_sheet_must_be_named_among_several(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a"], change=lambda sheet: sheet.parent.create_sheet("Two"))
    for named in (path, path.with_name("t.xlsx#None")):
        with pytest.raises(InvalidFile) as caught:
            texts(named)
        assert "Two" in f"{caught.value.message} {caught.value.hint}"


def test_hidden_sheet_needs_a_name(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        hidden = sheet.parent.create_sheet("Hidden")
        hidden.append(["b"])
        hidden.sheet_state = "hidden"

    path = workbook(tmp_path, ["a"], change=change)
    assert (texts(path), texts(path.with_name("t.xlsx#Hidden"))) == ([["a"]], [["b"]])


def test_sheet_without_cells_has_no_rows(tmp_path: Path) -> None:
    assert texts(workbook(tmp_path)) == []


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 broken"])
def test_file_that_is_not_a_workbook_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(InvalidFile):
        texts(tmp_path / "t.xlsx")


def test_document_type_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a"], ["=1"])
    with pytest.raises(InvalidFile):
        texts(rewritten(path, b"<worksheet", b"<!DOCTYPE worksheet><worksheet"))


@pytest.mark.parametrize("name", ["none.xlsx", "none.parquet"])
def test_file_that_does_not_exist_is_named_with_the_reason(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidFile, match="No such file"):
        texts(tmp_path / name)


@pytest.mark.parametrize(("module", "name"), [("python_calamine", "t.xlsx"), ("pyarrow", "t.parquet")])
def test_missing_library_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ExtraMissing):
        texts(tmp_path / name)


def test_parquet_is_a_table_of_texts(tmp_path: Path) -> None:
    columns = {
        "name": ["a", None],
        "number": [0.1, 2.0],
        "whole": pd.array([1, None], dtype="Int64"),
        "flag": [True, False],
        "list": [[1.0, 2.5], None],
    }
    pd.DataFrame(columns).to_parquet(tmp_path / "t.parquet")
    assert list(numbered(tmp_path / "t.parquet")) == [
        (1, list(columns)),
        (2, ["a", "0.1", "1", "True", "[1.0, 2.5]"]),
        (3, ["", "2", "", "False", ""]),
    ]


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_file_that_is_not_parquet_is_rejected(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(InvalidFile):
        texts(tmp_path / "t.parquet")
