"""Errors for cells that do not fit a table, with line and column."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import InvalidValue
from sostrades_cli.operations.tables import cells, rows
from sostrades_cli.output.text import with_article
from sostrades_cli.safe_parsers import LONGEST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

INT, FLOAT, BOOL, STRING = "int", "float", "bool", "string"
# Arrays of numbers; and cells of which each has a type of its own.
ARRAY, LITERAL = "array", "literal"
_WHY: Final = {
    cells.COMMA: ("has a comma, which the server would misread", "write a decimal point"),
    cells.SPACED: ("contains a blank that is not a plain space: the server would read a text", "remove that blank"),
    cells.ZEROS: ("begins with zeros, which the server would remove", "remove the zeros"),
    cells.NAN: ("would be text on the server, and so would the whole column", "write None for a missing value"),
    cells.BLANK: (
        "is blank: the server would store the text '' and the column would no longer hold {}",
        "write None for a missing value",
    ),
}


class Notation(Enum):
    """The notation of the cells of a file.

    In the ``FILE`` of a user, texts may have quotes, and ``None`` is a missing value. A ``TYPED`` file was made from
    Python values; all of its texts have quotes. A ``DOWNLOAD`` shows values as the server writes them.
    """

    FILE = "file"
    TYPED = "typed"
    DOWNLOAD = "download"


class Cause(NamedTuple):
    """The cause of an error: the number of the column, a test for its wrong cells, reason and hint.

    If the cell may be meant as a value of the ``respelled`` categories, the hint shows how to write that. If
    ``takes_texts``, the hint also shows how to write the cell as a text.
    """

    number: int
    fits: Callable[[str], bool]
    why: str
    hint: str
    respelled: Collection[str] = ()
    takes_texts: bool = False


class MisfitError(Exception):
    """A cell does not fit its column."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.why)
        self.cause = cause


def of_categories(categories: Collection[str]) -> Callable[[str], bool]:
    """Return a test for cells of some categories."""
    return lambda cell: cells.category(cell) in categories


def located(path: Path, called: str, cause: Cause, notation: Notation = Notation.FILE) -> InvalidValue:
    """Return the error for the first cell that fits a cause."""
    downloaded = notation is Notation.DOWNLOAD
    table = enumerate(rows.server_rows(path), 1) if downloaded else rows.numbered(path)
    _, header = next(table)
    for line, row in table:
        cell = row[cause.number]
        if cause.fits(cell):
            shown = cell.strip(" \t")[:LONGEST_SHOWN]
            return InvalidValue(
                f"{called}, line {line}, column {header[cause.number]}: {shown!r} {cause.why}",
                hint=_hint(cell, cause),
            )
    raise AssertionError("no cell of the file fits the cause of the error")


def _hint(cell: str, cause: Cause) -> str:
    # A suggestion that repeats a long cell would hide the rest of the error.
    readings = cells.readings(cell, cause.respelled) if len(cell) <= LONGEST_SHOWN else []
    hint = f"write {' or '.join(readings)}" if readings else cause.hint
    quoted = f"; {cell.strip()!r} in quotes is a text" if cause.takes_texts and len(cell) <= LONGEST_SHOWN else ""
    return f"{hint}{quoted}"


def cause(number: int, categories: Collection[str], called: str, why: str = "", *, takes_texts: bool = False) -> Cause:
    """Return the cause for the first of some categories; ``takes_texts`` is as of ``Cause``."""
    first = next((one for one in _WHY if one in categories), None)
    if first is None or why:
        return Cause(number, of_categories(categories), why, "write it in quotes")
    text, hint = _WHY[first]
    odd = first in {cells.COMMA, cells.SPACED, cells.ZEROS}
    respelled = cells.SAYABLE if odd else ()
    return Cause(number, of_categories({first}), text.format(called), hint, respelled, takes_texts and odd)


def complex_column(number: int, numeric: Collection[str]) -> Cause:
    """Return the cause for numbers beside complex ones; the server would make all of them complex."""
    why = "is beside complex numbers: the server would make it complex, too"
    return Cause(number, of_categories(numeric), why, "write it as (1.5+0j)")


def misfit(number: int, categories: set[str], requested: str, fits: Callable[[str], bool] | None = None) -> Cause:
    """Return the cause for cells of some categories in a column of another type; ``fits`` selects among them."""
    if categories & _WHY.keys():
        return cause(number, categories, "numbers")
    hints = {
        "number": "write a number such as 1000.5, or None for a missing value",
        INT: "write a whole number, or None for a missing value",
        BOOL: "write True or False, or None for a missing value",
        ARRAY: "write an array with blanks between its items: [1.0 2.5]; the server makes lists of arrays of one item",
    }
    why = f"is not {with_article(requested)}, and the column would no longer hold {requested}s as it does in the study"
    return Cause(
        number, fits or of_categories(categories), why, hints[requested], cells.NUMERIC if requested == "number" else ()
    )
