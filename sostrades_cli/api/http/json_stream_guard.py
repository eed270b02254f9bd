"""Guard for streamed JSON: input that would crash or exhaust the parser is rejected before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Errors of the parser besides its own class: incomplete characters, and numbers or exponents out of range.
PARSER_ERRORS: Final = (UnicodeDecodeError, ArithmeticError, SystemError, RuntimeError)
# An integer of thousands of digits crashes the parser, and deep nesting takes all memory. Both are long runs of
# characters. Tests at every 500th byte are enough: a run of a thousand bytes covers one and the 500 bytes after it.
_RUN: Final = 500
_DIGITS: Final = re.compile(rb"[0-9]{%d}" % _RUN)
_OPENING: Final = re.compile(rb"[\[\s]{%d}" % _RUN)
_MOST_OPENING: Final = 200
_DEEPEST: Final = 5000


def guarded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass on chunks that are not empty.

    Raises
    ------
    UnusableAnswer
        The chunks contain a number of a thousand digits, or too deeply nested lists or objects.

    """
    carried, depth = b"", 0
    for chunk in chunks:
        if not chunk:
            continue
        window = carried + chunk
        depth += chunk.count(b"[") + chunk.count(b"{") - chunk.count(b"]") - chunk.count(b"}")
        if depth > _DEEPEST or any(_is_harmful(window, at) for at in range(0, len(window), _RUN)):
            raise unusable("JSON with a number of too many digits, or nested too deeply")
        carried = window[-2 * _RUN :]
        yield chunk


def _is_harmful(window: bytes, position: int) -> bool:
    opening = _OPENING.match(window, position)
    if opening is not None and opening.group().count(b"[") > _MOST_OPENING:
        return True
    return _DIGITS.match(window, position) is not None
