"""Examine the cells of each column of a CSV file, in batches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.operations.tables import cells, rows
from sostrades_cli.operations.tables.csv_reader import ragged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_SEPARATOR: Final = rows.SEPARATOR
# All cells of a batch are joined, so that a single match examines them. With possessive quantifiers, this takes less
# than a second for a hundred megabytes of numbers. Numbers with leading zeros are examined one by one instead.
_UNSIGNED: Final = r"(?:[0-9]++\.?[0-9]*+|\.[0-9]++)"
_NUMBERS: Final = re.compile(
    rf"(?:{_SEPARATOR}[ \t]*+[+-]?(?!0[0-9]){_UNSIGNED}(?:[eE][+-]?[0-9]++)?+[ \t]*+)*+{_SEPARATOR}"
)
# The server's parser is exact for up to 15 digits without an exponent.
_EXACT_NUMBERS: Final = re.compile(
    rf"(?:{_SEPARATOR}[ \t]*+[+-]?(?!0[0-9]|[0-9]{{16}}|[0-9.]{{17}}){_UNSIGNED}[ \t]*+)*+{_SEPARATOR}"
)
_CANONICAL_INTEGERS: Final = re.compile(rf"(?:{_SEPARATOR}(?:0|-?[1-9][0-9]*+))*+{_SEPARATOR}")
_INTEGERS: Final = re.compile(rf"(?:{_SEPARATOR}[ \t]*+[+-]?[0-9]++[ \t]*+)*+{_SEPARATOR}")
_WHOLE: Final = re.compile(rf"(?:{_SEPARATOR}[ \t]*+[+-]?[0-9]++(?:\.0*+)?+[ \t]*+)*+{_SEPARATOR}")
# Leading zeros count, too: the parser counts written digits.
_LONG: Final = re.compile("[0-9]{16}")
# Beginnings of cells that may not be plain text. ISO dates begin like numbers, but are plain text.
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.]+(?:Z|[+-][0-9:]+)?)?"
_SUSPECT: Final = re.compile(
    rf"{_SEPARATOR}(?!{_DATE}{_SEPARATOR})(?:[\s{_SEPARATOR}+\-.0-9'\"\[{{(\\#]|set\(|[bBuUrR]{{1,2}}['\"]"
    rf"|(?i:true|false|none|inf|infinity|nan|na|n/a|null)[ \t]*{_SEPARATOR})"
)
_BLANKS: Final = " \t\n"
_UNUSUAL: Final = re.compile(f"[\0-\x08\x0b-\x1e\x7f-\xa0]|(?=[^\0-\x7f])(?:{cells.ODD_BLANKS})")
# Cells of these categories are texts, not literals, in a column of texts.
_TEXTS: Final = frozenset({cells.TEXT, cells.NAN, cells.ZEROS, cells.INFINITE})
# Booleans as numbers: pandas converts the booleans of a row that also has numbers.
BINARY: Final = {"0": False, "1": True, "0.0": False, "1.0": True}
INT64: Final = (-(2**63), 2**63 - 1)
# The server's parser reads every integer of at most this many characters exactly.
_ALWAYS_EXACT: Final = 15
# Every integer of at most this many characters fits into 64 bits.
_ALWAYS_FITS: Final = 18
_USUAL: Final = {cells.BOOL: {"True", "False"}, cells.INFINITE: {"inf", "-inf"}}
# The largest number of odd texts that a column keeps.
_MOST_ODD: Final = 1000


@dataclass(slots=True)
class ColumnSurvey:
    """The facts about the cells of a column.

    - ``categories``: the categories of the cells
    - ``inexact``: the server's parser may change a number
    - ``wide``: an integer does not fit into 64 bits. Not examined if the column also has floats
    - ``bracketed``: a number is in brackets
    - ``unusual``: a boolean or infinity is not written as in Python
    - ``broken``: a nested value has several lines, or blanks around it
    - ``misread``: the server would misread a plain text
    - ``control``: a text contains a NUL or a Ctrl-Z
    - ``padded``: a cell consists of blanks
    - ``braced``: a text begins with a bracket or a brace
    - ``fractional``: a number is not whole
    - ``canonical``: every number is an integer as Python writes it
    - ``binary``: every number is 0 or 1
    - ``odd``: texts that look like literals
    """

    name: str
    categories: set[str] = field(default_factory=set)
    inexact: bool = False
    wide: bool = False
    bracketed: bool = False
    unusual: bool = False
    broken: bool = False
    misread: bool = False
    control: bool = False
    padded: bool = False
    braced: bool = False
    fractional: bool = False
    canonical: bool = True
    binary: bool = True
    odd: set[str] = field(default_factory=set)

    def add(self, column: Sequence[str]) -> None:
        """Examine some cells."""
        joined = _joined(column)
        # If a cell contains the separator itself, the joined cells cannot be told apart.
        if joined.count(_SEPARATOR) != len(column) + 1:
            self._add_each(column)
            return
        empty = [cell for cell in cells.EMPTY if f"{_SEPARATOR}{cell}{_SEPARATOR}" in joined]
        if not empty:
            self._add_values(column, joined)
            return
        self._add_each(empty)
        if values := [cell for cell in column if cell not in cells.EMPTY]:
            self._add_values(values, _joined(values))

    def _add_values(self, column: Sequence[str], joined: str) -> None:
        # The cheapest pattern comes first, because columns of years are as common as columns of decimals.
        canonical = _CANONICAL_INTEGERS.fullmatch(joined) is not None
        if (canonical and max(map(len, column)) <= _ALWAYS_EXACT) or (
            not self.inexact and _EXACT_NUMBERS.fullmatch(joined)
        ):
            self._add_numbers(column, joined, canonical=canonical)
        elif _NUMBERS.fullmatch(joined):
            self.inexact = True
            self._add_numbers(column, joined, canonical=canonical)
        elif _is_plain_text(column, joined):
            self.categories.add(cells.TEXT)
        else:
            self._add_each(column)

    def _add_numbers(self, column: Sequence[str], joined: str, *, canonical: bool) -> None:
        integers = canonical or _INTEGERS.fullmatch(joined) is not None
        self.canonical = self.canonical and canonical
        self.binary = self.binary and set(map(str.strip, set(column))) <= BINARY.keys()
        if not (integers or self.fractional or _WHOLE.fullmatch(joined)):
            self.fractional = any(number_text.whole(cell) is None for cell in column)
        self.categories.add(cells.INT if integers else cells.FLOAT)
        if integers and not self.wide and max(map(len, column)) > _ALWAYS_FITS:
            self._add_integers(column)

    def _add_integers(self, column: Iterable[str]) -> None:
        try:
            numbers = [int(number_text.bare(cell)) for cell in column]
        except ValueError:  # more digits than Python converts
            self.wide = True
            return
        self.wide |= not INT64[0] <= min(numbers) <= max(numbers) <= INT64[1]

    def _add_each(self, column: Sequence[str]) -> None:
        for cell in set(column):
            if cells.is_plain_text(cell):
                self.categories.add(cells.TEXT)
            else:
                self.add_cell(cell)

    def add_cell(self, cell: str) -> None:
        """Examine a single cell."""
        category = cells.category(cell)
        self.categories.add(category)
        if category in {cells.INT, cells.FLOAT}:
            self.bracketed |= "(" in cell
            self.binary &= cell.strip() in BINARY
            self.fractional |= number_text.whole(cell) is None
            self.inexact |= "e" in cell.lower() or _LONG.search(cell.replace(".", "")) is not None
            self.canonical = self.canonical and cell == str(number_text.whole(cell)) and category == cells.INT
            if category == cells.INT:
                self._add_integers([cell])
        elif category in {cells.TEXT_LITERAL, cells.MISSING} and len(self.odd) < _MOST_ODD:
            self.odd.add(cell)
        elif category == cells.BLANK:
            self.padded |= cell != ""
        elif category in _USUAL:
            self.unusual |= cell not in _USUAL[category]
        elif category in {cells.ARRAY, cells.NESTED, cells.COMPLEX}:
            self.broken |= "\n" in cell or cell != cell.strip()
        if category in _TEXTS:
            self.misread = self.misread or cells.misread(cell)
            self.braced |= cell[:1] in {"[", "{"}
            self.control |= "\0" in cell or "\x1a" in cell


@dataclass(frozen=True, slots=True)
class Survey:
    """The columns of a file and the number of its rows."""

    columns: tuple[ColumnSurvey, ...]
    rows: int

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


def _joined(column: Sequence[str]) -> str:
    return f"{_SEPARATOR}{_SEPARATOR.join(column)}{_SEPARATOR}"


def _is_plain_text(column: Sequence[str], joined: str) -> bool:
    # Several fast searches replace a slow pattern. A search for a single character is the fastest.
    if any(blank in joined and f"{blank}{_SEPARATOR}" in joined for blank in _BLANKS) or _SUSPECT.search(joined):
        return False
    return "".join(column).isprintable() or not _UNUSUAL.search(joined)


def survey(batches: Iterator[list[Sequence[str]]]) -> Survey:
    """Examine all cells of a table, given as batches of columns. The first batch is the header.

    Raises
    ------
    RaggedRowsError
        A row has more or fewer cells than the header.

    """
    columns = tuple(ColumnSurvey(name) for (name,) in next(batches, []))
    count = 0
    for batch in batches:
        count += len(batch[0])
        for column, column_cells in zip(columns, batch, strict=True):
            column.add(column_cells)
    return Survey(columns, count)


def survey_file(path: Path, called: str) -> Survey:
    """Examine all cells of a user's file.

    Raises
    ------
    UsageError
        The file cannot be read, or a row has more or fewer cells than the header.

    """
    try:
        return survey(rows.user_columns(path))
    except rows.RaggedRowsError as error:
        table = rows.numbered(path)
        _, header = next(table, (0, []))
        raise ragged(called, ((line, row) for line, row in table if len(row) != len(header)), header) from error
