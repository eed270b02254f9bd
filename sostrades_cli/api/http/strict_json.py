"""JSON as the standard has it: no NaN, no Infinity, no number that a double cannot hold."""

from __future__ import annotations

import contextlib
import gc
import math
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.safe_parsers import distinct, from_json, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

# Beyond so many bytes looking at every key takes as long as reading them.
LARGE: Final = 8_000_000
# From so many bytes on the search for cycles is worth holding back. To do it each time would end it for good: it counts
# what was made since the last one, and to hold it back begins the count anew.
MANY: Final = 1_000_000


def parse(document: bytes, *, unbounded: bool) -> Any:  # noqa: ANN401 - a JSON document of any shape
    """Read a document; a large one may say a key twice.

    ``unbounded`` lets numbers beyond a double become infinite, and values be nested as deeply as they like.

    Raises
    ------
    ValueError
        It is no JSON, or nested too deeply.

    """
    hook = distinct if len(document) <= LARGE else None
    with _without_collection() if len(document) > MANY else contextlib.nullcontext():
        if unbounded:
            if len(document) > LARGE:
                with contextlib.suppress(ValueError, RecursionError):
                    return _read_fast(document)
            return loaded(document, parse_constant=_reject_constant, object_pairs_hook=hook)
        return from_json(document, parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=hook)


def _read_fast(document: bytes) -> Any:  # noqa: ANN401 - a JSON document of any shape
    """Read a document in half the time; what is odd in it, such as half a surrogate pair, is a ``ValueError`` here."""
    import msgspec  # noqa: PLC0415 - start-up: for large answers only

    try:
        return msgspec.json.decode(document)
    except msgspec.MsgspecError as error:  # which is no ValueError in all versions
        raise ValueError(str(error)) from error


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no cycles: JSON has none, and the search through a large answer takes as long as its reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # What was read is old at once: else the next search, which is due by now, would go through all of it.
            # Where a program that uses the library has frozen objects of its own, they stay so.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _reject_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is beyond a double")
    return value
