"""Compares two tables cell by cell while reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import DICT_TYPES
from sostrades_cli.operations.tables.equality import equal_cells
from sostrades_cli.output.text import counted, listed, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FIRST_CELLS: Final = 5


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell that differs: its row (from 1, below the header), its column and both texts."""

    row: int
    column: str
    a: str
    b: str

    def to_json(self) -> dict[str, Any]:
        """Return the cell for JSON output."""
        return {"row": self.row, "column": self.column, "a": self.a, "b": self.b}


@dataclass(slots=True)
class TableDifference:
    """The difference of two tables: numbers of rows, columns of only one of them, and cells that differ."""

    rows_a: int = 0
    rows_b: int = 0
    only_a: list[str] = field(default_factory=list)
    only_b: list[str] = field(default_factory=list)
    order: bool = False
    cells: int = 0
    first: list[CellDifference] = field(default_factory=list)

    def note(self, cell: CellDifference) -> None:
        """Count a cell that differs."""
        self.cells += 1
        # Tables can differ in millions of cells.
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
    def text(self) -> str:
        """The difference in one line."""
        parts = self.layout
        if self.first:
            cell = self.first[0]
            many = f"{self.cells} cells differ; the first" if self.cells > 1 else "1 cell differs"
            parts.append(f"{many}: row {cell.row}, {shortened(cell.column)}  {shortened(cell.a)} → {shortened(cell.b)}")
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
    """Return the difference of two tables, ``None`` if they are equal; columns are compared by name.

    The first row of a table is its header. Both tables are read once, row by row.
    """
    rows_a, rows_b = iter(a), iter(b)
    header_a, header_b = next(rows_a, []), next(rows_b, [])
    found = TableDifference()
    found.only_a = [name for name in header_a if name not in header_b]
    found.only_b = [name for name in header_b if name not in header_a]
    shared = [name for name in header_a if name in header_b]
    found.order = shared != [name for name in header_b if name in header_a]
    alike = header_a == header_b
    # Two columns may have the same name: then only their positions distinguish them.
    places = range(len(header_a)) if alike else [header_a.index(name) for name in shared]
    others = places if alike else [header_b.index(name) for name in shared]
    pairs = list(zip(shared, places, others, strict=True))
    for number, (one, other) in enumerate(zip_longest(rows_a, rows_b), 1):
        found.rows_a += one is not None
        found.rows_b += other is not None
        # Most rows are equal, and comparing them cell by cell takes much longer.
        if one is None or other is None or (alike and one == other):
            continue
        _compare(found, number, one, other, pairs, same)
        if (len(one) > len(header_a)) != (len(other) > len(header_b)):
            # A row with more cells than the header is broken, whatever the cells hold.
            found.note(CellDifference(number, "number of cells", str(len(one)), str(len(other))))
    return None if alike and found.rows_a == found.rows_b and not found.cells else found


def _compare(
    difference: TableDifference,
    number: int,
    first: list[str],
    other: list[str],
    pairs: list[tuple[str, int, int]],
    same: Callable[[str, str], bool],
) -> None:
    for name, left, right in pairs:
        old, new = first[left] if left < len(first) else "", other[right] if right < len(other) else ""
        if old != new and not same(old, new):
            difference.note(CellDifference(number, name, old, new))
