"""What would tell a key, in whatever form it stands, and how it is hidden there.

A server may repeat the key: in an error, in its log, in the address of a redirect. So it is hidden where answers are
read, before anything is shown, cut in two or kept; and once more in all that goes to standard error.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIDDEN: Final = "[the key]"
# What is shorter may stand in a text by accident.
SHORTEST: Final = 16


def forms_of(token: str) -> frozenset[str]:
    """Return all that would tell a key: itself, its base64 forms, and the halves of each where they are long enough.

    ``token`` is what was given as the key: KEY, KEY:E-MAIL, or one of these in base64.
    """
    plain = _decoded(token) or token
    key = plain.partition(":")[0]
    encoded = {_encoded(key), _encoded(plain)}
    addressed = {quote(text, safe="") for text in encoded} | {text.rstrip("=") for text in encoded}
    halves = {half for text in (key, _encoded(key)) for half in (text[: len(text) // 2], text[len(text) // 2 :])}
    return frozenset({token, key, *encoded, *addressed, *(half for half in halves if len(half) >= SHORTEST)} - {""})


def without(text: str, secrets: Iterable[str], word: str = HIDDEN) -> str:
    """Return a text with a word instead of secrets, the longest of which goes first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, word)
    return text


class Redactor:
    """Hides keys in what a server answers; ``tokens`` are the forms in which it may be sent."""

    def __init__(self, tokens: Iterable[str]) -> None:
        secrets = {form for token in tokens for form in forms_of(token) if len(form) >= SHORTEST}
        longest_first = [one.encode() for one in sorted(secrets, key=len, reverse=True)]
        # Where none of these is, none of those is that have them in themselves; to look for few is faster.
        self._least = [one for one in longest_first if not any(other in one for other in longest_first if other != one)]
        self._any = re.compile(b"|".join(map(re.escape, longest_first)))
        self._longest = max(map(len, longest_first), default=1)

    def text(self, text: str) -> str:
        """Return a text without keys."""
        return self._hidden(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def body(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a body without keys, also where one comes in two pieces."""
        held = b""
        for piece in pieces:
            whole = held + piece if held else piece
            # From here on there may be the beginning of a key whose end is still to come.
            end = max(len(whole) - self._longest + 1, 0)
            begin = 0
            for found in self._any.finditer(whole) if self._is_in(whole) else ():
                if found.start() >= end:
                    break
                yield whole[begin : found.start()] + HIDDEN.encode()
                begin = found.end()
            end = max(begin, end)
            if end > begin:
                yield whole[begin:end]
            held = whole[end:]
        if held:
            yield self._hidden(held)

    def contains_key(self, text: str) -> bool:
        """Return whether a text contains a key."""
        return self._is_in(text.encode("utf-8", "surrogatepass"))

    def _is_in(self, content: bytes) -> bool:
        return any(one in content for one in self._least)

    def _hidden(self, content: bytes) -> bytes:
        return self._any.sub(HIDDEN.encode(), content) if self._is_in(content) else content


def _encoded(text: str) -> str:
    return binascii.b2a_base64(text.encode(), newline=False).decode()


def _decoded(token: str) -> str | None:
    """Return what a token is the base64 form of, ``None`` where it is the key itself."""
    try:
        plain = binascii.a2b_base64(token.encode(), strict_mode=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return None
    return plain if plain.isprintable() and _encoded(plain) == token else None
