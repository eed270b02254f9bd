"""JSON that comes in pieces from whoever calls itself the server: what would harm its parser is stopped before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What the parser raises besides its own errors: halves of characters, exponents and numbers beyond any.
PARSER_ERRORS: Final = (UnicodeDecodeError, ArithmeticError, SystemError, RuntimeError)
# A whole number of thousands of digits ends the process within the parser, and lists in lists take all memory. Both are
# long runs: one of a thousand bytes covers a place where it is looked for, and half of it comes after that.
_RUN: Final = 500
_DIGITS: Final = re.compile(rb"[0-9]{%d}" % _RUN)
_OPENING: Final = re.compile(rb"[\[\s]{%d}" % _RUN)
_MOST_OPENING: Final = 200
_DEEPEST: Final = 5000


def guarded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass pieces on, but for empty ones.

    Raises
    ------
    UnusableAnswer
        They hold a number of a thousand digits, or lists or objects in each other without end.

    """
    carried, depth = b"", 0
    for chunk in chunks:
        if not chunk:
            continue
        seen = carried + chunk
        depth += chunk.count(b"[") + chunk.count(b"{") - chunk.count(b"]") - chunk.count(b"}")
        if depth > _DEEPEST or any(_is_harmful(seen, at) for at in range(0, len(seen), _RUN)):
            raise unusable("JSON with numbers or nesting beyond all measure")
        carried = seen[-2 * _RUN :]
        yield chunk


def _is_harmful(observed: bytes, at: int) -> bool:
    opening = _OPENING.match(observed, at)
    if opening is not None and opening.group().count(b"[") > _MOST_OPENING:
        return True
    return _DIGITS.match(observed, at) is not None
