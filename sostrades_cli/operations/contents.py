"""The server's CSV: reading values out of a download, and comparing one with a value or a file."""

from __future__ import annotations

import ast
import io
import json
import re
from csv import Error as CsvError
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, TABLE
from sostrades_cli.api.protocol import unusable
from sostrades_cli.operations.csv_reader import numbered_rows
from sostrades_cli.operations.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sostrades_cli.api.models import Json

VALUE_HEADER: Final = ["value"]
DICT_HEADER: Final = ["variable", "value"]
# Python reads more as numbers than CSV means: 1_0, digits of other scripts.
_WHOLE: Final = re.compile(r"\s*[+-]?[0-9]{1,4000}\s*")
_NUMBER: Final = re.compile(r"\s*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|nan)\s*")
_BOOLEANS: Final = frozenset({"true", "false"})
_CONTAINER: Final = frozenset("[{")
_LITERAL: Final = frozenset("+-.0123456789[{TF")
EMPTY: Final = frozenset({"", "None"})
# What a load shows as null.
NULLS: Final = EMPTY | {"nan", "inf", "-inf"}


def rows(content: bytes) -> list[list[str]]:
    """Return the cells of a download, header first."""
    return list(each_row(content))


def each_row(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of a download, header first."""
    try:
        for _, row in numbered_rows(io.StringIO(content.decode("utf-8"), newline="")):
            yield row
    except (UnicodeDecodeError, CsvError) as error:
        raise unusable("a CSV file that cannot be read") from error


def scalar_text(content: bytes) -> str | None:
    """Return the one cell of a scalar's download; ``None`` where it is not a scalar's."""
    table = rows(content)
    if len(table) == 2 and table[0] == VALUE_HEADER and len(table[1]) == 1:  # noqa: PLR2004 - header and value
        return table[1][0]
    return None


def value_of(content: bytes, declared: str | None) -> Json:
    """Read a download as the value that a load would show; a table stays the load's placeholder for one.

    ``declared`` is the parameter's type, ``None`` where it is not known: then numbers and bools are recognised.
    """
    table = rows(content)
    if declared in LIST_TYPES:
        return [_item(row[0] if row else "") for row in table[1:]] if table[:1] == [VALUE_HEADER] else TABLE
    if declared in DICT_TYPES:
        flat = all(len(row) == 2 for row in table)  # noqa: PLR2004 - variable and value
        return {row[0]: _item(row[1]) for row in table[1:]} if table and flat else TABLE
    text = scalar_text(content)
    if text is None or declared in {"dataframe", "array"}:
        return TABLE
    return text if declared == "string" else literal(text)


def _item(cell: str) -> Json:
    """Read a cell within a list or a dict, where a load shows what is infinite as null."""
    return None if cell in NULLS else literal(cell)


def literal(cell: str) -> Json:
    """Read a cell as the server writes it: a Python literal where it is one, else text; nan is no value."""
    if cell in EMPTY or cell == "nan":
        return None
    if cell[:1] not in _LITERAL:
        return cell
    try:
        value = ast.literal_eval(_WithoutNan().visit(ast.parse(cell.strip(), mode="eval")))
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return cell  # what JSON has no word for is text
    return value if isinstance(value, bool | int | float | list | dict) else cell


class _WithoutNan(ast.NodeTransformer):
    """Replaces the names nan and inf, which are no literals, by None."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Replace one with its sign."""
        inner = self.visit(node.operand)
        return inner if isinstance(inner, ast.Constant) and inner.value is None else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace one name."""
        return ast.Constant(None) if node.id in {"nan", "inf"} else node


def holds(content: bytes, value: Json) -> bool:
    """Tell whether a download shows a value that was sent as JSON."""
    table = rows(content)
    if isinstance(value, list):
        if table and table[0][:1] == ["variable"]:
            return len(table) - 1 == len(value) and all(
                isinstance(one, dict) and _row_holds(table[0][1:], row[1:], one)
                for row, one in zip(table[1:], value, strict=True)
            )
        return table[:1] == [VALUE_HEADER] and _all_same([row[0] if row else "" for row in table[1:]], value)
    if isinstance(value, dict):
        shown = {row[0]: row[1] for row in table[1:] if len(row) == 2}  # noqa: PLR2004 - variable and value
        empty = not value and len(table) <= 1
        return empty or (
            table[:1] == [DICT_HEADER]
            and shown.keys() == value.keys()
            and _all_same([shown[key] for key in value], list(value.values()))
        )
    text = scalar_text(content)
    return text is not None and _cell_holds(text, value)


def _row_holds(columns: Sequence[str], cells: Sequence[str], value: dict[str, Json]) -> bool:
    """Tell whether a row shows an object of a list; what it does not have is blank there."""
    return (
        len(columns) == len(cells)
        and value.keys() <= set(columns)
        and all(_cell_holds(cell, value.get(name)) for name, cell in zip(columns, cells, strict=True))
    )


def _all_same(cells: Sequence[str], values: Sequence[Json]) -> bool:
    return len(cells) == len(values) and all(_cell_holds(c, v) for c, v in zip(cells, values, strict=True))


def _cell_holds(cell: str, value: Json) -> bool:
    if value is None:
        return cell in NULLS
    if isinstance(value, bool):
        return cell == str(value)
    if isinstance(value, int | float):
        return same_cell(cell, repr(value))
    if isinstance(value, str):
        return cell == value
    return same(literal(cell), value)


def same_cell(one: str, other: str) -> bool:
    """Tell whether two cells hold the same: text for text, number for number, empty for empty."""
    if one == other or (one in EMPTY and other in EMPTY):
        return True
    if one.lower() == other.lower() in _BOOLEANS:
        return True
    if one[:1] in _CONTAINER and other[:1] in _CONTAINER:
        return same(literal(one), literal(other))
    if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)):
        return False
    if _WHOLE.fullmatch(one) and _WHOLE.fullmatch(other):
        return int(one) == int(other)
    return float(one) == float(other)


def number(cell: str) -> float | None:
    """Return the number of a cell, ``None`` where it holds none."""
    return float(cell) if _NUMBER.fullmatch(cell) else None


def same_table(sent: Iterable[list[str]], held: Iterable[list[str]], *, first_column_only: bool) -> bool:
    """Compare a CSV file with a download, row by row, both streamed; an array has one column and any header."""
    for number, (one, other) in enumerate(zip_longest(_full(sent), _full(held))):
        if one is None or other is None:
            return False
        if first_column_only:
            if number and not same_cell(one[0], other[0]):
                return False
        elif len(one) != len(other) or not all(map(same_cell, one, other)):
            return False
    return True


def same_tables(sent: Iterable[list[str]], held: Iterable[list[str]]) -> bool:
    """Compare dicts of tables: the server loses the order of the keys, not that of the rows under one."""
    return _by_key(sent) == _by_key(held)


def _by_key(table: Iterable[list[str]]) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in _full(table):
        found.setdefault(row[0], []).append([_plain(cell) for cell in row[1:]])
    return found


def _plain(cell: str) -> str:
    if cell in EMPTY:
        return ""
    if cell.lower() in _BOOLEANS:
        return cell.lower()
    if _WHOLE.fullmatch(cell):
        return str(int(cell))
    if not _NUMBER.fullmatch(cell):
        return cell
    number = float(cell)
    return str(int(number)) if number.is_integer() else repr(number)


def _full(table: Iterable[list[str]]) -> Iterator[list[str]]:
    return (row for row in table if row)
