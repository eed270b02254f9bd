"""Column widths of a table in a window, and line breaks in its cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

# Lines break after these characters: names have dots, files slashes, texts blanks. Numbers are not broken.
_BREAK: Final = re.compile(r"(?<=[ _/:,])|(?<=[.-])(?!\d)")
# Longer pieces may be broken anywhere, so that a checksum does not take the whole window.
LONGEST_PIECE: Final = 20
# The first text column names the row, so it gets up to this share of the window.
OF_NAMES: Final = 0.4


def widths(columns: Sequence[Sequence[str]], whole: Sequence[bool], room: int) -> list[int] | None:
    """Return the width of each column; ``None`` if the columns do not fit at all.

    A column is its head and its cells. ``whole`` columns, such as numbers, are not broken. Of the others the widest
    shrink first.
    """
    natural = [max(map(cell_len, column)) for column in columns]
    if sum(natural) <= room:
        return natural
    least = [
        max(_least(head), *(cell_len(cell) if is_whole else _least(cell) for cell in cells), 1)
        for (head, *cells), is_whole in zip(columns, whole, strict=True)
    ]
    least = _with_room_for_names(least, natural, whole, room)
    if sum(least) > room:
        return None
    # The largest common cap on all columns that fits; it shrinks only the columns above it.
    most = max(cap for cap in range(room + 1) if sum(_capped(least, natural, cap)) <= room)
    fitting = _capped(least, natural, most)
    # The cap is a whole number, so a few columns can be left over.
    spare = room - sum(fitting)
    for number, width in enumerate(fitting):
        more = min(spare, natural[number] - width)
        fitting[number], spare = width + more, spare - more
    return fitting


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines, after blanks, dots and slashes where possible."""
    lines, line = [], ""
    for piece in _pieces(text):
        if cell_len(line + piece.rstrip(" ")) <= width:
            line += piece
            continue
        if line:
            lines.append(line.rstrip(" "))
        *full, line = chop_cells(piece, width) if cell_len(piece) > width else [piece]
        lines += full
    return [*lines, line.rstrip(" ")]


def _capped(least: Sequence[int], natural: Sequence[int], cap: int) -> list[int]:
    return [max(low, min(high, cap)) for low, high in zip(least, natural, strict=True)]


def _with_room_for_names(least: list[int], natural: Sequence[int], whole: Sequence[bool], room: int) -> list[int]:
    first = next((number for number, is_whole in enumerate(whole) if not is_whole), None)
    if first is None:
        return least
    others = sum(least) - least[first]
    name_width = max(least[first], min(natural[first], int(room * OF_NAMES), room - others))
    return [name_width if number == first else width for number, width in enumerate(least)]


def _least(text: str) -> int:
    return min(max((cell_len(piece.rstrip(" ")) for piece in _pieces(text)), default=0), LONGEST_PIECE)


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BREAK.split(text) if piece]
