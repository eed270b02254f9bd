"""Gives each column of a table a type, and refuses cells that do not fit it.

The type comes from the model's table format (``dataframe_descriptor``), else from the current table of the study, else
from the file itself. In a file, a column with one text is a column of texts.

A blank cell is a missing value in a download, or if the column has blank cells in the study. Otherwise it is the empty
text in a column of texts, and an error in a column of numbers or booleans: its meaning is unknown, and the server would
read the whole column as texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli import number_text
from sostrades_cli.operations.tables import cells
from sostrades_cli.operations.tables.misfits import (
    ARRAY,
    BOOL,
    FLOAT,
    INT,
    LITERAL,
    STRING,
    MisfitError,
    Notation,
    cause,
    complex_column,
    located,
    misfit,
)
from sostrades_cli.output.text import listed, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.tables.survey import Column, Survey

NUMBERS: Final = frozenset({INT, FLOAT})
_NUMERIC: Final = frozenset({cells.INT, cells.FLOAT, cells.INFINITE})
_NONE: Final = frozenset({cells.BLANK, cells.MISSING})
# The types of the words in a table format.
_DECLARED: Final = {
    "int": INT,
    "integer": INT,
    "float": FLOAT,
    "string": STRING,
    "str": STRING,
    "date": STRING,
    "bool": BOOL,
    "boolean": BOOL,
    "array": ARRAY,
    "list": LITERAL,
    "dict": LITERAL,
}


class KnownColumn(NamedTuple):
    """The known facts of a column: its type, whether the model declares it, and whether the column has blank cells.

    ``odd`` are texts that look like literals. ``kept`` is true if the type comes from the table that this computer sent
    last. ``each`` is true if each cell has its own type, like the values of a dict.
    """

    type: str | None = None
    declared: bool = False
    blanks: bool = False
    odd: Collection[str] = frozenset()
    kept: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column with its type. If ``missing``, blank cells are missing values, otherwise empty texts.

    ``odd`` are texts that look like literals but are not. ``certain`` is true if the type is declared, or if quotes
    mark its texts. ``note`` is shown with the plan.
    """

    seen: Column
    type: str
    missing: bool
    notation: Notation
    odd: frozenset[str] = frozenset()
    certain: bool = False
    note: str | None = None


def known_columns(survey: Survey | None, descriptor: Mapping[str, str] | None) -> dict[str, KnownColumn]:
    """Return the facts of each column in the current table of a study and in its table format."""
    found = {column.name: known_column(column) for column in survey.columns} if survey is not None else {}
    for name, word in (descriptor or {}).items():
        before = found.get(name, KnownColumn())
        if word in _DECLARED:
            kind = _DECLARED[word]
            # A declared text cannot be missing: the model's check would fail.
            found[name] = before._replace(type=kind, declared=True, blanks=before.blanks and kind != STRING)
    return found


def known_column(column: Column) -> KnownColumn:
    """Return the facts of a column of a download; the type is ``None`` if the cells do not show it."""
    seen = column.categories - {cells.BLANK}
    kind = None
    if seen and seen <= {cells.INT}:
        kind = INT
    elif seen and seen <= _NUMERIC:
        kind = FLOAT
    elif seen == {cells.BOOL}:
        kind = BOOL
    elif seen == {cells.ARRAY}:
        kind = ARRAY
    elif seen and seen <= {cells.ARRAY, cells.NESTED, cells.COMPLEX}:
        kind = LITERAL
    elif seen & {cells.TEXT, cells.QUOTED, cells.MISSING, cells.ZEROS, cells.COMMA}:
        kind = STRING
    return KnownColumn(kind, blanks=cells.BLANK in column.categories, odd=frozenset(column.odd))


def type_columns(
    path: Path, called: str, table: Survey, known: Mapping[str, KnownColumn], notation: Notation
) -> tuple[TypedColumn, ...]:
    """Give each column of a table a type.

    Raises
    ------
    UsageError
        A cell does not fit; the message has its line and column.

    """
    try:
        return tuple(
            _typed(number, column, known.get(column.name, KnownColumn()), notation)
            for number, column in enumerate(table.columns)
        )
    except MisfitError as error:
        raise located(path, called, error.cause) from error


def _typed(number: int, column: Column, known: KnownColumn, notation: Notation) -> TypedColumn:
    seen, odd = column.categories - _NONE, frozenset[str]()
    if notation is Notation.DOWNLOAD:
        return _downloaded(column, known)
    if known.type == STRING or known.type is None:
        odd = frozenset(known.odd) & frozenset(column.odd) if notation is Notation.FILE else odd
    kind = _kind(number, column, seen, known, notation)
    missing = known.blanks
    if cells.BLANK in column.categories and kind != STRING and not missing:
        raise MisfitError(cause(number, {cells.BLANK}, {BOOL: "booleans"}.get(kind, "numbers")))
    certain = kind == STRING and (known.declared or cells.QUOTED in seen or notation is Notation.TYPED)
    return TypedColumn(column, kind, missing, notation, odd, certain, _note(column, kind, known, notation))


def _kind(number: int, column: Column, observed: set[str], known: KnownColumn, notation: Notation) -> str:
    texts = {cells.QUOTED} if notation is Notation.TYPED else {cells.QUOTED, cells.TEXT}
    if known.type == STRING and not (notation is Notation.TYPED and observed - texts):
        return STRING
    if known.type == STRING and known.declared:
        raise MisfitError(cause(number, observed - texts, "", "is not a text, as the column is declared"))
    if known.type in NUMBERS:
        return _number_type(number, column, observed, known)
    if known.type in {BOOL, ARRAY} and (known.declared or known.type == ARRAY):
        # The server makes arrays of lists only in columns that are declared as arrays.
        arrays = {cells.ARRAY, cells.NESTED} if known.declared else {cells.ARRAY}
        booleans = {cells.BOOL, cells.INT, cells.FLOAT} if column.binary else {cells.BOOL}
        wanted = booleans if known.type == BOOL else arrays
        if observed - wanted:
            raise MisfitError(misfit(number, observed - wanted, str(known.type)))
        return str(known.type)
    # The values of a dict stand in one column, but have no common type.
    if known.each and observed - _NUMERIC and len(observed) > 1:
        return LITERAL
    return _own_type(number, observed, texts)


def _number_type(number: int, column: Column, observed: set[str], known: KnownColumn) -> str:
    if observed - _NUMERIC:
        raise MisfitError(misfit(number, observed - _NUMERIC, "number"))
    if known.type == INT and known.declared:
        if column.fractional or cells.INFINITE in observed:
            raise MisfitError(misfit(number, observed - {cells.INT}, "int", lambda cell: not _is_whole(cell)))
        return INT
    return FLOAT if known.type == FLOAT or observed - {cells.INT} else INT


def _is_whole(cell: str) -> bool:
    return cells.category(cell) in {cells.MISSING, cells.BLANK} or number_text.whole(cell) is not None


def _own_type(number: int, observed: set[str], texts: set[str]) -> str:
    """Return the type of a column by its own cells."""
    doubtful = observed & {cells.COMMA, cells.SPACED}
    if doubtful:
        raise MisfitError(cause(number, doubtful, "numbers", takes_texts=True))
    if observed & texts:
        return STRING if observed <= texts or cells.TEXT in texts else LITERAL
    doubtful = observed & {cells.ZEROS, cells.NAN}
    if doubtful:
        raise MisfitError(cause(number, doubtful, "numbers", takes_texts=True))
    if cells.COMPLEX in observed and observed & _NUMERIC:
        raise MisfitError(complex_column(number, _NUMERIC))
    if observed and observed <= _NUMERIC:
        return INT if observed == {cells.INT} else FLOAT
    return next((kind for kind, one in ((BOOL, {cells.BOOL}), (ARRAY, {cells.ARRAY})) if observed == one), LITERAL)


def _downloaded(column: Column, known: KnownColumn) -> TypedColumn:
    """Give a column of a download a type; no cell is refused, because the study held all of them."""
    found = known_column(column)
    kind = known.type if known.declared and known.type is not None else found.type
    seen = column.categories - {cells.BLANK}
    if kind in NUMBERS and seen <= _NUMERIC:
        kind = FLOAT if kind == FLOAT or seen - {cells.INT} else INT
    elif kind != STRING:
        kind = found.type or LITERAL
    # Whole numbers beside missing values would be floats, so these blank cells are empty texts.
    integers = seen == {cells.INT} and cells.BLANK in column.categories
    kind = LITERAL if integers and kind == INT else kind
    missing = not integers and (known.blanks or not (kind == STRING and known.declared))
    certain = kind == STRING and known.declared
    guessed = kind == STRING and not known.declared and (cells.BLANK in column.categories or _like_values(column))
    return TypedColumn(column, str(kind), missing, Notation.DOWNLOAD, certain=certain, note=_loss(column, guessed))


def _loss(column: Column, guessed: bool) -> str | None:
    """Return a note for the plan on the losses of a download."""
    if cells.ARRAY in column.categories:
        return "arrays with the 8 digits that the server's download shows"
    if guessed:
        return "a download shows no types; taken for texts, blank cells for missing values"
    return None


def _like_values(column: Column) -> bool:
    return bool(column.categories & (_NUMERIC | {cells.BOOL, cells.NESTED, cells.ARRAY, cells.COMPLEX}))


def _note(column: Column, kind: str, known: KnownColumn, notation: Notation) -> str | None:
    """Return a note for the plan if the file alone does not show the type."""
    told = known.declared and not known.kept
    if kind == STRING and not told and notation is Notation.FILE and _like_values(column):
        return "read as texts, including cells that look like numbers"
    if kind == INT and column.categories & _NONE:
        return "the server stores whole numbers beside missing values as floats"
    if kind == BOOL and column.categories & _NUMERIC:
        return "0 and 1 are read as False and True"
    if known.type == BOOL and kind != BOOL and not known.declared and column.categories:
        return "booleans in the study, other values in the file"
    return None


def notes_of(columns: Sequence[TypedColumn]) -> tuple[str, ...]:
    """Return the notes for the plan; a note on many columns names the first ones."""
    names: dict[str, list[str]] = {}
    for column in columns:
        if column.note is not None:
            names.setdefault(column.note, []).append(shortened(column.seen.name))
    return tuple(f"column{'s' * (len(some) > 1)} {listed(some)}: {note}" for note, some in names.items())
