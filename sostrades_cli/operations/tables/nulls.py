"""Restore inf and nan, which a load shows as null because JSON cannot represent them. Downloads show most of them."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.layout import DICT_HEADER, VALUE_HEADER

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json

_NUMBERS: Final = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def filled(value: Json, content: bytes, declared: str | None) -> Json:
    """Return the value of a load, with nulls replaced by inf and nan if the download shows them.

    In a list or dict, the server writes both nan and a missing item as a blank cell. They stay null.
    """
    table = downloads.rows(content)
    if value is None and declared == "float":
        text = downloads.scalar_text(content)
        # A blank download of a float is nan. A float without a value has no download.
        return math.nan if text == "" else _NUMBERS.get(text or "")
    if isinstance(value, list) and table[:1] == [VALUE_HEADER] and len(table) == len(value) + 1:
        return [_item(item, row[0] if row else "") for item, row in zip(value, table[1:], strict=True)]
    if isinstance(value, dict) and table[:1] == [DICT_HEADER]:
        shown = {row[0]: row[1] for row in table[1:] if len(row) == len(DICT_HEADER)}
        return {name: _item(item, shown.get(name, "")) for name, item in value.items()}
    return value


def _item(value: Json, cell: str) -> Json:
    if value is None:
        return _NUMBERS.get(cell)
    is_nested = isinstance(value, list | dict) and ("nan" in cell or "inf" in cell)
    return _merged(value, _parsed(cell)) if is_nested else value


def _merged(value: Json, shown: Json) -> Json:
    """Return a nested value, with nulls replaced by the floats of its literal."""
    if isinstance(value, dict) and isinstance(shown, dict):
        return {name: _merged(item, shown.get(name)) for name, item in value.items()}
    if isinstance(value, list) and isinstance(shown, list) and len(value) == len(shown):
        return [_merged(item, other) for item, other in zip(value, shown, strict=True)]
    return shown if value is None and isinstance(shown, float) else value


def _parsed(cell: str) -> Json:
    """Return the value of a Python literal in which nan and inf are numbers, or ``None`` for any other text."""
    try:
        return ast.literal_eval(_WithNumbers().visit(ast.parse(cell.strip(), mode="eval")))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


class _WithNumbers(ast.NodeTransformer):
    """Replaces the names nan and inf, which are not literals, by numbers."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace a name."""
        return ast.Constant(_NUMBERS[node.id]) if node.id in _NUMBERS else node
