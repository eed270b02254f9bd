"""JSON as the standard has it: no NaN, no Infinity, no number that a double cannot hold, no key twice in an object."""

from __future__ import annotations

import math
from typing import Any

from sostrades_cli.safe_parsers import distinct, from_json


def parse(document: bytes) -> Any:  # noqa: ANN401 - a JSON document of any shape
    """Read a document.

    Raises
    ------
    ValueError
        It is no JSON, or nested too deeply.

    """
    return from_json(document, parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=distinct)


def _reject_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is beyond a double")
    return value
