"""Compare two tables cell by cell while reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import DICT_TYPES
from sostrades_cli.operations.tables.equality import equal_cells
from sostrades_cli.output.text import counted, listed, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLANK: Final = "(blank)"
# Cells that are kept of those that differ.
FIRST_CELLS: Final = 10


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell that differs: its row (1 is the first row below the header), its column and both texts."""

    row: int
    column: str
    a: str
    b: str

    def to_json(self) -> dict[str, Any]:
        """Return the cell for JSON output."""
        return {"row": self.row, "column": self.column, "a": self.a, "b": self.b}


@dataclass(slots=True)
class TableDifference:
    """The difference of two tables: numbers of rows and columns, columns that only one has, and cells that differ.

    ``order`` is true if the common columns are in another order. ``cells`` counts the cells that differ, and ``first``
    are the first few of them.
    """

    rows_a: int = 0
    rows_b: int = 0
    columns_a: int = 0
    columns_b: int = 0
    only_a: list[str] = field(default_factory=list)
    only_b: list[str] = field(default_factory=list)
    order: bool = False
    cells: int = 0
    first: list[CellDifference] = field(default_factory=list)

    def note(self, cell: CellDifference) -> None:
        """Count a cell that differs."""
        self.cells += 1
        # Tables can differ in millions of cells, so only the first few are stored.
        if len(self.first) < FIRST_CELLS:
            self.first.append(cell)

    @property
    def layout(self) -> list[str]:
        """The differences in rows and columns, in words."""
        parts = [f"{counted(self.rows_a, 'row')} before, {self.rows_b} now"] * (self.rows_a != self.rows_b)
        parts += [f"columns left out: {listed(self.only_a)}"] * bool(self.only_a)
        parts += [f"columns new: {listed(self.only_b)}"] * bool(self.only_b)
        parts += ["columns in another order"] * self.order
        return parts

    @property
    def lines(self) -> list[str]:
        """The first cells that differ, a line each, and the number of the others."""
        lines = [f"row {cell.row}, {shortened(cell.column)}: {_change(cell)}" for cell in self.first]
        return [*lines, f"and {self.cells - len(self.first)} more"] if self.cells > len(self.first) else lines

    @property
    def text(self) -> str:
        """The difference in one line."""
        parts = self.layout
        if self.first:
            cell = self.first[0]
            many = f"{self.cells} cells differ; the first" if self.cells > 1 else "1 cell differs"
            parts.append(f"{many}: row {cell.row}, {shortened(cell.column)}  {_change(cell)}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the difference for JSON output."""
        return {
            "rows_a": self.rows_a,
            "rows_b": self.rows_b,
            "columns_only_a": self.only_a,
            "columns_only_b": self.only_b,
            "cells": self.cells,
            "first": [cell.to_json() for cell in self.first],
        }


def _change(cell: CellDifference) -> str:
    return f"{shortened(cell.a) or BLANK} → {shortened(cell.b) or BLANK}"


def arranged(rows: Iterator[list[str]], kind: str | None) -> Iterator[list[str]]:
    """Yield rows so that two tables of this type can be compared.

    The server loses the order of the keys of a dict, and the column of an array may have any name.
    """
    if kind == "array":
        next(rows, None)
        yield ["value"]
        yield from rows
    elif kind in DICT_TYPES:
        yield next(rows, [])
        yield from sorted(rows, key=lambda row: row[:1])
    else:
        yield from rows


def difference(
    a: Iterable[list[str]], b: Iterable[list[str]], same: Callable[[str, str], bool] = equal_cells
) -> TableDifference | None:
    """Return the difference of two tables, or ``None`` if they are equal. Columns are compared by name.

    The first row of a table is its header. Both tables are read once, row by row.
    """
    rows_a, rows_b = iter(a), iter(b)
    header_a, header_b = next(rows_a, []), next(rows_b, [])
    result = TableDifference(columns_a=len(header_a), columns_b=len(header_b))
    result.only_a = [name for name in header_a if name not in header_b]
    result.only_b = [name for name in header_b if name not in header_a]
    shared = [name for name in header_a if name in header_b]
    result.order = shared != [name for name in header_b if name in header_a]
    same_header = header_a == header_b
    # Two columns may have the same name, so equal headers are compared by position.
    positions_a = range(len(header_a)) if same_header else [header_a.index(name) for name in shared]
    positions_b = positions_a if same_header else [header_b.index(name) for name in shared]
    pairs = list(zip(shared, positions_a, positions_b, strict=True))
    for number, (row_a, row_b) in enumerate(zip_longest(rows_a, rows_b), 1):
        result.rows_a += row_a is not None
        result.rows_b += row_b is not None
        # Most rows are equal, and comparing them cell by cell takes much longer.
        if row_a is None or row_b is None or (same_header and row_a == row_b):
            continue
        _compare(result, number, row_a, row_b, pairs, same)
        if (len(row_a) > len(header_a)) != (len(row_b) > len(header_b)):
            # A row with more cells than the header is broken, even if the other cells are equal.
            result.note(CellDifference(number, "number of cells", str(len(row_a)), str(len(row_b))))
    return None if same_header and result.rows_a == result.rows_b and not result.cells else result


def _compare(
    difference: TableDifference,
    number: int,
    row_a: list[str],
    row_b: list[str],
    pairs: list[tuple[str, int, int]],
    same: Callable[[str, str], bool],
) -> None:
    for name, position_a, position_b in pairs:
        cell_a = row_a[position_a] if position_a < len(row_a) else ""
        cell_b = row_b[position_b] if position_b < len(row_b) else ""
        if cell_a != cell_b and not same(cell_a, cell_b):
            difference.note(CellDifference(number, name, cell_a, cell_b))
