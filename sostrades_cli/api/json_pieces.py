"""JSON that comes in pieces from whoever calls itself the server: what would harm its parser is stopped before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What the parser raises besides its own errors: halves of characters, exponents and numbers beyond any.
PARSER_ERRORS: Final = (UnicodeDecodeError, ArithmeticError, SystemError, RuntimeError)
# A whole number of thousands of digits ends the process within the parser, and lists in lists take all memory.
_HARMFUL: Final = re.compile(rb"[0-9]{1000}|(?:\[\s*){200}|(?:\{\s*\"[^\"]*\"\s*:\s*){200}")
_CARRIED: Final = 8192


def guarded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass pieces on, but for empty ones.

    Raises
    ------
    UnusableAnswer
        They hold a number of a thousand digits, or two hundred lists or objects in each other.

    """
    carried = b""
    for chunk in chunks:
        if not chunk:
            continue
        seen = carried + chunk
        if _HARMFUL.search(seen):
            raise unusable("JSON with numbers or nesting beyond all measure")
        carried = seen[-_CARRIED:]
        yield chunk
