"""CSV files as the server writes them for a download and reads them from an upload."""

import ast
import csv
import io
import math
import re
from collections.abc import Callable, Iterable

from server_stub.errors import NO_VALUE, ApiError
from server_stub.values import Array, Table, Value

_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_BOOLEANS = {"True": True, "False": False, "TRUE": True, "FALSE": False, "true": True, "false": False}


def write(value: Value) -> str:
    """Write a value as the download route does."""
    if value is None:
        raise ApiError(400, NO_VALUE)
    if isinstance(value, Table):
        return _text(value.columns, value.rows)
    if isinstance(value, Array):
        return _write_list(value.data)
    if isinstance(value, list):
        return _write_list(value)
    if isinstance(value, dict):
        return _write_dict(value)
    return _text(("value",), [(value,)])


def _write_list(items: list[Value]) -> str:
    if items and all(isinstance(item, dict) for item in items):
        columns = list(dict.fromkeys(key for item in items for key in item))
        rows = ([index, *(item.get(column) for column in columns)] for index, item in enumerate(items))
        return _text(("variable", *columns), rows)
    if items and all(isinstance(item, list) for item in items):
        shape = f"({len(items)}, {len(items[0])})"
        raise ApiError(400, f"Shape of passed values is {shape}, indices imply ({len(items)}, 1)")
    return _text(("value",), ((item,) for item in items))


def _write_dict(items: dict[str, Value]) -> str:
    tables = {key: item for key, item in items.items() if isinstance(item, Table)}
    if tables and len(tables) == len(items):
        columns = list(dict.fromkeys(column for table in tables.values() for column in table.columns))
        rows = (
            [key, *(dict(zip(table.columns, row, strict=False)).get(column) for column in columns)]
            for key, table in tables.items()
            for row in table.rows
        )
        return _text(("variable", *columns), rows)
    return _text(("variable", "value"), items.items())


def _text(header: Iterable[str], rows: Iterable[Iterable[Value]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(list(header))
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _cell(value: Value) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def read(content: bytes, declared_type: str) -> Value:
    """Read an uploaded file for a parameter of this type; errors are those of pandas."""
    table = _read_table(content.decode("utf-8").removeprefix("\ufeff"))
    reader = _READERS.get(declared_type)
    return table if reader is None else reader(table)


def _read_table(text: str) -> Table:
    # pandas knows no longest cell, Python's reader does.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    # A quoted blank cell is a row all the same.
    lines = [line for line in csv.reader(io.StringIO(text)) if line]
    if not lines:
        raise ValueError("No columns to parse from file")
    header = [name or f"Unnamed: {index}" for index, name in enumerate(lines[0])]
    # pandas takes surplus leading cells for an index, which the server then loses.
    surplus = max(0, len(lines[1]) - len(header)) if len(lines) > 1 else 0
    width = len(header) + surplus
    for number, line in enumerate(lines[1:], start=2):
        if len(line) > width:
            message = f"Error tokenizing data. C error: Expected {width} fields in line {number}, saw {len(line)}\n"
            raise ValueError(message)
    cells = [(line + [""] * width)[surplus:width] for line in lines[1:]]
    columns = [_infer(column) for column in zip(*cells, strict=True)]
    return Table(tuple(header), tuple(zip(*columns, strict=True)))


def _infer(cells: tuple[str, ...]) -> list[Value]:
    """Give a column one type when pandas would, else read each cell as a Python literal."""
    if all(_INTEGER.fullmatch(cell) for cell in cells):
        return [int(cell) for cell in cells]
    if all(cell in _BOOLEANS for cell in cells):
        return [_BOOLEANS[cell] for cell in cells]
    try:
        if not any(cell.strip().lower().lstrip("+-") == "nan" for cell in cells):
            return [float(cell) for cell in cells]
    except ValueError:
        pass
    return [_literal(cell) for cell in cells]


def _literal(cell: str) -> Value:
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError):
        return cell


def _first_column(table: Table) -> list[Value]:
    return [row[0] for row in table.rows]


def _dictionary(table: Table) -> dict[str, Value]:
    if "variable" not in table.columns:
        raise AttributeError("'DataFrame' object has no attribute 'variable'")
    if set(table.columns) == {"variable", "value"}:
        pairs = zip(table.column("variable"), table.column("value"), strict=True)
        return {str(key): item for key, item in pairs}
    return _tables_by_key(table)


def _tables_by_key(table: Table) -> dict[str, Table]:
    where = table.columns.index("variable")
    columns = tuple(name for name in table.columns if name != "variable")
    groups: dict[str, list[tuple[Value, ...]]] = {}
    for row in table.rows:
        groups.setdefault(str(row[where]), []).append(row[:where] + row[where + 1 :])
    # The server goes through a set, so the order of the keys is lost; reversed stands for any order.
    return {key: Table(columns, tuple(groups[key])) for key in reversed(groups)}


_READERS: dict[str, Callable[[Table], Value]] = {
    "array": lambda table: Array(_first_column(table)),
    "list": _first_column,
    "dict": _dictionary,
}
