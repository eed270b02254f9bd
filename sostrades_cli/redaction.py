"""Redaction of the API key in all its forms.

A server may repeat the key in an error, in its log, or in the address of a redirect. The key is therefore removed
where answers are read, before they are displayed, split or stored, and again in all output to standard error.
"""

from __future__ import annotations

import binascii
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED: Final = "[the key]"
# Shorter texts may occur by coincidence.
SHORTEST: Final = 16


def forms_of(token: str) -> frozenset[str]:
    """Return all texts that would reveal a key: the key, its base64 forms, and the halves of each.

    ``token`` is the key as the user entered it: KEY, KEY:E-MAIL, or one of these in base64.
    """
    plain = _decoded(token) or token
    key = plain.partition(":")[0]
    encoded = {_encoded(key), _encoded(plain)}
    # In an address, base64 is percent-encoded, or has lost its padding.
    addressed = {quote(text, safe="") for text in encoded} | {text.rstrip("=") for text in encoded}
    # A text that is cut off within the key would still reveal half of it.
    halves = {half for text in (key, _encoded(key)) for half in (text[: len(text) // 2], text[len(text) // 2 :])}
    return frozenset({token, key, *encoded, *addressed, *(half for half in halves if len(half) >= SHORTEST)} - {""})


def redact(text: str, secrets: Iterable[str], word: str = REDACTED) -> str:
    """Return a text with a word in place of each secret."""
    # The longest first: a short form may be part of a long one.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, word)
    return text


class Redactor:
    """Redacts keys in answers of the server; ``tokens`` are the forms of the key that may be sent."""

    def __init__(self, tokens: Iterable[str]) -> None:
        secrets = {form for token in tokens for form in forms_of(token) if len(form) >= SHORTEST}
        longest_first = [secret.encode() for secret in sorted(secrets, key=len, reverse=True)]
        # If no short form occurs, no longer form containing it can, so the search starts with the short ones.
        self._shortest = [
            form for form in longest_first if not any(other in form for other in longest_first if other != form)
        ]
        self._pattern = b"|".join(map(re.escape, longest_first))
        self._longest = max(map(len, longest_first), default=1)

    @cached_property
    def _any(self) -> re.Pattern[bytes]:
        # Nearly no answer contains the key, so the pattern is compiled only if one does.
        return re.compile(self._pattern)

    def text(self, text: str) -> str:
        """Return a text without keys."""
        return self._redact(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def body(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a body without keys, also if a key is split between two chunks."""
        pending = b""
        for piece in pieces:
            whole = pending + piece if pending else piece
            # A key that starts after this position may end in the next chunk.
            end = max(len(whole) - self._longest + 1, 0)
            begin = 0
            for match in self._any.finditer(whole) if self._is_in(whole) else ():
                if match.start() >= end:
                    break
                yield whole[begin : match.start()] + REDACTED.encode()
                begin = match.end()
            end = max(begin, end)
            if end > begin:
                yield whole[begin:end]
            pending = whole[end:]
        if pending:
            yield self._redact(pending)

    def contains_key(self, text: str) -> bool:
        """Return whether a text contains a key."""
        return self._is_in(text.encode("utf-8", "surrogatepass"))

    def _is_in(self, content: bytes) -> bool:
        return any(form in content for form in self._shortest)

    def _redact(self, content: bytes) -> bytes:
        return self._any.sub(REDACTED.encode(), content) if self._is_in(content) else content


def _encoded(text: str) -> str:
    return binascii.b2a_base64(text.encode(), newline=False).decode()


def _decoded(token: str) -> str | None:
    """Return the decoded text of a base64 token; ``None`` if the token is a plain key."""
    try:
        plain = binascii.a2b_base64(token.encode(), strict_mode=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return None
    return plain if plain.isprintable() and _encoded(plain) == token else None
