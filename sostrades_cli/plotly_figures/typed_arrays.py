"""Plotly's typed arrays: numbers as base64 text, as servers with a plotly from 6 on write them into their pages."""

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

# Names of plotly's documentation, and the codes of struct; they are little-endian.
_CODES: Final = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
# Stands for an array that cannot be decoded, as the server's placeholders do for arrays that it did not write.
UNREADABLE: Final = "://unreadable"
# Figures of plotly's nest a dozen deep.
_DEEPEST: Final = 100


def decoded(value: Json, depth: int = 0) -> Json:
    """Return JSON with floats where the parser left decimals, and with a list for every typed array.

    An array of several dimensions is a list of lists; a number beyond any float is ``None``. An array that is not what
    it says is ``UNREADABLE``: the other charts of the answer can still be read.

    Raises
    ------
    UnusableAnswer
        Lists are nested without end.

    """
    if depth > _DEEPEST:
        raise unusable("a chart that is nested too deep")
    if isinstance(value, list):
        return [decoded(one, depth + 1) if isinstance(one, dict | list | Decimal) else one for one in value]
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
        found = struct.unpack(f"<{len(content) // struct.calcsize(code)}{code}", content)
        numbers = [one if not isinstance(one, float) or math.isfinite(one) else None for one in found]
        return _shaped(numbers, [int(part) for part in str(value.get("shape", len(numbers))).split(",")])
    except (binascii.Error, KeyError, struct.error, ValueError):
        return UNREADABLE


def _shaped(numbers: list[Json], shape: list[int]) -> list[Json]:
    if math.prod(shape) != len(numbers) or min(shape, default=0) < 0:
        raise ValueError(shape)
    for size in reversed(shape[1:]):
        numbers = [numbers[start : start + size] for start in range(0, len(numbers), size)] if size else []
    return numbers
