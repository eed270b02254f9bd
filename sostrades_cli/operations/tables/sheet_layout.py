"""Refuse sheets with more than a table: a title above it, an empty column before it, or cells beside or below it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.output.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

# A header that is further down is not searched for.
_MOST_TITLE_ROWS: Final = 10


def check_sheet(rows: Sequence[Sequence[Any]], called: str, *, is_table: bool) -> None:
    """Refuse a sheet that is not a single table with a header in its first row. Blank rows above it are allowed.

    ``rows`` are all rows of the sheet, and ``called`` is its name in errors. There may be blank rows between
    assignments and cases, for which ``is_table`` is false.

    Raises
    ------
    InvalidFile
        The error names the row or the column, and says what to do.

    """
    width = max((column for row in rows for column, cell in enumerate(row, 1) if not _is_empty(cell)), default=0)
    used = [number for number, row in enumerate(rows) if not _is_blank(row)]
    if width <= 1:
        return
    _refuse_empty_first_column([rows[number] for number in used], called)
    _refuse_title(rows, used, called)
    _refuse_cells_beside([(number, rows[number]) for number in used], width, called)
    if is_table:
        _refuse_cells_below(rows, used, called)


def reference(row: int, column: int) -> str:
    """Return the name of a cell, such as ``B2``."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """Return the name of a column, such as ``B``."""
    name, column = "", column + 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _refuse_empty_first_column(used: Sequence[Sequence[Any]], called: str) -> None:
    first = min(next((column for column, cell in enumerate(row) if not _is_empty(cell)), 0) for row in used)
    if first:
        columns = f"columns A to {letters(first - 1)}" if first > 1 else "column A"
        are = "are" if first > 1 else "is"
        raise InvalidFile(
            f"{called}: {columns} {are} empty, and the table begins in column {letters(first)}",
            hint=f"delete {columns}",
        )


def _refuse_title(rows: Sequence[Sequence[Any]], used: Sequence[int], called: str) -> None:
    """Refuse rows of a single cell above a row of several texts, which is the header."""
    top = used[0]
    if len(_values(rows[top])) != 1 or _is_empty(rows[top][0]):
        return
    header = next((number for number in used[:_MOST_TITLE_ROWS] if len(_values(rows[number])) > 1), None)
    if header is None or not all(isinstance(cell, str) for cell in _values(rows[header])):
        return
    lines = f"row {top + 1}" if header == top + 1 else f"rows {top + 1} to {header}"
    raise InvalidFile(
        f"{called}: row {top + 1} has only {_shown(rows[top][0])}, and the header seems to be row {header + 1}",
        hint=f"delete {lines}, so that the header is the first row",
    )


def _refuse_cells_beside(used: Sequence[tuple[int, Sequence[Any]]], width: int, called: str) -> None:
    top, header = used[0]
    for column in range(1, width):
        if column < len(header) and not _is_empty(header[column]):
            continue
        filled = [(number, row[column]) for number, row in used if column < len(row) and not _is_empty(row[column])]
        if filled:
            number, cell = filled[0]
            raise InvalidFile(
                f"{called}: {reference(top, column)} is blank, but its column has values, such as {_shown(cell)} in "
                f"{reference(number, column)}",
                hint=f"write the name of the column into {reference(top, column)}, or delete column {letters(column)}",
            )
        last = width - 1
        raise InvalidFile(
            f"{called}: column {letters(column)} is empty, and there are more cells beside the table, to column "
            f"{letters(last)}",
            hint=f"delete columns {letters(column)} to {letters(last)}, or move them to another sheet",
        )


def _refuse_cells_below(rows: Sequence[Sequence[Any]], used: Sequence[int], called: str) -> None:
    """Refuse a note or another table below a blank row. Other rows below a blank one belong to the table."""
    for above, number in itertools.pairwise(used):
        values = _values(rows[number])
        if number == above + 1 or not all(isinstance(cell, str) for cell in values):
            continue
        numbers_above = [column for column, cell in enumerate(rows[above]) if isinstance(cell, float)]
        texts = any(column < len(rows[number]) and isinstance(rows[number][column], str) for column in numbers_above)
        if len(values) == 1 or (numbers_above and texts and not _is_empty(rows[number][numbers_above[0]])):
            raise InvalidFile(
                f"{called}: row {above + 2} is blank, and row {number + 1} below the table has {_shown(values[0])}",
                hint=f"delete the rows from {above + 2} on, or move them to another sheet",
            )


def _values(row: Sequence[Any]) -> list[Any]:
    return [cell for cell in row if not _is_empty(cell)]


def _is_blank(row: Sequence[Any]) -> bool:
    return all(map(_is_empty, row))


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell: object) -> str:
    return repr(shortened(str(cell).strip()))
