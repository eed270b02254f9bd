"""Encode the cells of a column for an upload, and predict the same cells in the download after it."""

from __future__ import annotations

import ast
import math
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.operations.tables import cells, rows
from sostrades_cli.operations.tables.misfits import ARRAY, BOOL, FLOAT, INT, LITERAL, STRING, Notation
from sostrades_cli.operations.tables.survey import BINARY
from sostrades_cli.safe_parsers import NotADoubleError, double

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.operations.tables.column_types import TypedColumn

_NONE: Final = "None"
_SEPARATOR: Final = rows.SEPARATOR
_PLAIN: Final = frozenset({cells.INT, cells.FLOAT})
_EMPTY: Final = frozenset({cells.BLANK, cells.MISSING})
# The server reads long files in parts. It converts a part whose cells are all in these categories to numbers or
# booleans, even if the column has texts in other parts.
_TOGETHER: Final = frozenset({cells.ZEROS, cells.INFINITE, cells.BOOL})
_SINGLE: Final = frozenset({cells.INT, cells.FLOAT, cells.BOOL, cells.INFINITE})
# The server tries to convert each integer to a float. A larger integer would make it fail.
_LARGEST: Final = 2**1023
# Beyond this, not every integer has an exact float.
_EXACT: Final = 2**53
# Floats exactly as Python prints them, if they need no exponent. The possessive quantifiers keep this linear.
_CANONICAL_FLOATS: Final = re.compile(
    rf"(?:-?(?:[1-9][0-9]*+|0(?=\.0{{0,3}}[1-9]|\.0{_SEPARATOR}))\.(?:0|[0-9]++(?<!0)){_SEPARATOR})*+"
)
_NO_LITERAL: Final = re.compile(r"\b(?:nan|inf)\b")
_MATRIX: Final = re.compile(r"\s*\[\s*\[[-+.\s0-9eE\[\]]*\]\s*\]\s*")
_REWRITE: Final = "send the value as JSON, or leave the parameter out"


class UnfitError(Exception):
    """The server cannot hold a cell."""

    def __init__(self, encoder: ColumnEncoder, cell: str, why: str, hint: str) -> None:
        super().__init__(why)
        self.encoder = encoder
        self.cell = cell
        self.why = why
        self.hint = hint


class ColumnEncoder:
    """Encodes a column batch by batch.

    ``needed`` is true if the server would misread the cells as they are. ``doubtful`` is true if some texts look like
    other values. It is valid after the last batch.
    """

    def __init__(self, column: TypedColumn) -> None:
        self._column = column
        self._categories = column.survey.categories
        self._blank = cells.BLANK in self._categories
        self._missing = cells.MISSING in self._categories and column.notation is not Notation.DOWNLOAD
        self.doubtful = False
        rules: dict[str, tuple[Callable[[], bool], Callable[[str], tuple[str, str]]]] = {
            INT: (self._needs_int, self._int),
            FLOAT: (self._needs_float, self._float),
            BOOL: (self._needs_bool, self._bool),
            ARRAY: (self._needs_array, self._array),
            STRING: (self._needs_string, self._string),
            LITERAL: (self._needs_literal, self._literal),
        }
        needs, self._rule = rules[column.type]
        self.needed = needs()
        self._at_once = self._rule_at_once()

    @property
    def is_plain(self) -> bool:
        """Whether no cell can need quotes."""
        return self._column.type in {INT, FLOAT, BOOL}

    @property
    def recorded(self) -> str:
        """The type for the journal. The type of texts includes the meaning of blank cells."""
        column = self._column
        # The server stores whole numbers beside missing values as floats.
        if column.type == INT and (self._missing or self._blank):
            return FLOAT
        empty = (self._blank and not column.missing) or bool({"''", '""'} & column.survey.odd)
        missing = self._missing or (self._blank and column.missing)
        if column.type != STRING or not (empty or missing):
            return column.type
        return LITERAL if empty and missing else f"{STRING}, {'empty' if empty else 'missing'}"

    def encode(self, batch: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Return the cells of a batch as they are sent, and as the download shows them.

        Raises
        ------
        UnfitError
            The server cannot hold one of the cells.

        """
        if self._at_once is None:
            # Cells repeat in most columns, so each text is encoded once.
            pairs = {cell: self._pair(cell) for cell in set(batch)}
            return [pairs[cell][0] for cell in batch], [pairs[cell][1] for cell in batch]
        if self._categories.isdisjoint(_EMPTY):
            return self._at_once(batch)
        empty = {cell: self.encode_cell(cell) for cell in cells.EMPTY if cell in batch}
        sent, shown = map(iter, self._at_once([cell for cell in batch if cell not in empty]))
        return (
            [empty[cell][0] if cell in empty else next(sent) for cell in batch],
            [empty[cell][1] if cell in empty else next(shown) for cell in batch],
        )

    def _pair(self, cell: str) -> tuple[str, str]:
        is_plain = self._column.type == STRING and cells.is_plain_text(cell)
        return (cell, cell) if is_plain else self.encode_cell(cell)

    def encode_cell(self, cell: str) -> tuple[str, str]:
        """Return a cell as it is sent, and as the download shows it.

        Raises
        ------
        UnfitError
            The server cannot hold the cell.

        """
        return self._rule(cell)

    def _rule_at_once(self) -> Callable[[Sequence[str]], tuple[Sequence[str], Sequence[str]]] | None:
        """Return a rule for all cells of a batch except empty ones, or ``None`` if each cell must be examined."""
        survey, rest = self._column.survey, self._categories - _EMPTY
        if self._column.type == FLOAT and rest <= _PLAIN and not (survey.bracketed or survey.padded):
            return self._floats
        if self._column.type == INT and self._categories == {cells.INT} and not (self.needed or survey.bracketed):
            return self._integers
        odd_texts = survey.misread or survey.braced or survey.padded
        if self._column.type == STRING and rest == {cells.TEXT} and not odd_texts:
            return self._texts
        return None

    def _integers(self, batch: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        return batch, batch if self._column.survey.canonical else list(map(str, map(int, batch)))

    def _texts(self, batch: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        return batch, batch

    def _floats(self, batch: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        if not self.needed and _CANONICAL_FLOATS.fullmatch(f"{_SEPARATOR.join(batch)}{_SEPARATOR}"):
            return batch, batch
        values = list(map(float, batch))
        if self._column.survey.inexact and (0.0 in values or math.inf in values or -math.inf in values):
            for cell, value in zip(batch, values, strict=True):
                if not value or math.isinf(value):
                    self._double(cell)
        # The download shows a float as Python prints it.
        shown = list(map(repr, values))
        if not self.needed:
            return batch, shown
        # Joining and splitting is the fastest way to put each cell in brackets.
        return f"({f'){_SEPARATOR}('.join(shown)})".split(_SEPARATOR), shown

    def _double(self, cell: str) -> float:
        try:
            return double(number_text.bare(cell))
        except NotADoubleError as error:
            raise UnfitError(self, cell, str(error).partition(" ")[2], "write a number that a double holds") from error

    def _float(self, cell: str) -> tuple[str, str]:
        category = cells.category(cell)
        if category in {cells.MISSING, cells.BLANK}:
            return _NONE, ""
        if category == cells.INFINITE:
            # In 1e-999, the sign behind the e belongs to the exponent.
            negative = "-" in cell.partition("e")[0]
            bracketed = "(-1e309)" if negative else "(1e309)"
            return bracketed if self.needed else cell, "-inf" if negative else "inf"
        shown = repr(self._double(cell))
        return f"({shown})" if self.needed else cell, shown

    def _int(self, cell: str) -> tuple[str, str]:
        if cells.category(cell) in {cells.MISSING, cells.BLANK}:
            return _NONE, ""
        number = self._integer(cell)
        if not (self._missing or self._blank):
            return f"({number})" if self.needed else cell, str(number)
        if abs(number) > _EXACT:
            why = "is beside a missing value: the server would round it to a float"
            raise UnfitError(self, cell, why, "remove the missing value, or write a smaller number")
        return f"({float(number)!r})" if self.needed else cell, repr(float(number))

    def _integer(self, cell: str) -> int:
        number = number_text.whole(cell)
        if number is None or abs(number) >= _LARGEST:
            raise UnfitError(self, cell, "has too many digits", "write a smaller number")
        return number

    def _bool(self, cell: str) -> tuple[str, str]:
        if cells.category(cell) in {cells.MISSING, cells.BLANK}:
            return _NONE, ""
        # In a column of booleans, 0 and 1 are booleans.
        shown = str(BINARY.get(cell.strip(), cell.lower() == "true"))
        return shown if self.needed else cell, shown

    def _array(self, cell: str) -> tuple[str, str]:
        category = cells.category(cell)
        if category in {cells.MISSING, cells.BLANK}:
            return _NONE, ""
        if category == cells.NESTED and not cells.is_list_of_numbers(cell):
            raise UnfitError(self, cell, "is not an array of numbers", "write its items with blanks between: [1.0 2.5]")
        plain = cells.array_cell(cell)
        return plain if self.needed and category == cells.ARRAY else cell, plain

    def _string(self, cell: str) -> tuple[str, str]:
        category, downloaded = cells.category(cell), self._column.notation is Notation.DOWNLOAD
        if category == cells.BLANK and not cell:
            return (_NONE, "") if self._column.missing else ("", "")
        if not downloaded and cell not in self._column.odd:
            if category == cells.MISSING:
                return _NONE, ""
            if category == cells.TEXT_LITERAL:
                text = cells.literal_text(cell)
                self.doubtful |= not cells.is_plain_text(text) and cells.category(text) != cells.TEXT
                return cell, text
        self.doubtful |= self._column.certain and category != cells.TEXT
        return self._text(cell, category)

    def _text(self, cell: str, category: str) -> tuple[str, str]:
        """Encode a text that is written without quotes."""
        if self._column.notation is Notation.DOWNLOAD and self._is_cut(cell):
            raise UnfitError(self, cell, "is a nested value that a file cannot represent", _REWRITE)
        return repr(cell) if category in _TOGETHER or cells.misread(cell) else cell, cell

    def _is_cut(self, cell: str) -> bool:
        """Return whether the value of a cell cannot be restored: a shortened array, a matrix, or a literal with nan."""
        if cell[:1] not in {"[", "{"}:
            return False
        plain = _NO_LITERAL.sub(_NONE, cell)
        nan = plain != cell and cells.category(plain) == cells.NESTED
        return nan or cells.is_shortened(cell) or _MATRIX.fullmatch(cell) is not None

    def _literal(self, cell: str) -> tuple[str, str]:
        category = cells.category(cell)
        if category == cells.BLANK and (not cell or self._column.notation is not Notation.DOWNLOAD):
            return (_NONE, "") if self._column.missing else ("''", "")
        rules: dict[str, Callable[[str], tuple[str, str]]] = {
            cells.NESTED: self._nested,
            cells.COMPLEX: self._nested,
            cells.INFINITE: self._float,
            cells.FLOAT: self._float,
            cells.INT: self._bracketed_int,
            cells.BOOL: self._bracketed_bool,
            cells.ARRAY: self._array,
        }
        return rules.get(category, self._string)(cell)

    def _bracketed_int(self, cell: str) -> tuple[str, str]:
        number = self._integer(cell)
        return f"({number})", str(number)

    def _bracketed_bool(self, cell: str) -> tuple[str, str]:
        _, shown = self._bool(cell)
        return f"({shown})", shown

    def _nested(self, cell: str) -> tuple[str, str]:
        return cell.strip() if self.needed else cell, str(ast.literal_eval(cell.strip()))

    def _needs_int(self) -> bool:
        floats = cells.FLOAT in self._categories
        return self._blank or (self._column.survey.wide and not self._missing) or floats

    def _needs_float(self) -> bool:
        survey = self._column.survey
        # A column with a literal is not a column of numbers to the server, so it reads each cell as a literal.
        literals = self._missing or survey.bracketed
        floats = literals or bool(self._categories & {cells.FLOAT, cells.INFINITE})
        infinite = literals and cells.INFINITE in self._categories
        return self._blank or survey.unusual or survey.inexact or infinite or not floats

    def _needs_bool(self) -> bool:
        numbers = bool(self._categories & _PLAIN)
        return self._blank or (self._missing and self._column.survey.unusual) or numbers

    def _needs_array(self) -> bool:
        return self._blank or self._column.survey.broken

    def _needs_string(self) -> bool:
        column, categories = self._column, self._categories - {cells.TEXT, cells.NAN}
        if column.survey.misread or (self._blank and column.missing) or column.odd or column.survey.padded:
            return True
        if column.notation is not Notation.DOWNLOAD:
            categories -= {cells.TEXT_LITERAL, cells.MISSING}
        return bool(categories - {cells.BLANK})

    def _needs_literal(self) -> bool:
        unusual = self._column.survey.unusual or self._column.survey.broken
        downloaded = self._column.notation is Notation.DOWNLOAD and bool(
            self._categories - {cells.NESTED, cells.ARRAY, cells.COMPLEX}
        )
        texts = bool(self._categories & {cells.ZEROS, cells.SPACED}) or self._column.survey.misread
        return self._blank or unusual or downloaded or texts or not self._categories.isdisjoint(_SINGLE)
