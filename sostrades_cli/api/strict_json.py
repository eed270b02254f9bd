"""JSON as the standard has it: no NaN, no Infinity, no number that a double cannot hold."""

from __future__ import annotations

import contextlib
import gc
import math
from typing import TYPE_CHECKING, Any

from sostrades_cli.documents import from_json

if TYPE_CHECKING:
    from collections.abc import Iterator


def parse(document: bytes, *, unbounded: bool) -> Any:  # noqa: ANN401 - a JSON document of any shape
    """Read a document; ``unbounded`` lets numbers beyond a double become infinite.

    Raises
    ------
    ValueError
        It is no JSON, or nested too deeply.

    """
    with _without_collection():
        return from_json(document, parse_constant=_refuse_constant, parse_float=None if unbounded else _finite)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no cycles: JSON has none, and the search through a large answer takes as long as its reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is beyond a double")
    return value
