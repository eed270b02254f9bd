"""Take pictures out of Markdown before it is parsed. They are data URIs, and most of the bytes of a document."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

# The scheme of the addresses that replace data URIs. Real addresses do not have it.
SCHEME: Final = "picture:"
_DATA: Final = re.compile(r"data:image/[\w.+-]{1,40};base64,([A-Za-z0-9+/=]*)")
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*(?=data:image/)", re.MULTILINE)
# The server declares every picture as PNG, so the kind follows from the content.
_SIGNATURES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_SVG: Final = re.compile(rb"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*(<!DOCTYPE[^>\[]*>)?\s*<svg[\s>]", re.DOTALL)


class Picture(NamedTuple):
    """A picture: its kind (``png``, ``jpeg``, ``gif``, ``webp``, ``svg``, empty if unknown) and its bytes."""

    kind: str
    content: bytes

    @property
    def uri(self) -> str:
        """Return the data URI. In an image element, an SVG cannot run scripts or send requests."""
        kind = "svg+xml" if self.kind == "svg" else self.kind
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode()}"


def without_pictures(markdown: str) -> tuple[str, list[Picture]]:
    """Return Markdown with ``picture:0``, ``picture:1`` ... in place of data URIs, and these pictures."""
    pictures: list[Picture] = []

    def replaced(match: re.Match[str]) -> str:
        pictures.append(_picture(match[1]))
        return f"{SCHEME}{len(pictures) - 1}"

    # Markdown would read a definition directly below a paragraph as a part of the paragraph.
    return _DATA.sub(replaced, _DEFINITION.sub(r"\n[\1]: ", markdown)), pictures


def _picture(encoded: str) -> Picture:
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return Picture("", b"")
    return Picture(_kind(content), content)


def _kind(content: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            return kind
    if content[:4] + content[8:12] == b"RIFFWEBP":
        return "webp"
    return "svg" if _SVG.match(content[:2000]) else ""
