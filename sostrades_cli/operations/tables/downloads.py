"""Read downloads of scalars, lists and dicts, and compare them with JSON values."""

from __future__ import annotations

import io
from csv import Error as CsvError
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, DICT_TYPES, LIST_TYPES, TABLE
from sostrades_cli.api.protocol import unusable
from sostrades_cli.operations.tables import cells
from sostrades_cli.operations.tables.csv_reader import numbered_rows
from sostrades_cli.operations.tables.equality import equal, identical
from sostrades_cli.operations.tables.layout import DICT_HEADER, VALUE_HEADER
from sostrades_cli.operations.tables.rows import with_returns, without_returns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.models import Json

# A load shows the values of these cells as null.
NULLS: Final = cells.EMPTY | {"nan", "inf", "-inf"}
_PLAIN_TEXTS: Final = frozenset({cells.TEXT, cells.TEXT_LITERAL, cells.ZEROS, cells.COMMA, cells.SPACED})


def rows(content: bytes) -> list[list[str]]:
    """Return the cells of a download, header first."""
    return list(each_row(content))


def each_row(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of a download, header first."""
    try:
        lines = io.StringIO(content.decode("utf-8"), newline="\n")
        for _, row in numbered_rows(map(without_returns, lines)):
            yield with_returns(row)
    except (UnicodeDecodeError, CsvError) as error:
        raise unusable("a CSV file that cannot be read") from error


def scalar_text(content: bytes) -> str | None:
    """Return the only cell of the download of a scalar, or ``None`` for any other download."""
    table = rows(content)
    if len(table) == 2 and table[0] == VALUE_HEADER and len(table[1]) == 1:  # noqa: PLR2004 - header and value
        return table[1][0]
    return None


def value_of(content: bytes, declared: str | None) -> Json:
    """Return the value that a load would show for a download, with its placeholders for tables and arrays.

    ``declared`` is the parameter's type. If it is ``None``, the type follows from the text of the cell.
    """
    table = rows(content)
    if declared in LIST_TYPES:
        if table[:1] == [VALUE_HEADER]:
            return _items([row[0] if row else "" for row in table[1:]])
        return _objects(table) if table and table[0][:1] == ["variable"] else TABLE
    if declared in DICT_TYPES:
        flat = all(len(row) == 2 for row in table)  # noqa: PLR2004 - variable and value
        return {row[0]: _item(row[1]) for row in table[1:]} if table and flat else TABLE
    text = scalar_text(content)
    if text is None or declared in {"dataframe", "array"}:
        return TABLE
    return text if declared == "string" else cells.literal(text)


def shows_objects(content: bytes) -> bool:
    """Return whether a download may be a list of objects, whose first column has their positions."""
    table = rows(content)
    positions = [row[:1] for row in table[1:]]
    return bool(positions) and table[0][:1] == ["variable"] and positions == [[str(n)] for n in range(len(positions))]


def _items(column: Sequence[str]) -> list[Json]:
    """Return the items of a list. If one of them is certainly a text, all of them are texts."""
    if any(cells.category(cell) in _PLAIN_TEXTS for cell in column):
        return [cell if cell not in cells.EMPTY else None for cell in column]
    return [_item(cell) for cell in column]


def _objects(table: Sequence[Sequence[str]]) -> Json:
    """Return a list of objects. Its download has a numbered row for each object."""
    columns = table[0][1:]
    if any(len(row) != len(columns) + 1 for row in table):
        return TABLE
    return [dict(zip(columns, map(_item, row[1:]), strict=True)) for row in table[1:]]


def _item(cell: str) -> Json:
    """Return the value of a cell in a list or a dict, where a load shows infinity as null."""
    if cell in NULLS:
        return None
    return ARRAY if cells.category(cell) == cells.ARRAY or cells.is_shortened(cell) else cells.literal(cell)


def holds(content: bytes, value: Json, declared: str | None = None) -> bool:
    """Return whether a download shows a value that was sent as JSON."""
    table = rows(content)
    if isinstance(value, list):
        if table and table[0][:1] == ["variable"]:
            return len(table) - 1 == len(value) and all(
                isinstance(item, dict) and _row_holds(table[0][1:], row[1:], item)
                for row, item in zip(table[1:], value, strict=True)
            )
        flat = value
        # The server makes a DataFrame of the list. A nested list is then a row, so a single item has no brackets.
        if value and isinstance(value[0], list | dict) and all(map(_has_one_part, value)):
            flat = [next(iter(item), None) for item in value]
        return table[:1] == [VALUE_HEADER] and _all_hold([row[0] if row else "" for row in table[1:]], flat)
    if isinstance(value, dict):
        shown = {row[0]: row[1] for row in table[1:] if len(row) == 2}  # noqa: PLR2004 - variable and value
        empty = not value and len(table) <= 1
        return empty or (
            table[:1] == [DICT_HEADER]
            and shown.keys() == value.keys()
            and _all_hold([shown[key] for key in value], list(value.values()))
        )
    text = scalar_text(content)
    return text is not None and _cell_holds(text, value, exact=declared != "float")


def _has_one_part(value: Json) -> bool:
    # In such a list, pandas treats a text as a row of letters.
    return isinstance(value, list | dict | str) and len(value) <= 1


def looks_alike(value: Json) -> bool:
    """Return whether another value may have the same download, because of texts like numbers, or nested lists."""
    if isinstance(value, str):
        return cells.category(value) not in {cells.TEXT, cells.TEXT_LITERAL}
    if isinstance(value, dict):
        return any(map(looks_alike, value.values()))
    return isinstance(value, list) and any(isinstance(item, list) or looks_alike(item) for item in value)


def _row_holds(columns: Sequence[str], shown: Sequence[str], value: dict[str, Json]) -> bool:
    """Return whether a row shows an object of a list. A missing key is a blank cell."""
    return (
        len(columns) == len(shown)
        and value.keys() <= set(columns)
        and all(_cell_holds(cell, value.get(name), exact=False) for name, cell in zip(columns, shown, strict=True))
    )


def _all_hold(shown: Sequence[str], values: Sequence[Json]) -> bool:
    # If a list has a float or a missing value, the server writes its whole numbers as floats.
    exact = not any(value is None or isinstance(value, float) for value in values)
    return len(shown) == len(values) and all(
        _cell_holds(cell, value, exact=exact) for cell, value in zip(shown, values, strict=True)
    )


def _cell_holds(cell: str, value: Json, *, exact: bool) -> bool:
    if value is None:
        return cell in NULLS
    if isinstance(value, bool):
        return cell == str(value)
    if isinstance(value, int | float):
        shown = cells.literal(cell)
        return identical(shown, value) if exact else not isinstance(shown, str) and equal(shown, value)
    if isinstance(value, str):
        return cell == value
    return equal(cells.literal(cell), value)
