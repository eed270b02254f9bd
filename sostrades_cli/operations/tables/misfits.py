"""Build the errors for cells that do not fit a table, with their places and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli import number_text
from sostrades_cli.errors import InvalidValue
from sostrades_cli.operations.tables import cells, rows
from sostrades_cli.operations.tables.csv_reader import is_blank
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.output.text import with_article
from sostrades_cli.safe_parsers import LONGEST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from sostrades_cli.operations.tables.places import Places

# Cells that an error shows.
MOST_SHOWN: Final = 10
INT, FLOAT, BOOL, STRING = "int", "float", "bool", "string"
# An array column has arrays of numbers as cells. In a literal column, each cell has its own type.
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


_SHEET_ERROR: Final = re.compile(r"#[A-Z0-9/]+[!?]?")
_DATE: Final = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:[ T].*)?")
# A sign such as a currency before a number, or a unit or a mark behind it.
_WITH_UNIT: Final = re.compile(
    rf"(?P<sign>[^\w\s.,+-]?)\s*(?P<number>{number_text.NUMBER})\s*(?P<unit>[^\d\s.,][^\d.,]{{0,15}})?"
)


class Notation(Enum):
    """The notation of the cells of a file.

    In the ``FILE`` of a user, texts may have quotes, and ``None`` is a missing value. A ``TYPED`` file was made from
    Python values, so all of its texts have quotes. A ``DOWNLOAD`` shows values as the server writes them.
    """

    FILE = "file"
    TYPED = "typed"
    DOWNLOAD = "download"


class Cause(NamedTuple):
    """The cause of an error: the number of the column, a test for wrong cells, the reason and a hint.

    If the user may have meant a value of the ``respelled`` categories, the hint shows how to write this value. If
    ``takes_texts``, the hint also shows how to write the cell as a text.
    """

    number: int
    fits: Callable[[str], bool]
    why: str
    hint: str
    respelled: Collection[str] = ()
    takes_texts: bool = False


class MisfitError(Exception):
    """Cells do not fit their column, for one or several causes."""

    def __init__(self, *causes: Cause) -> None:
        super().__init__(causes[0].why)
        self.causes = causes


class _Misfit(NamedTuple):
    """A cell that does not fit: its line, its position in words, and the message and the hint for it."""

    line: int
    position: str
    message: str
    hint: str


def of_categories(categories: Collection[str]) -> Callable[[str], bool]:
    """Return a test for cells of some categories."""
    return lambda cell: cells.category(cell) in categories


@dataclass(slots=True)
class _Misfits:
    """The cells of a table that do not fit: the ``first`` ones, their ``count``, and the ``lines`` of a few rows.

    ``has_words`` is true if one of them is a word, not only a missing or a misspelt value.
    """

    places: Places
    notation: Notation
    first: list[_Misfit] = field(default_factory=list)
    count: int = 0
    lines: set[int] = field(default_factory=set)
    first_line: int = 0
    last_line: int = 0
    has_words: bool = False

    def add_row(self, line: int, row: Sequence[str], header: Sequence[str], causes: Sequence[Cause]) -> None:
        """Add the cells of a row to which a cause applies. Each cell has one cause, the first that applies."""
        self.first_line, self.last_line = self.first_line or line, line
        numbers = {cause.number for cause in causes if cause.fits(row[cause.number])}
        if numbers and is_blank(row):
            position = self.places.row(line)
            self._add(_Misfit(line, position, "all cells are blank", "remove the rows without values"))
            return
        for number in sorted(numbers):
            cause = next(cause for cause in causes if cause.number == number and cause.fits(row[number]))
            if self.notation is Notation.TYPED:
                self._add(_typed_misfit(line, header[number], row[number], cause))
            else:
                position = f"{self.places.cell(line, number)}, column {header[number]}"
                self._add(_misfit(line, position, row[number], cause))
            self.has_words |= any(character.isalpha() for character in row[number]) and cause.fits("x")

    def _add(self, item: _Misfit) -> None:
        self.count += 1
        # Two lines are enough to show that the cells are not all in one row.
        self.lines |= {item.line} if len(self.lines) <= 1 else set()
        if self.count <= MOST_SHOWN:
            self.first.append(item)

    @property
    def row_hint(self) -> str:
        """What to do if all wrong cells are in the first or the last row: a row of units, or one of totals."""
        if self.first_line == self.last_line or len(self.lines) != 1 or not self.has_words:
            return ""
        if self.notation is Notation.TYPED:
            return ""
        if self.first_line in self.lines:
            return f"if {self.places.row(self.first_line)} has units, remove it: values begin below the header"
        last = self.places.row(self.last_line)
        return f"if {last} has totals or a note, remove it" if self.last_line in self.lines else ""


def located(path: Path, called: str, causes: Sequence[Cause], notation: Notation = Notation.FILE) -> InvalidValue:
    """Return the error for the cells of a file to which causes apply. It shows the first ones in the order of lines."""
    places, downloaded = places_of(called), notation is Notation.DOWNLOAD
    table = enumerate(rows.server_rows(path), 1) if downloaded else places.numbered(path)
    _, header = next(table)
    wrong = _Misfits(places, notation)
    for line, row in table:
        wrong.add_row(line, row, header, causes)
    if not wrong.first:
        raise AssertionError("no cell of the file fits the cause of the error")
    first, row_hint = wrong.first[0], wrong.row_hint
    if wrong.count == 1:
        hint = f"{first.hint}; {row_hint}" if row_hint else first.hint
        return InvalidValue(f"{called}, {first.position}: {first.message}", hint=hint)
    # A hint for a row or for all cells is written once, below their list.
    joint = row_hint or (first.hint if len({item.hint for item in wrong.first}) == 1 else "")
    shown = [f"{item.position}: {item.message}{'' if joint else f' (try: {item.hint})'}" for item in wrong.first]
    more = [f"and {wrong.count - MOST_SHOWN} more"] if wrong.count > MOST_SHOWN else []
    return InvalidValue(
        f"{called} has {wrong.count} cells that do not fit",
        detail="\n".join([*shown, *more]),
        hint=joint or "correct these cells, then run the command again",
    )


def _misfit(line: int, position: str, cell: str, cause: Cause) -> _Misfit:
    shown = cell.strip(" \t")[:LONGEST_SHOWN]
    message, hint = f"{shown!r} {cause.why}", _hint(cell, cause)
    # A sheet has numbers and texts, so the number of a cell that is formatted as text comes in quotes.
    if (
        cells.category(cell) == cells.TEXT_LITERAL
        and cells.category(number := cells.literal_text(cell)) in cells.NUMERIC
    ):
        message = f"{number[:LONGEST_SHOWN]} is a text, not a number, because of its quotes or the format of the cell"
        hint = (
            f"write {number[:LONGEST_SHOWN]} without quotes. In a spreadsheet, change the format of the cell from text"
        )
    return _Misfit(line, position, message, hint)


def _typed_misfit(line: int, column: str, cell: str, cause: Cause) -> _Misfit:
    """Return the error for a value of a Python program, whose texts have quotes only in the temporary file."""
    position = f"row {line - 1}, column {column}"
    if cells.category(cell) != cells.TEXT_LITERAL:
        return _misfit(line, position, cell, cause)
    text = cells.literal_text(cell)
    shown = text[:LONGEST_SHOWN]
    if cells.category(text) in cells.NUMERIC:
        hint = "convert the column to numbers, for example with pandas.to_numeric"
        return _Misfit(line, position, f"{shown!r} is a text, not a number", hint)
    return _Misfit(line, position, f"{shown!r} {cause.why}", _hint(text, cause))


def _hint(cell: str, cause: Cause) -> str:
    # A suggestion that repeats a long cell would hide the rest of the error.
    readings = cells.readings(cell, cause.respelled) if len(cell) <= LONGEST_SHOWN else []
    odd = _number_hint(cell.strip()) if cause.respelled == cells.NUMERIC and len(cell) <= LONGEST_SHOWN else None
    hint = f"write {' or '.join(readings)}" if readings else odd or cause.hint
    if not cause.takes_texts or len(cell) > LONGEST_SHOWN:
        return hint
    # The user may have written "7,800" already: these quotes belong to CSV, and the cell is 7,800 without them.
    return f"{hint}; if it is a text, write apostrophes into the cell: {cell.strip()!r}"


def _number_hint(text: str) -> str | None:
    """Return how to write the number in a text with a percent sign, a unit or a date, or a missing one."""
    if text and not any(character.isalnum() for character in text):
        return "write None for a missing value"
    if _SHEET_ERROR.fullmatch(text):
        return "correct the formula in the spreadsheet, or write None for a missing value"
    if _DATE.fullmatch(text):
        return "write a number, such as the year"
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        return None
    number = match["number"]
    if match["unit"] == "%" and not match["sign"]:
        from fractions import Fraction

        return f"write {float(Fraction(number) / 100)!r} or {number}"
    # A unit such as M may be a factor, so the number alone would be a guess.
    return "write only the number, in the unit of the column"


def causes(
    number: int, categories: Collection[str], called: str, why: str = "", *, takes_texts: bool = False
) -> tuple[Cause, ...]:
    """Return the causes for cells of some categories. Categories that have their own message have a cause each.

    ``called`` are the values of the column in that message, such as ``numbers``. ``why`` is the message for the others.
    """
    result = []
    for category in filter(categories.__contains__, _WHY):
        text, hint = _WHY[category]
        odd = category in {cells.COMMA, cells.SPACED, cells.ZEROS}
        respelled = cells.SUGGESTED if odd else ()
        fits = of_categories({category})
        result.append(Cause(number, fits, text.format(called), hint, respelled, takes_texts and odd))
    if why and (rest := set(categories) - _WHY.keys()):
        result.append(Cause(number, of_categories(rest), why, "write it between apostrophes"))
    return tuple(result)


def not_a_text(number: int, categories: Collection[str]) -> Cause:
    """Return the cause for cells of some categories in a column that is declared as texts."""
    return Cause(
        number, of_categories(categories), "is not a text, as the column is declared", "write it between apostrophes"
    )


def complex_column(number: int, numeric: Collection[str]) -> Cause:
    """Return the cause for numbers in a column of complex numbers. The server would make all of them complex."""
    why = "is beside complex numbers: the server would make it complex, too"
    return Cause(number, of_categories(numeric), why, "write it as (1.5+0j)")


def misfits(number: int, categories: set[str], requested: str) -> tuple[Cause, ...]:
    """Return the causes for cells of some categories in a column of type ``requested``."""
    own, rest = causes(number, categories, "numbers"), categories - _WHY.keys()
    return (*own, misfit(number, of_categories(rest), requested)) if rest else own


def misfit(number: int, fits: Callable[[str], bool], requested: str) -> Cause:
    """Return the cause for some cells in a column of type ``requested``."""
    hints = {
        "number": "write a number such as 1000.5, or None for a missing value",
        INT: "write a whole number, or None for a missing value",
        BOOL: "write True or False, or None for a missing value",
        ARRAY: "write an array with blanks between its items: [1.0 2.5]; the server makes lists of arrays of one item",
    }
    why = f"is not {with_article(requested)}, and the column would no longer hold {requested}s as it does in the study"
    return Cause(number, fits, why, hints[requested], cells.NUMERIC if requested == "number" else ())
