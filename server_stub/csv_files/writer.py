"""Conversion of a value to the CSV file that the server sends."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from server_stub.csv_files import arrays
from server_stub.csv_files.columns import unify
from server_stub.errors import NO_VALUE, ApiError, invalid_file
from server_stub.values import Array, Table, Value

_NEEDS_QUOTES = re.compile(r'[,"\n]')
_LISTS = (list, tuple, set, frozenset, Array)


def write(value: Value, key: str = "value") -> str:
    """Return the file that the download route sends for a parameter with this full name.

    Raises
    ------
    ApiError
        If there is no value, or no layout for it, in the words of the server.

    """
    if value is None:
        raise ApiError(400, NO_VALUE)
    try:
        return _file(value)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ApiError(400, invalid_file(key, error)) from error


def _file(value: Value) -> str:
    if isinstance(value, Table):
        return _text(value.columns, value.rows)
    if isinstance(value, Array):
        return _single_column(_array_column(value))
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, dict):
        return _dict(value)
    return _single_column(_list_column([value]))


def _list(items: list[Value]) -> str:
    if items and isinstance(items[0], dict):
        # The server iterates over a set. The recordings have the columns in this order and in others.
        names = list(dict.fromkeys(key for item in items for key in _keys(item)))
        rows = ([index, *(item.get(name) for name in names)] for index, item in enumerate(items))
        return _text(("variable", *names), rows)
    return _single_column(_list_column(items))


def _keys(item: Value) -> list[Value]:
    if isinstance(item, dict):
        return list(item)
    raise AttributeError(f"'{type(item).__name__}' object has no attribute 'keys'")


def _list_column(items: list[Value]) -> list[Value]:
    """Return the column that pandas makes of a list. A list of lists is a table with several columns."""
    if not items or not isinstance(items[0], _LISTS):
        return items
    if isinstance(items[0], Array) and len(arrays.shape(items[0])) > 1:
        raise ValueError(f"Must pass 2-d input. shape={arrays.joint_shape(items)}")
    rows = [_row(item, type(items[0])) for item in items]
    width = max(map(len, rows))
    if width != 1:
        raise ValueError(f"1 columns passed, passed data had {width} columns")
    return [row[0] if row else None for row in rows]


def _row(item: Value, first: type) -> list[Value]:
    """Return the cells of a list item; ``first`` is the type of the first item."""
    if first is tuple and (item is None or item != item):  # noqa: PLR0124 - NaN
        return [None]
    if isinstance(item, Array):
        return arrays.rows(item)
    if isinstance(item, Collection):
        return list(item)
    name = type(item).__name__
    raise TypeError(
        f"object of type '{name}' has no len()" if first in {list, tuple} else f"'{name}' object is not iterable"
    )


def _array_column(array: Array) -> list[Value]:
    shape = arrays.shape(array)
    if len(shape) == 1:
        return array.data
    if len(shape) > 2:  # noqa: PLR2004 - a table has two dimensions
        raise ValueError(f"Must pass 2-d input. shape={shape}")
    if shape[0] and shape[1] != 1:
        raise ValueError(f"Shape of passed values is {shape}, indices imply ({shape[0]}, 1)")
    return [row[0] for row in array.data]


def _dict(items: dict[Value, Value]) -> str:
    first = next(iter(items.values()), None)
    if not isinstance(first, Table):
        return _text(("variable", "value"), _by_column(list(items.items())))
    # Columns that the first table does not have are lost.
    return _text(("variable", *first.columns), _rows_of_tables(items, first.columns))


def _rows_of_tables(items: dict[Value, Value], names: Sequence[str]) -> Iterator[list[Value]]:
    for key, table in items.items():
        positions = _positions(table, names)
        for row in table.rows:
            yield [key, *(None if position is None else row[position] for position in positions)]


def _positions(table: Value, names: Sequence[str]) -> list[int | None]:
    if isinstance(table, Table):
        return [table.columns.index(name) if name in table.columns else None for name in names]
    raise AttributeError(f"'{type(table).__name__}' object has no attribute 'assign'")


def _by_column(rows: Sequence[Sequence[Value]]) -> Iterable[Sequence[Value]]:
    """Convert the cells of each column to one type."""
    return zip(*(unify(list(column)) for column in zip(*rows, strict=True)), strict=True)


def _single_column(values: list[Value]) -> str:
    return _text(("value",), ((value,) for value in unify(values)))


def _text(header: Iterable[Value], rows: Iterable[Iterable[Value]]) -> str:
    return "".join(_line(row) for row in (header, *rows))


def _line(row: Iterable[Value]) -> str:
    cells = [_cell(value) for value in row]
    # A blank line would not be a row.
    return '""\n' if cells == [""] else ",".join(cells) + "\n"


def _cell(value: Value) -> str:
    if type(value) is float:
        return "" if math.isnan(value) else repr(value)
    if value is None or (isinstance(value, complex) and value != value):  # noqa: PLR0124 - NaN in either part
        return ""
    text = value if isinstance(value, str) else arrays.text(value)
    # The server uses a Python before 3.13, which does not quote a lone carriage return.
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
