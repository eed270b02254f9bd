"""Give each column of a table a type, and refuse cells that do not fit it.

The type comes from the model's table format (``dataframe_descriptor``), else from the current table of the study, else
from the file itself. In a file, a column that contains a text is a column of texts.

A blank cell is a missing value in a download, or if the column has blank cells in the study. Otherwise, it is the empty
text in a column of texts. In a column of numbers or booleans, it is an error: its meaning is unknown, and the server
would read the whole column as texts.
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
    Cause,
    MisfitError,
    Notation,
    causes,
    complex_column,
    located,
    misfit,
    misfits,
    not_a_text,
)
from sostrades_cli.operations.tables.survey import BINARY
from sostrades_cli.output.text import listed, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.tables.survey import ColumnSurvey, Survey

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
    """The known facts of a column: its type, whether the model declares the type, and whether it has blank cells.

    ``odd`` are texts that look like literals. ``from_sent`` is true if the type comes from the last table that this
    computer sent. ``each`` is true if each cell has its own type, like the values of a dict.
    """

    type: str | None = None
    declared: bool = False
    blanks: bool = False
    odd: Collection[str] = frozenset()
    from_sent: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column with its type. Blank cells are missing values if ``missing``, else empty texts.

    ``odd`` are texts that look like literals but are not. ``certain`` is true if the type is declared, or if quotes
    mark its texts. ``note`` is shown with the plan.
    """

    survey: ColumnSurvey
    type: str
    missing: bool
    notation: Notation
    odd: frozenset[str] = frozenset()
    certain: bool = False
    note: str | None = None


def known_columns(survey: Survey | None, descriptor: Mapping[str, str] | None) -> dict[str, KnownColumn]:
    """Return the facts of each column in the current table of a study and in its table format."""
    known = {column.name: known_column(column) for column in survey.columns} if survey is not None else {}
    for name, word in (descriptor or {}).items():
        before = known.get(name, KnownColumn())
        if word in _DECLARED:
            kind = _DECLARED[word]
            # A declared text cannot be missing: the next run would fail the server's type check.
            known[name] = before._replace(type=kind, declared=True, blanks=before.blanks and kind != STRING)
    return known


def known_column(column: ColumnSurvey) -> KnownColumn:
    """Return the facts of a column of a download. The type is ``None`` if the cells do not show it."""
    categories = column.categories - {cells.BLANK}
    kind = None
    if categories and categories <= {cells.INT}:
        kind = INT
    elif categories and categories <= _NUMERIC:
        kind = FLOAT
    elif categories == {cells.BOOL}:
        kind = BOOL
    elif categories == {cells.ARRAY}:
        kind = ARRAY
    elif categories and categories <= {cells.ARRAY, cells.NESTED, cells.COMPLEX}:
        kind = LITERAL
    elif categories & {cells.TEXT, cells.TEXT_LITERAL, cells.MISSING, cells.ZEROS, cells.COMMA}:
        kind = STRING
    return KnownColumn(kind, blanks=cells.BLANK in column.categories, odd=frozenset(column.odd))


def type_columns(
    path: Path, called: str, table: Survey, known: Mapping[str, KnownColumn], notation: Notation
) -> tuple[TypedColumn, ...]:
    """Give each column of a table a type.

    Raises
    ------
    UsageError
        Cells do not fit. The error has the lines and columns of the first ones, and the number of all.

    """
    wrong: list[Cause] = []
    columns = []
    for number, column in enumerate(table.columns):
        try:
            columns.append(_typed(number, column, known.get(column.name, KnownColumn()), notation))
        # All wrong cells are reported together, also those of the other columns.
        except MisfitError as error:
            wrong += error.causes
    if wrong:
        raise located(path, called, wrong, notation)
    return tuple(columns)


def _typed(number: int, column: ColumnSurvey, known: KnownColumn, notation: Notation) -> TypedColumn:
    observed, odd = column.categories - _NONE, frozenset[str]()
    if notation is Notation.DOWNLOAD:
        return _downloaded(column, known)
    # A cell such as `None` or `'a'` that the study's own table has, too, is this text, not a missing or quoted value.
    if known.type == STRING or known.type is None:
        odd = frozenset(known.odd) & frozenset(column.odd) if notation is Notation.FILE else odd
    missing = known.blanks
    has_blanks = cells.BLANK in column.categories and not missing
    try:
        kind = _kind(number, column, observed, known, notation)
    except MisfitError as error:
        blanks = has_blanks and known.type != STRING
        raise MisfitError(*error.causes, *_blank_causes(number, str(known.type)) * blanks) from error
    if has_blanks and kind != STRING:
        raise MisfitError(*_blank_causes(number, kind))
    certain = kind == STRING and (known.declared or cells.TEXT_LITERAL in observed or notation is Notation.TYPED)
    return TypedColumn(column, kind, missing, notation, odd, certain, _note(column, kind, known, notation))


def _blank_causes(number: int, kind: str) -> tuple[Cause, ...]:
    return causes(number, {cells.BLANK}, {BOOL: "booleans"}.get(kind, "numbers"))


def _kind(number: int, column: ColumnSurvey, observed: set[str], known: KnownColumn, notation: Notation) -> str:
    texts = {cells.TEXT_LITERAL} if notation is Notation.TYPED else {cells.TEXT_LITERAL, cells.TEXT}
    if known.type == STRING and not (notation is Notation.TYPED and observed - texts):
        return STRING
    if known.type == STRING and known.declared:
        raise MisfitError(not_a_text(number, observed - texts))
    if known.type in NUMBERS:
        return _number_type(number, column, observed, known)
    # Other cells in a column that is not declared are an error of `not_booleans`, which --force ignores.
    if known.type == BOOL and not known.declared and not known.each and observed <= _booleans(column):
        return BOOL
    if known.type in {BOOL, ARRAY} and (known.declared or known.type == ARRAY):
        # The server converts lists to arrays only in columns that are declared as arrays.
        arrays = {cells.ARRAY, cells.NESTED} if known.declared else {cells.ARRAY}
        accepted = _booleans(column) if known.type == BOOL else arrays
        if observed - accepted:
            raise MisfitError(*misfits(number, observed - accepted, str(known.type)))
        return str(known.type)
    # All values of a dict are in the same column, but each has its own type.
    if known.each and observed - _NUMERIC and len(observed) > 1:
        return LITERAL
    return _own_type(number, observed, texts)


def _booleans(column: ColumnSurvey) -> set[str]:
    """Return the categories of booleans in a column. pandas and spreadsheets also write 0 and 1 for them."""
    return {cells.BOOL, cells.INT, cells.FLOAT} if column.binary else {cells.BOOL}


def not_booleans(types: Mapping[str, str], known: Mapping[str, KnownColumn]) -> list[Cause]:
    """Return the causes for columns of booleans in the study that would have another of the ``types``."""
    wrong = []
    for number, (name, kind) in enumerate(types.items()):
        before = known.get(name, KnownColumn())
        # A declared type has an error of its own, and each value of a dict has its own type.
        if before.type == BOOL and kind != BOOL and not before.declared and not before.each:
            wrong.append(misfit(number, _is_no_boolean, BOOL))
    return wrong


def _is_no_boolean(cell: str) -> bool:
    return cells.category(cell) not in {cells.BOOL, *_NONE} and cell.strip() not in BINARY


def _number_type(number: int, column: ColumnSurvey, observed: set[str], known: KnownColumn) -> str:
    wrong = misfits(number, observed - _NUMERIC, "number")
    whole_only = known.type == INT and known.declared
    if whole_only and (column.fractional or cells.INFINITE in observed):
        # After the other causes: only numbers that are not whole are left.
        wrong = (*wrong, misfit(number, lambda cell: not _is_whole(cell), "int"))
    if wrong:
        raise MisfitError(*wrong)
    if whole_only:
        return INT
    return FLOAT if known.type == FLOAT or observed - {cells.INT} else INT


def _is_whole(cell: str) -> bool:
    return cells.category(cell) in {cells.MISSING, cells.BLANK} or number_text.whole(cell) is not None


def _own_type(number: int, observed: set[str], texts: set[str]) -> str:
    """Return the type of a column by its own cells."""
    doubtful = observed & {cells.COMMA, cells.SPACED}
    if doubtful:
        doubtful |= set() if observed & texts else observed & {cells.ZEROS, cells.NAN}
        raise MisfitError(*causes(number, doubtful, "numbers", takes_texts=True))
    if observed & texts:
        return STRING if observed <= texts or cells.TEXT in texts else LITERAL
    doubtful = observed & {cells.ZEROS, cells.NAN}
    if doubtful:
        raise MisfitError(*causes(number, doubtful, "numbers", takes_texts=True))
    if cells.COMPLEX in observed and observed & _NUMERIC:
        raise MisfitError(complex_column(number, _NUMERIC))
    if observed and observed <= _NUMERIC:
        return INT if observed == {cells.INT} else FLOAT
    if observed == {cells.BOOL}:
        return BOOL
    return ARRAY if observed == {cells.ARRAY} else LITERAL


def _downloaded(column: ColumnSurvey, known: KnownColumn) -> TypedColumn:
    """Give a column of a download a type. No cell is refused, because a study already had all of them."""
    own = known_column(column)
    # An undo restores a table from before the last sent one, which may have replaced booleans by texts.
    was_boolean = own.type == BOOL and known.from_sent
    kind = known.type if known.declared and known.type is not None and not was_boolean else own.type
    categories = column.categories - {cells.BLANK}
    if kind in NUMBERS and categories <= _NUMERIC:
        kind = FLOAT if kind == FLOAT or categories - {cells.INT} else INT
    elif kind != STRING:
        kind = own.type or LITERAL
    # The server writes whole numbers beside missing values as floats, so blank cells beside integers are empty texts.
    integers = categories == {cells.INT} and cells.BLANK in column.categories
    kind = LITERAL if integers and kind == INT else kind
    missing = not integers and (known.blanks or not (kind == STRING and known.declared))
    certain = kind == STRING and known.declared
    guessed = kind == STRING and not known.declared and (cells.BLANK in column.categories or _like_values(column))
    return TypedColumn(column, str(kind), missing, Notation.DOWNLOAD, certain=certain, note=_loss(column, guessed))


def _loss(column: ColumnSurvey, guessed: bool) -> str | None:
    """Return a note for the plan about information that a download lacks."""
    if cells.ARRAY in column.categories:
        return "arrays with the 8 digits that the server's download shows"
    if guessed:
        return "a download shows no types; taken for texts, blank cells for missing values"
    return None


def _like_values(column: ColumnSurvey) -> bool:
    return bool(column.categories & (_NUMERIC | {cells.BOOL, cells.NESTED, cells.ARRAY, cells.COMPLEX}))


def _note(column: ColumnSurvey, kind: str, known: KnownColumn, notation: Notation) -> str | None:
    """Return a note for the plan if the file alone does not show the type."""
    is_declared = known.declared and not known.from_sent
    if kind == STRING and not is_declared and notation is Notation.FILE and _like_values(column):
        return "read as texts, including cells that look like numbers"
    if kind == INT and column.categories & _NONE:
        return "the server stores whole numbers beside missing values as floats"
    if kind == BOOL and column.categories & _NUMERIC:
        return "0 and 1 are read as False and True"
    return None


def notes_of(columns: Sequence[TypedColumn]) -> tuple[str, ...]:
    """Return the notes for the plan. A note that applies to many columns names the first ones."""
    names: dict[str, list[str]] = {}
    for column in columns:
        if column.note is not None:
            names.setdefault(column.note, []).append(shortened(column.survey.name))
    return tuple(f"column{'s' * (len(some) > 1)} {listed(some)}: {note}" for note, some in names.items())
