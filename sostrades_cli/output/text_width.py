"""The width of text on a terminal: measured, cut, and wrapped at words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from sostrades_cli.output.text import visible

# A word, or a command in backticks with its punctuation.
_UNBROKEN: Final = r"(?:[^\s`]|`[^`]*`|`)+"
NARROWEST: Final = 20
# Wider than any window; the rest need not be measured.
LONGEST_FITTED: Final = 2_000


def cells(text: str) -> int:
    """Return the width of a text in terminal columns: wide characters take two, combining marks none."""
    return sum(map(_cells, text))


def padded(text: str, width: int) -> str:
    """Return a text with blanks after it up to a width."""
    return text + " " * (width - cells(text))


def fitted(text: str, most: int) -> str:
    """Return an escaped text of at most ``most`` columns, with an ellipsis if it was cut."""
    shown = visible(unicodedata.normalize("NFC", text[:LONGEST_FITTED]))
    if cells(shown) <= most:
        return shown
    kept, used = "", 0
    for character in shown:
        used += _cells(character)
        if used >= most:
            break
        kept += character
    return f"{kept}…" if most > 0 else ""


def wrapped(line: str, columns: int | None, indent: int = 0) -> str:
    """Break a line at words to a width, and indent all but its first part; ``None`` breaks nowhere.

    A command in backticks stays whole, so that it can be copied, and so does a word longer than the width.
    """
    if columns is None or cells(line) <= columns:
        return line
    margin = " " * indent
    room = max(columns, NARROWEST + indent)
    words = re.findall(_UNBROKEN, line)
    start = line[: len(line) - len(line.lstrip())]
    lines = [start + "".join(words[:1])]
    for word in words[1:]:
        if cells(lines[-1]) + 1 + cells(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(margin + word)
    return "\n".join(lines)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
