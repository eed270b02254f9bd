"""Convert files of lists and dicts to JSON values, and dicts of arrays to files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.errors import InvalidValue
from sostrades_cli.operations.param.coercion import can_be_held
from sostrades_cli.operations.tables import cells, layout, rows, upload
from sostrades_cli.operations.tables.column_types import KnownColumn, notes_of
from sostrades_cli.operations.tables.misfits import STRING
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.safe_parsers import NotADoubleError, double

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sostrades_cli.api.models import Json

_EXACT_IN_A_DOUBLE: Final = 2**53
_INTEGER: Final = re.compile("-?(?:0|[1-9][0-9]*)")


def integer_keys(value: Json) -> list[str]:
    """Return the keys of a dict that look like whole numbers."""
    return [key for key in value if _INTEGER.fullmatch(key)] if isinstance(value, dict) else []


def has_integer_keys(path: Path) -> bool:
    """Return whether all keys in the file of a dict are whole numbers."""
    table = rows.numbered(path)
    next(table, None)
    return {cells.category(row[0]) for _, row in table} == {cells.INT}


def from_file(path: Path, called: str, key: str, kind: str, stored: Json) -> tuple[Json, tuple[str, ...]]:
    """Read the file of a list or a dict. Return its JSON value and notes for the plan.

    ``called`` is the name of the file in errors. ``stored`` is the current value. A list that contains a text is a list
    of texts, like a column of a table. Each value of a dict has its own type.

    Raises
    ------
    InvalidValue
        The server cannot hold a cell.

    """
    current = stored if isinstance(stored, list) else list(stored.values()) if isinstance(stored, dict) else []
    values = [value for value in current if value is not None]
    only_texts = bool(values) and all(isinstance(value, str) for value in values)
    known = KnownColumn(STRING if only_texts else None, declared=only_texts, blanks=None in current)
    source = upload.UploadSource(path, called, kind, known={"value": known})
    places = places_of(called)
    columns = upload.check(source, key)
    # A list has a single column. A dict has two, and their header is checked below.
    if kind == layout.ONE:
        if known.type != STRING:
            _validate_containers(path, called)
        items = [
            _item(cell, f"{called}, {places.cell(line, 0)}", columns[0].type, known)
            for line, (cell,) in _below_header(path, called)
        ]
        return items, notes_of(columns)
    if [column.survey.name for column in columns] != layout.DICT_HEADER:
        raise InvalidValue(f"{called}: {key} takes two columns, variable and value", hint="KEY='{...}' is JSON")
    result: dict[str, Json] = {}
    for line, (key_cell, cell) in _below_header(path, called):
        name = _text(key_cell)
        is_text = isinstance(stored, dict) and isinstance(stored.get(name), str)
        if name in result:
            where = f"{called}, {places.cell(line, 0)}"
            raise InvalidValue(f"{where}: the key {name!r} occurs twice", hint="remove one of them")
        value_type = STRING if is_text or only_texts else None
        result[name] = _item(cell, f"{called}, {places.cell(line, 1)}", value_type, known)
    return result, ()


def with_floats(new: Json, stored: Json) -> Json:
    """Return the value of an Excel sheet with whole numbers as floats where ``stored`` has floats.

    A sheet has no integers, so the type of a whole number can only come from the current value. An integer that a
    double would round was written as a text, so it stays an integer.
    """
    if isinstance(new, dict) and isinstance(stored, dict):
        return {key: with_floats(value, stored.get(key)) for key, value in new.items()}
    if isinstance(new, list) and isinstance(stored, list) and stored and all(type(item) is float for item in stored):
        return [with_floats(item, stored[0]) for item in new]
    return float(new) if type(new) is int and type(stored) is float and abs(new) < _EXACT_IN_A_DOUBLE else new


def empty_in_place_of(stored: Json, new: Json, called: str, key: str) -> InvalidValue | None:
    """Return the error for a file without rows that would empty a list or a dict."""
    if new or not stored:
        return None
    return InvalidValue(f"{called} has no rows, so it would empty {key}", hint=f"if you mean it: {key}:='{new}'")


def _validate_containers(path: Path, called: str) -> None:
    """Refuse lists and dicts that contain nan or inf, because the server would read them as texts."""
    for line, (cell,) in _below_header(path, called):
        is_text = cells.category(cell) == cells.TEXT
        if is_text and isinstance(cells.literal(cell.strip()), list | dict):
            raise _not_held(cell, f"{called}, {places_of(called).cell(line, 0)}")


def _not_held(cell: str, where: str) -> InvalidValue:
    return InvalidValue(
        f"{where}: the server cannot hold {cell}",
        hint="write None: the server returns nan and inf as missing values",
    )


def _below_header(path: Path, called: str) -> Iterator[tuple[int, list[str]]]:
    table = places_of(called).numbered(path)
    next(table)
    return table


def _text(cell: str) -> str:
    """Return a cell as text, without quotes around it."""
    return cells.literal_text(cell) if cells.category(cell) == cells.TEXT_LITERAL else cell


def _item(cell: str, where: str, kind: str | None, known: KnownColumn) -> Json:
    category = cells.category(cell)
    if category == cells.MISSING:
        return None
    if category == cells.BLANK:
        return "" if kind == STRING and not known.blanks else None
    literal = cells.literal(cell.strip())
    # A list or dict with nan is not a Python literal, so its category is `text`. The user means a list or dict.
    nested = kind != STRING and category != cells.TEXT_LITERAL and isinstance(literal, list | dict)
    if kind == STRING or (category in {cells.TEXT_LITERAL, cells.TEXT} and not nested):
        value: Json = _text(cell)
    elif category == cells.INT:
        value = int(number_text.bare(cell))
    elif category == cells.FLOAT:
        value = _double(cell, where)
    elif category == cells.BOOL:
        value = cell.lower() == "true"
    else:
        value = literal
    infinite = kind != STRING and category == cells.INFINITE
    if infinite or ((nested or category == cells.ARRAY) and not can_be_held(literal, cell)):
        raise _not_held(cell, where)
    return value


def _double(cell: str, where: str) -> float:
    try:
        return double(number_text.bare(cell))
    except NotADoubleError as error:
        raise InvalidValue(f"{where}: {error}", hint="write a number that a double holds") from error


def write_arrays(value: Mapping[str, Json], key: str, path: Path) -> Path:
    """Write a dict of lists of numbers as a CSV file. JSON has no arrays, so the server would store lists.

    Raises
    ------
    InvalidValue
        A value is not a list of at least two numbers.

    """
    for name, items in value.items():
        numbers = isinstance(items, list) and all(type(item) in {int, float} for item in items)
        if not numbers or len(items) < 2:  # noqa: PLR2004 - "[1.0]" is a list to the server
            raise InvalidValue(
                f"{key} is a dict of arrays, but {name!r} is not a list of at least two numbers",
                detail="the server would store other values as lists or texts, and the next run would fail",
                hint=f"{key}=@FILE.csv with the columns variable,value and cells such as [1.0 2.5]",
            )
    # Quotes keep a name such as 1 a text.
    names = [repr(str(name)) for name in value]
    arrays = [f"[{' '.join(map(repr, items))}]" for items in value.values()]
    path.write_text(rows.lines([["variable"], ["value"]]) + rows.lines([names, arrays]), encoding="utf-8")
    return path
