"""What would tell a key, in whatever form it stands, and how it is hidden there.

A server may repeat the key: in an error, in its log, in the address of a redirect. So it is hidden where answers are
read, before anything is shown, cut in two or kept; and once more in all that goes to standard error.
"""

from __future__ import annotations

import binascii
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


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text without secrets, the longest of which goes first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


class Hiding:
    """Hides keys in what a server answers; ``tokens`` are the forms in which it may be sent."""

    def __init__(self, tokens: Iterable[str]) -> None:
        secrets = {form for token in tokens for form in forms_of(token) if len(form) >= SHORTEST}
        self._secrets = [one.encode() for one in sorted(secrets, key=len, reverse=True)]
        # Where none of these is, none of those is that have them in themselves.
        self._least = [one for one in self._secrets if not any(other in one for other in self._secrets if other != one)]
        self._longest = max(map(len, self._secrets), default=0)

    def text(self, text: str) -> str:
        """Return a text without keys."""
        return self._hidden(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def body(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a body without keys, also where one comes in two pieces."""
        held = b""
        for piece in pieces:
            whole = self._hidden(held + piece if held else piece)
            end = len(whole) - max(self._longest - 1, 0)
            held = whole[max(end, 0) :]
            if end > 0:
                yield whole[:end]
        if held:
            yield held

    def tells(self, text: str) -> bool:
        """Tell whether a text has a key in it."""
        content = text.encode("utf-8", "surrogatepass")
        return any(one in content for one in self._least)

    def _hidden(self, content: bytes) -> bytes:
        if any(one in content for one in self._least):
            for secret in self._secrets:
                content = content.replace(secret, HIDDEN.encode())
        return content


def _encoded(text: str) -> str:
    return binascii.b2a_base64(text.encode(), newline=False).decode()


def _decoded(token: str) -> str | None:
    """Return what a token is the base64 form of, ``None`` where it is the key itself."""
    try:
        plain = binascii.a2b_base64(token.encode(), strict_mode=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return None
    return plain if plain.isprintable() and _encoded(plain) == token else None
