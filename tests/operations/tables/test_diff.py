"""Test the comparison of two tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.tables.diff import FIRST_CELLS, CellDifference, difference

if TYPE_CHECKING:
    from collections.abc import Iterator

Table = list[list[str]]
PEOPLE: Table = [["years", "population"], ["2020", "7800.0"], ["2021", "7870.5"]]
CELLS = st.text(alphabet="abc01.", min_size=1, max_size=3)


def with_cell(table: Table, row: int, column: int, text: str) -> Table:
    """Return a table with another text in one cell."""
    changed = [list(cells) for cells in table]
    changed[row][column] = text
    return changed


@pytest.mark.parametrize(
    "other",
    [
        PEOPLE,
        with_cell(PEOPLE, 1, 1, "7800"),
        with_cell(PEOPLE, 1, 1, "7.8e3"),
        with_cell(PEOPLE, 2, 0, "+2021"),
    ],
)
def test_equal_numbers_do_not_differ(other: Table) -> None:
    assert difference(PEOPLE, other) is None


@pytest.mark.parametrize(("cell", "other"), [("", "None"), ("true", "True"), ("[1, 2]", "[1.0, 2.0]")])
def test_equal_cells_do_not_differ(cell: str, other: str) -> None:
    assert difference([["a"], [cell]], [["a"], [other]]) is None


@pytest.mark.parametrize(("cell", "other"), [("1", "True"), ("", "0"), ("a", "A"), ("nan", ""), ("1", "1.0000001")])
def test_unequal_cells_differ(cell: str, other: str) -> None:
    result = difference([["a", "b"], ["x", cell]], [["a", "b"], ["x", other]])
    assert result is not None
    assert (result.cells, result.first) == (1, [CellDifference(1, "b", cell, other)])


def test_comparison_of_cells_can_be_replaced() -> None:
    result = difference(PEOPLE, with_cell(PEOPLE, 1, 1, "7800"), same=str.__eq__)
    assert result is not None
    assert result.cells == 1


def test_differing_cell_is_reported_with_row_and_column() -> None:
    result = difference(PEOPLE, with_cell(PEOPLE, 2, 1, "8000"))
    assert result is not None
    assert result.text == "1 cell differs: row 2, population  7870.5 → 8000"
    assert result.to_json()["first"] == [{"row": 2, "column": "population", "a": "7870.5", "b": "8000"}]


def test_differing_cells_are_counted_and_the_first_shown() -> None:
    a = [["n", "m"], *([str(i), "0"] for i in range(50))]
    b = [["n", "m"], *([str(i + 1), "1"] for i in range(50))]
    result = difference(a, b)
    assert result is not None
    assert (result.cells, len(result.first)) == (100, FIRST_CELLS)
    assert [(cell.row, cell.column) for cell in result.first[:3]] == [(1, "n"), (1, "m"), (2, "n")]
    assert result.text == "100 cells differ; the first: row 1, n  0 → 1"


@pytest.mark.parametrize(("longer", "text"), [(0, "3 rows before, 2 now"), (1, "2 rows before, 3 now")])
def test_different_row_counts_are_reported(longer: int, text: str) -> None:
    tables = [PEOPLE, PEOPLE]
    tables[longer] = [*PEOPLE, ["2022", "7941.0"]]
    result = difference(*tables)
    assert result is not None
    assert (result.text, result.cells) == (text, 0)


def test_rows_and_cells_are_reported_together() -> None:
    result = difference(PEOPLE, [*with_cell(PEOPLE, 1, 1, "1"), ["2022", "7941.0"]])
    assert result is not None
    assert result.text == "2 rows before, 3 now; 1 cell differs: row 1, population  7800.0 → 1"
    assert {"rows_a": 2, "rows_b": 3, "cells": 1}.items() <= result.to_json().items()


def test_columns_are_compared_by_name() -> None:
    result = difference([["a", "b", "old"], ["1", "2", "3"]], [["new", "b", "a"], ["9", "2", "5"]])
    assert result is not None
    assert (result.only_a, result.only_b, result.order) == (["old"], ["new"], True)
    assert result.first == [CellDifference(1, "a", "1", "5")]
    assert result.text == (
        "columns left out: old; columns new: new; columns in another order; 1 cell differs: row 1, a  1 → 5"
    )


def test_order_of_columns_is_a_difference() -> None:
    result = difference([["a", "b"], ["1", "2"]], [["b", "a"], ["2", "1"]])
    assert result is not None
    assert (result.text, result.cells) == ("columns in another order", 0)


def test_columns_with_equal_names_are_compared_separately() -> None:
    result = difference([["q", "q"], ["1", "2"]], [["q", "q"], ["1", "3"]])
    assert result is not None
    assert result.cells == 1


@pytest.mark.parametrize("table", [[], [["a"]]])
def test_empty_tables_are_equal(table: Table) -> None:
    assert difference(table, table) is None


def test_table_differs_from_nothing() -> None:
    result = difference(PEOPLE, [])
    assert result is not None
    assert (result.rows_a, result.rows_b, result.only_a) == (2, 0, ["years", "population"])


def test_missing_cell_is_blank() -> None:
    assert difference([["a", "b"], ["1"]], [["a", "b"], ["1", ""]]) is None


def test_json_has_numbers_names_and_cells() -> None:
    result = difference(PEOPLE, [["years", "share"], ["2020", "1"]])
    assert result is not None
    assert json.loads(json.dumps(result.to_json())) == {
        "rows_a": 2,
        "rows_b": 1,
        "columns_only_a": ["population"],
        "columns_only_b": ["share"],
        "cells": 0,
        "first": [],
    }


def test_both_tables_are_read_in_parallel() -> None:
    """Neither is ever held completely in memory."""
    read = {"a": 0, "b": 0}
    ahead = []

    def rows(name: str) -> Iterator[list[str]]:
        for number in range(100):
            read[name] += 1
            ahead.append(abs(read["a"] - read["b"]))
            yield [str(number)]

    assert difference(rows("a"), rows("b")) is None
    assert max(ahead) == 1


@settings(deadline=None, max_examples=20)
@given(
    st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)),
    st.data(),
)
def test_single_changed_cell_is_found(rows: Table, data: st.DataObject) -> None:
    table = [[f"c{number}" for number in range(len(rows[0]))], *rows]
    row = data.draw(st.integers(1, len(rows)))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    result = difference(table, with_cell(table, row, column, "other"))
    assert result is not None
    assert (result.cells, result.first) == (1, [CellDifference(row, f"c{column}", table[row][column], "other")])
    assert difference(table, table) is None
