"""Bars, painted into the empty cells of a plot: all equally wide, and as long as an eighth of a character allows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import plotext

from sostrades_cli.output.plot.blocks import EIGHTHS, LEFT, LOWER, RIGHT, UPPER
from sostrades_cli.output.plot.colors import COLORS, color_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.output.plot.layout import Stroke

    # Foreground, background, and whether they are exchanged.
    _Look = tuple[int, int | None, bool]
    _Cell = tuple[str, _Look | None]

_GAP: Final = 0.2
_NOTHING: Final = -1
_TOP: Final = re.compile(r" *\u250c[^ ]+\u2510")
_BOTTOM: Final = re.compile(r" *\u2514[^ ]+\u2518")


class Frame(NamedTuple):
    """The frame of a plot: its left column and its top row, and the size of its content in cells."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Slots:
    """The cells along the axis of categories: each category has ``pitch`` of them, after ``start`` empty ones.

    With a pitch of 0 there are more categories than cells.
    """

    start: int
    pitch: int
    count: int
    room: int

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the axis that put the tick of each category at its middle."""
        if self.pitch == 0:
            return -0.5, self.count - 0.5
        first = -(self.start + (self.pitch - 1) / 2) / self.pitch
        return first, first + (self.room - 1) / self.pitch

    def cells(self, category: int, row: int, rows: int) -> range:
        """Return the cells of a bar, one of ``rows`` next to each other."""
        if self.pitch == 0:
            cell = category * self.room // self.count
            return range(cell, cell + 1)
        gap = max(1, round(self.pitch * _GAP)) if self.pitch > rows else 0
        width = max(1, (self.pitch - gap) // rows)
        begin = self.start + self.pitch * category + (self.pitch - width * rows) // 2 + width * row
        return range(begin, min(begin + width, self.room))


def slots_of(count: int, room: int) -> Slots:
    """Divide an axis of some cells among categories."""
    pitch = room // max(1, count)
    return Slots((room - pitch * count) // 2, pitch, count, room)


def frame_of(picture: plotext.matrix) -> Frame:
    """Return where the frame of a picture is."""
    lines = picture.string(colorless=True).split("\n")
    top = next(at for at, line in enumerate(lines) if _TOP.fullmatch(line.rstrip()))
    bottom = next(at for at, line in enumerate(lines) if at > top and _BOTTOM.match(line))
    left = lines[top].index("\u250c")
    return Frame(left, top, lines[top].rindex("\u2510") - left - 1, bottom - top - 1)


class Painter(NamedTuple):
    """How bars are painted: as blocks in colour, as blocks of the text's colour, or as a letter for each series."""

    across: bool
    color: bool
    letters: Sequence[str] | None

    @property
    def per_cell(self) -> int:
        """The parts of a cell that can be told apart."""
        return 1 if self.letters else EIGHTHS

    def paint(
        self,
        picture: plotext.matrix,
        frame: Frame,
        bars: Sequence[Stroke],
        slots: Slots,
        ends: Mapping[str, tuple[float, float]],
    ) -> None:
        """Paint bars into a picture, behind its lines. ``ends`` are the ends of the heights on each side."""
        heights = frame.width if self.across else frame.height
        grid = self._grid(bars, slots, ends, heights)
        for row in range(frame.height):
            top, left = frame.top + 1 + row, frame.left + 1
            content = picture[top, left : left + frame.width].string(colorless=True)
            up = frame.height - 1 - row
            cells = [grid[up][column] if self.across else grid[column][up] for column in range(frame.width)]
            painted = [
                self._cell(cell) if character == " " else self._behind(picture, (top, left + column), character, cell)
                for column, (cell, character) in enumerate(zip(cells, content, strict=False))
            ]
            self._insert(picture, frame, row, painted)

    def _grid(
        self, bars: Sequence[Stroke], slots: Slots, ends: Mapping[str, tuple[float, float]], heights: int
    ) -> list[list[list[int]]]:
        """Return the number of the series in each part of each cell."""
        parts = [[_NOTHING] * (heights * self.per_cell) for _ in range(slots.room)]
        rows = list(dict.fromkeys(map(_row, bars)))
        for bar in bars:
            for position, part in self._parts(bar, ends[bar.side], heights):
                for cell in slots.cells(int(position), rows.index(_row(bar)), len(rows)):
                    parts[cell][part] = [bar.number] * (part.stop - part.start)
        step = self.per_cell
        return [[line[at : at + step] for at in range(0, len(line), step)] for line in parts]

    def _parts(self, bar: Stroke, ends: tuple[float, float], heights: int) -> Iterator[tuple[float, slice]]:
        """Yield the position and the parts of each bar of a series."""
        low, high = ends
        most = heights * self.per_cell
        zero = -low / (high - low) * most
        for position, height, ground in zip(bar.positions, bar.heights, bar.ground, strict=True):
            if position is None or not height:
                continue
            near, far = (round(zero + end / (high - low) * most) for end in (ground, ground + height))
            # A bar that rounds to nothing still gets the smallest part.
            far += (1 if height > 0 else -1) if near == far else 0
            yield position, slice(*sorted(min(most, max(0, end)) for end in (near, far)))

    def _cell(self, parts: Sequence[int]) -> _Cell | None:
        """Return the character of a cell, and its colours: foreground, background, and whether they are exchanged."""
        if set(parts) == {_NOTHING}:
            return None
        if self.letters:
            return self.letters[parts[0] % len(self.letters)], None
        first = parts[0]
        # A cell has two colours, so further ones are left out.
        length = sum(1 for _ in itertools.takewhile(lambda part: part == first, parts))
        rest = Counter(parts[length:]).most_common(1)
        last = rest[0][0] if rest else first
        lower, upper = (LEFT, RIGHT) if self.across else (LOWER, UPPER)
        if first == _NOTHING:
            # The blank part is drawn over a background of the bar's colour.
            return (lower[length], (color_of(last), None, True)) if self.color else (upper[EIGHTHS - length], None)
        if not self.color:
            return lower[length], None
        return lower[length], (color_of(first), None if last in (first, _NOTHING) else color_of(last), False)

    def _behind(
        self, picture: plotext.matrix, position: tuple[int, int], character: str, parts: Sequence[int]
    ) -> _Cell | None:
        """Return a cell of a line with the colour of the bar behind it."""
        [(bar, _)] = Counter(parts).most_common(1)
        if not self.color or bar == _NOTHING:
            return None
        foreground = picture.get(*position).foreground()
        line = next((color for color in COLORS if plotext.pixel(color).foreground() == foreground), None)
        return None if line is None else (character, (line, color_of(bar), False))

    @staticmethod
    def _insert(
        picture: plotext.matrix,
        frame: Frame,
        row: int,
        cells: Sequence[_Cell | None],
    ) -> None:
        """Insert the cells of a row, those with the same colours at once."""
        placed = [(column, *cell) for column, cell in enumerate(cells, frame.left + 1) if cell is not None]
        # Neighbours have the same difference between index and column, so they are one group.
        for (_, look), run in itertools.groupby(enumerate(placed), lambda item: (item[1][0] - item[0], item[1][2])):
            members = [cell for _, cell in run]
            text = "".join(character for _, character, _ in members)
            picture.insert(members[0][0], frame.top + 1 + row, plotext.colorize(text, _pixel(look)))


def _pixel(look: _Look | None) -> plotext.pixel:
    if look is None:
        return plotext.pixel()
    foreground, background, exchanged = look
    return plotext.pixel(foreground, background, "inverted" if exchanged else None)


def _row(bar: Stroke) -> tuple[str, int]:
    return bar.series.stack, 0 if bar.series.stack else bar.number
