"""Tables as Excel workbooks."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from conftest import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sostrades_cli.errors import WriteFailed
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.render import RenderOptions, render
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell
from sostrades_cli.output.xlsx import LONGEST_TEXT, MOST_ROWS, Sheet, sheet_names, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User


def written(folder: Path, *cells: object, file: str = "x.xlsx") -> Path:
    """Write a column of cells into a workbook and return its path."""
    path = folder / file
    notes = Messages(Terminal(), notes_enabled=True, verbose=False, color=False, as_json=False)
    result = Rows(("c",), [(cell,) for cell in cells])
    render(result, RenderOptions(format="xlsx", stdout=Terminal(), notes=notes, output=path))
    return path


def read(folder: Path, *cells: object) -> list[Any]:
    """Return the cells of a written column, as the values and types that a spreadsheet has."""
    sheet = CalamineWorkbook.from_path(written(folder, *cells)).get_sheet_by_index(0)
    return [row[0] for row in sheet.to_python(skip_empty_area=False)[1:]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "01", "1", "true", "http://a.b", "{=A1}", "mailto:a@b.c"])
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    [cell] = read(tmp_path, text)
    kept = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A2"]
    assert (cell, kept.data_type, kept.value, kept.hyperlink) == (text, "s", text, None)


def test_types_are_kept(tmp_path: Path) -> None:
    cells = [1, 0.5, True, "a", None, "end"]
    assert list(map(repr, read(tmp_path, *cells))) == ["1.0", "0.5", "True", "'a'", "''", "'end'"]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_float_is_exact(tmp_path_factory: pytest.TempPathFactory, cells: list[float]) -> None:
    assert list(map(repr, read(tmp_path_factory.mktemp("x"), *cells))) == list(map(repr, cells))


def test_large_integer_is_text(tmp_path: Path) -> None:
    """A number of 2^53 may have been rounded from the next integer."""
    cells = [2**53 - 1, 1 - 2**53, 2**53, -(2**53), 2**53 + 1, -(2**70)]
    assert read(tmp_path, *cells) == [*cells[:2], *map(str, cells[2:])]


def test_numbers_that_are_not_finite_are_as_in_csv(tmp_path: Path) -> None:
    assert read(tmp_path, math.nan, math.inf, -math.inf) == ["NaN", "Infinity", "-Infinity"]


def test_lists_and_shortened_cells_are_whole(tmp_path: Path) -> None:
    assert read(tmp_path, [1.0, None], {"a": 1}, TextCell([1, 2], "2 items")) == ["[1.0, null]", '{"a": 1}', "[1, 2]"]


@pytest.mark.parametrize("text", ["a\nb", "\x01", "_x0041_", "  blanks ", "é☃\U0001f600", "<&>\"'"])
def test_odd_text_is_exact(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == [text]


def test_lone_surrogate_is_escaped(tmp_path: Path) -> None:
    assert read(tmp_path, "\udc00") == ["\\udc00"]


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "\U0001f600" * (LONGEST_TEXT // 2 + 1)])
def test_text_too_long_for_a_cell_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(WriteFailed):
        written(tmp_path, text)
    assert list(tmp_path.iterdir()) == []


def test_table_too_large_for_a_sheet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        written(tmp_path, *[None] * MOST_ROWS)
    assert list(tmp_path.iterdir()) == []


def test_longest_text_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, "x" * LONGEST_TEXT) == ["x" * LONGEST_TEXT]


def test_file_has_no_time_of_its_own(tmp_path: Path) -> None:
    assert openpyxl.load_workbook(written(tmp_path, 1)).properties.created.year == 2000


def test_missing_library_is_an_error_before_a_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    done = user.types("param", "list", "21", "-o", str(user.folder / "x.xlsx"))
    assert (done.code, done.kind, user.requests) == (2, "extra_missing", [])
    assert done.error is not None
    assert "[excel]" in str(done.error.hint)


# Names of sheets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Macro.population", "a name", "é☃", "x" * 31])
def test_valid_name_is_kept(name: str) -> None:
    assert sheet_names([name]) == [name]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text(max_size=40), unique=True, max_size=6))
def test_any_names_can_be_written(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("x") / "x.xlsx"
    write_workbook([Sheet(name, ("a",), [(1,)]) for name in ["first", *sheet_names(names)]], path)
    assert CalamineWorkbook.from_path(path).sheet_names == ["first", *sheet_names(names)]


@pytest.mark.parametrize(
    "pair", [("Table", "table"), ("x" * 40 + "a", "x" * 40 + "b"), ("a/b", "a:b"), ("History", "")]
)
def test_similar_names_stay_distinct(pair: tuple[str, str]) -> None:
    assert len({name.casefold() for name in sheet_names(pair)}) == 2
