"""Decode plotly's typed arrays: numbers as base64 text, in the pages of servers with plotly 6 and later."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json

# The dtype names of plotly, with the codes of struct. The data is little-endian.
_CODES: Final = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
# A placeholder for arrays that cannot be decoded, like the server's placeholders for arrays without content.
UNREADABLE: Final = "://unreadable"
# Plotly's figures are about a dozen levels deep.
_DEEPEST: Final = 100
# The types of items that are not final; most items are plain numbers.
_UNFINISHED: Final = frozenset({dict, list, Decimal})


def decoded(value: Json, depth: int = 0) -> Json:
    """Return JSON with floats instead of decimals, and with lists instead of typed arrays.

    An array of several dimensions becomes a list of lists. A number that is not finite becomes ``None``, as in JSON of
    the server. A damaged array becomes ``UNREADABLE``, so that the other charts of the answer can still be used.

    Raises
    ------
    UnusableAnswer
        The JSON is nested too deeply.

    """
    if depth > _DEEPEST:
        raise unusable("a chart that is nested too deeply")
    if isinstance(value, list):
        if _UNFINISHED.isdisjoint(map(type, value)):
            return value
        return [decoded(item, depth + 1) if type(item) in _UNFINISHED else item for item in value]
    if isinstance(value, Decimal):
        return float(value) if math.isfinite(float(value)) else None
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("bdata"), str) and isinstance(value.get("dtype"), str):
        return _numbers(value)
    return {name: decoded(item, depth + 1) for name, item in value.items()}


def _numbers(value: dict[str, Json]) -> Json:
    try:
        content = base64.b64decode(value["bdata"], validate=True)
        code = _CODES[value["dtype"]]
        unpacked = struct.unpack(f"<{len(content) // struct.calcsize(code)}{code}", content)
        numbers = [number if not isinstance(number, float) or math.isfinite(number) else None for number in unpacked]
        return _shaped(numbers, [int(part) for part in str(value.get("shape", len(numbers))).split(",")])
    except (binascii.Error, KeyError, struct.error, ValueError):
        return UNREADABLE


def _shaped(numbers: list[Json], shape: list[int]) -> list[Json]:
    if math.prod(shape) != len(numbers) or min(shape, default=0) < 0:
        raise ValueError(shape)
    for size in reversed(shape[1:]):
        numbers = [numbers[start : start + size] for start in range(0, len(numbers), size)] if size else []
    return numbers
