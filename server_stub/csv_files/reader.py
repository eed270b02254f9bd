"""Conversion of an uploaded CSV file to the value that the server stores."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence

from server_stub.csv_files import arrays, columns
from server_stub.csv_files.records import CsvError, records
from server_stub.values import Array, Json, Table, Value

_READ_SIZE = 2**18


def read(
    content: bytes,
    declared_type: str,
    *,
    subtype: Mapping[str, Json] | None = None,
    descriptor: Mapping[str, Json] | None = None,
) -> Value:
    """Return the value that the server stores after the upload of a file for a parameter of this type.

    ``subtype`` and ``descriptor`` are declared by the parameter, for example ``{"dict": "dataframe"}``.

    Raises
    ------
    ValueError
        If the file is not UTF-8 or not a table.
    AttributeError
        If a dict has no column `variable`.
    KeyError
        If another column is missing.
    TypeError
        If a cell is a literal that cannot be built.
    ArithmeticError
        If an integer is too large for a column of numbers.
    RecursionError
        If a cell is nested too deeply.
    MemoryError
        If a cell is nested too deeply for the parser.

    """
    table = _table(_decoded(content))
    # The server searches for these words in the name of the type, so `float_list` is a list.
    if "list" in declared_type:
        return table.first_column()
    if "array" in declared_type:
        return Array(table.first_column(), flat=True)
    if "dict" in declared_type:
        return _tables(table) if subtype == {"dict": "dataframe"} else _dictionary(table)
    return _with_arrays(table, descriptor) if descriptor is not None else table


def _decoded(content: bytes) -> str:
    # The server decodes in pieces, and an error has the position within its piece.
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="") as text:
        decoded = "".join(iter(lambda: text.read(_READ_SIZE), ""))
    return decoded.removeprefix("\ufeff")


def _table(text: str) -> Table:
    header, rows = _header_and_rows(text)
    names = _names(header)
    if not rows:
        return Table(names, ())
    # The server uses surplus leading cells as an index, which is then lost.
    surplus = len(rows[0]) - len(names)
    at_once = columns.rows_at_once(len(rows[0]))
    parts = [list(zip(*rows[start : start + at_once], strict=True)) for start in range(0, len(rows), at_once)]
    values = [columns.column([part[index] for part in parts]) for index in range(surplus, len(rows[0]))]
    return Table(names, tuple(zip(*values, strict=True)))


def _header_and_rows(text: str) -> tuple[list[str], list[list[str]]]:
    """Split a text into header and rows, as wide as the wider one of header and first row."""
    header: list[str] | None = None
    rows: list[list[str]] = []
    width = 0
    for number, cells in records(text):
        if header is None:
            header, width = cells, len(cells)
            continue
        if len(cells) != width:
            if rows and len(cells) > width:
                counts = f"Expected {width} fields in line {number}, saw {len(cells)}\n"
                raise CsvError(f"Error tokenizing data. C error: {counts}")
            width = max(width, len(cells))
            cells.extend([""] * (width - len(cells)))
        rows.append(cells)
    if header is None:
        raise CsvError("No columns to parse from file")
    if "\0" in text:
        # A cell ends at a NUL, like a C string.
        header = [cell.partition("\0")[0] for cell in header]
        rows = [[cell.partition("\0")[0] for cell in row] for row in rows]
    return header, rows


def _names(header: Sequence[str]) -> tuple[str, ...]:
    """Name columns without a name, and number columns with the same name."""
    names = [name or f"Unnamed: {index}" for index, name in enumerate(header)]
    used: Counter[str] = Counter()
    # Names in the file have priority over names from the server.
    for index in sorted(range(len(names)), key=lambda index: not header[index]):
        name = original = names[index]
        number = used[name]
        while number:
            used[original] = number + 1
            name = f"{original}.{number}"
            # The name may belong to another column of the file, or be used already.
            number = number + 1 if name in names else used[name]
        names[index] = name
        used[name] = 1
    return tuple(names)


def _with_arrays(table: Table, descriptor: Mapping[str, Json]) -> Table:
    """Convert the cells of columns that are declared as arrays."""
    declared = {name for name, column in descriptor.items() if column[0] == "array"}
    for name in declared:
        table.column(name)
    rows = (
        tuple(arrays.build(cell) if name in declared else cell for name, cell in zip(table.columns, row, strict=True))
        for row in table.rows
    )
    return Table(table.columns, tuple(rows)) if declared else table


def _dictionary(table: Table) -> dict[Value, Value]:
    if "variable" not in table.columns:
        raise AttributeError("'DataFrame' object has no attribute 'variable'")
    return dict(zip(table.column("variable"), table.column("value"), strict=True))


def _tables(table: Table) -> dict[Value, Table]:
    keys = table.column("variable")
    position = table.columns.index("variable")
    names = tuple(name for name in table.columns if name != "variable")
    groups: dict[Value, list[tuple[Value, ...]]] = {}
    for key, row in zip(keys, table.rows, strict=True):
        groups.setdefault(key, []).append(row[:position] + row[position + 1 :])
    # The server iterates over a set, so the order of the keys is lost. The reverse order stands for any order.
    return {key: Table(names, tuple(groups[key])) for key in reversed(groups)}
