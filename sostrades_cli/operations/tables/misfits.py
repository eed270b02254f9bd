"""Cells that do not fit a table: how each is refused, with its line and column."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.documents import LONGEST_SHOWN
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.tables import cells, rows
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

INT, FLOAT, BOOL, STRING = "int", "float", "bool", "string"
# Arrays of numbers; and cells of which each has a type of its own.
ARRAY, LITERAL = "array", "literal"
_WHY: Final = {
    cells.COMMA: ("has a decimal comma, which the server would misread", "write {1}"),
    cells.SPACED: ("has a blank beside its digits that is no plain space: it is not a number", "write the digits only"),
    cells.ZEROS: ("begins with zeros: the server would drop them", "quote it ('{0}') for a text, or drop the zeros"),
    cells.NAN: ("stays text on the server, and the column would no longer hold numbers", "write None for no value"),
    cells.BLANK: (
        "is blank: the server would store the text '' and the column would no longer hold {}",
        "write None for no value",
    ),
}


class Notation(Enum):
    """How cells are to be read.

    In a ``FILE`` of a user quotes may stand around a text, and ``None`` is a missing value. A ``TYPED`` file was made
    from Python values: all of its texts are in quotes. A ``DOWNLOAD`` shows values as the server writes them.
    """

    FILE = "file"
    TYPED = "typed"
    DOWNLOAD = "download"


class Cause(NamedTuple):
    """Why a file is refused: cells of a column that ``fit``, and what to say of the first."""

    number: int
    fits: Callable[[str], bool]
    why: str
    hint: str


class MisfitError(Exception):
    """A cell does not fit its column."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.why)
        self.cause = cause


def of_categories(categories: Collection[str]) -> Callable[[str], bool]:
    """Return what tells whether a cell is of some categories."""
    return lambda cell: cells.category(cell) in categories


def located(path: Path, called: str, cause: Cause, notation: Notation = Notation.FILE) -> UsageError:
    """Return the error of the first cell that a cause is about."""
    downloaded = notation is Notation.DOWNLOAD
    table = enumerate(rows.server_rows(path), 1) if downloaded else rows.numbered(path)
    _, header = next(table)
    for line, row in table:
        cell = row[cause.number]
        if cause.fits(cell):
            shown = cell.strip()[:LONGEST_SHOWN]
            return UsageError(
                f"{called}, line {line}, column {header[cause.number]}: {shown!r} {cause.why}",
                hint=cause.hint.format(shown, shown.replace(",", ".")),
            )
    raise AssertionError("the survey of a file has seen what is not in it")


def cause(number: int, categories: Collection[str], called: str, why: str = "") -> Cause:
    """Return the cause that the first of some categories is."""
    first = next((one for one in _WHY if one in categories), None)
    if first is None or why:
        return Cause(number, of_categories(categories), why, "write it in quotes")
    text, hint = _WHY[first]
    return Cause(number, of_categories({first}), text.format(called), hint)


def misfit(number: int, categories: set[str], wanted: str) -> Cause:
    """Return the cause that cells of some categories are in a column of another type."""
    if categories & _WHY.keys():
        return cause(number, categories, "numbers")
    hints = {
        "number": "write a number such as 1000.5, or None for no value",
        INT: "write a whole number, or None for no value",
        BOOL: "write True or False",
        ARRAY: "write an array with blanks between its items: [1.0 2.5]; the server makes lists of arrays of one item",
    }
    why = f"is not {with_article(wanted)}, and the column would no longer hold {wanted}s as it does in the study"
    return Cause(number, of_categories(categories), why, hints[wanted])
