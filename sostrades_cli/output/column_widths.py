"""TableColumn widths of a table in a window, and line breaks in its cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

# Lines break after these characters: names have dots, files slashes, texts blanks. Numbers are not broken.
_BREAK: Final = re.compile(r"(?<=[ _/:,])|(?<=[.-])(?!\d)")
# Longer pieces may be broken anywhere, so that a checksum does not take the whole window.
LONGEST_PIECE: Final = 20
# The first column that is cut, or else the first text, names the row. It gets up to this share of the window.
OF_NAMES: Final = 0.5
# A cell that is cut in the middle keeps this much.
LEAST_CUT: Final = 12
# A column that is cut is as wide as this share of its cells need, so that one long name does not push others off.
USUAL: Final = 0.95
# A cell is not cut for being a little longer than the others.
LONGER: Final = 1.5


class TableColumn(NamedTuple):
    """The texts of a column.

    A ``whole`` column, such as numbers, is not broken. The cells of a ``cut`` column are a line each. Other cells are
    wrapped, and so are the texts ``below`` cells.
    """

    head: str
    cells: Sequence[str]
    whole: bool = False
    cut: bool = False
    below: Sequence[str] = ()

    @property
    def natural(self) -> int:
        """The width of the widest text."""
        return max(map(cell_len, (self.head, *self.cells, *self.below)))

    @property
    def usual(self) -> int:
        """The width that most cells need; empty ones do not count."""
        lengths = sorted(map(cell_len, filter(None, self.cells)))
        if not self.cut or not lengths:
            return max(map(cell_len, (self.head, *self.cells)))
        usual = max(cell_len(self.head), lengths[int((len(lengths) - 1) * USUAL)])
        return lengths[-1] if usual < lengths[-1] <= usual * LONGER else usual

    @property
    def least(self) -> int:
        """The smallest width in which the column is readable."""
        head = _least(self.head)
        if self.whole:
            return max(head, *map(cell_len, self.cells), 1)
        if self.cut:
            return max(head, min(self.natural, LEAST_CUT), 1)
        return max(head, *map(_least, self.cells), 1)


def widths(columns: Sequence[TableColumn], room: int) -> list[int] | None:
    """Return the width of each column; ``None`` if the columns do not fit at all.

    The widest columns shrink first.
    """
    natural = [column.natural for column in columns]
    if sum(natural) <= room:
        return natural
    usual = [column.usual for column in columns]
    least = _with_room_for_names([column.least for column in columns], usual, columns, room)
    if sum(least) > room:
        return None
    # The largest common cap on all columns that fits; it shrinks only the columns above it.
    most = max(cap for cap in range(room + 1) if sum(_capped(least, usual, cap)) <= room)
    fitting = _capped(least, usual, most)
    # The cap is a whole number, so a few columns can be left over. What most cells need comes before the rest.
    spare = room - sum(fitting)
    for widths in (usual, natural):
        for number, width in enumerate(fitting):
            more = min(spare, max(widths[number] - width, 0))
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


def cut(text: str, width: int) -> str:
    """Return a text of at most ``width`` columns. An ellipsis replaces the middle of a longer one."""
    if cell_len(text) <= width:
        return text
    room = max(width - 1, 0)
    return f"{_start(text, room - room // 2)}…{_start(text[::-1], room // 2)[::-1]}"


def _start(text: str, width: int) -> str:
    return chop_cells(text, width)[0] if width else ""


def _capped(least: Sequence[int], natural: Sequence[int], cap: int) -> list[int]:
    return [max(low, min(high, cap)) for low, high in zip(least, natural, strict=True)]


def _with_room_for_names(
    least: list[int], usual: Sequence[int], columns: Sequence[TableColumn], room: int
) -> list[int]:
    texts = [number for number, column in enumerate(columns) if not column.whole]
    first = next((number for number in texts if columns[number].cut), texts[0] if texts else None)
    if first is None:
        return least
    others = sum(least) - least[first]
    name_width = max(least[first], min(usual[first], int(room * OF_NAMES), room - others))
    return [name_width if number == first else width for number, width in enumerate(least)]


def _least(text: str) -> int:
    return min(max((cell_len(piece.rstrip(" ")) for piece in _pieces(text)), default=0), LONGEST_PIECE)


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BREAK.split(text) if piece]
