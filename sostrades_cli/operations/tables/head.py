"""The head of a table: its size, its columns and its first rows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli import number_text
from sostrades_cli.operations.tables import cells, downloads

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json

HEAD_ROWS: Final = 5
NUMBER, BOOL, TEXT = "number", "bool", "text"


class TableHead(NamedTuple):
    """The number of rows of a table, its columns, and its first rows: as written, and typed."""

    rows: int
    columns: list[str]
    written: list[list[str]]
    typed: list[list[Json]]


def read_head(content: bytes) -> TableHead:
    """Read the size, the columns and the first rows of a CSV file.

    The types are those of ``param get``: texts in a column with any text, otherwise numbers or bools. A blank cell has
    no value.
    """
    rows = downloads.each_row(content)
    columns = next(rows, [])
    head = list(itertools.islice(rows, HEAD_ROWS))
    kinds: dict[int, set[str]] = {number: set() for number in range(len(columns))}
    count = 0
    for count, row in enumerate(itertools.chain(head, rows), 1):  # noqa: B007 - the count of all rows
        for number, cell in enumerate(row[: len(columns)]):
            # A column with a text stays one, whatever its other cells are.
            if kinds[number] != {TEXT}:
                kind = kinds[number] | _kinds(cell)
                kinds[number] = {TEXT} if TEXT in kind or len(kind) > 1 else kind
    typed = [[_cell(cell, kinds.get(number, set())) for number, cell in enumerate(row)] for row in head]
    return TableHead(count, columns, head, typed)


def _kinds(cell: str) -> set[str]:
    """Return the kind of a cell, none for a cell without a value."""
    if cell in cells.EMPTY:
        return set()
    if number_text.number(cell) is not None:
        return {NUMBER}
    return {BOOL} if cell in {"True", "False"} else {TEXT}


def _cell(cell: str, kinds: set[str]) -> Json:
    if not cell:
        return None
    return cell if kinds == {TEXT} else cells.literal(cell)
