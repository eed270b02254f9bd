"""The layout of a plot: positions of points along an axis, and stacks of bars and areas."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli.output.plot.model import Shape
from sostrades_cli.output.plot.scales import Scale, categories, number, scale_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.output.plot.model import Plot, PlotSeries

# Bars next to each other need a column each.
BARS_PER_COLUMN: Final = 0.8
# Beyond these the extent of an axis overflows, or its logarithm does.
_LARGEST, _SMALLEST = 1e300, 1e-300


@dataclass(slots=True)
class Stroke:
    """A series with its positions along the axis and its heights; ``ground`` are the heights where its bars begin."""

    series: PlotSeries
    number: int
    positions: list[float | None]
    heights: list[float | None]
    ground: list[float] = field(default_factory=list)

    @property
    def side(self) -> str:
        """The axis of the heights."""
        return "right" if self.series.right else "left"


@dataclass(frozen=True, slots=True)
class Layout:
    """All strokes, and the scale of the positions; ``crowded`` means too many bars, which become lines."""

    scale: Scale
    bars: list[Stroke]
    others: list[Stroke]
    crowded: bool

    @property
    def strokes(self) -> list[Stroke]:
        """Return the bars and all other strokes."""
        return [*self.bars, *self.others]


def layout_of(plot: Plot, room: int) -> Layout:
    """Lay out the series of a plot; ``room`` is the number of characters along the axis of positions."""
    # Bars on top of each other share their columns.
    side_by_side = [series for series in plot.series if series.shape == Shape.BAR and not series.stack]
    crowded = len(side_by_side) > 1 and sum(len(series.x) for series in side_by_side) > room * BARS_PER_COLUMN
    along = [value for series in plot.series for value in (series.y if plot.across else series.x)]
    barred = not crowded and any(series.shape == Shape.BAR for series in plot.series)
    scale = categories(along) if barred else scale_of(along)
    strokes = [_stroke(series, at, scale, across=plot.across) for at, series in enumerate(plot.series)]
    bars = [stroke for stroke in strokes if barred and stroke.series.shape == Shape.BAR]
    _stack_bars(bars)
    others = [stroke for stroke in strokes if stroke not in bars]
    _stack_areas(others)
    return Layout(scale, bars, _in_drawing_order(others), crowded)


def _stroke(series: PlotSeries, at: int, scale: Scale, *, across: bool) -> Stroke:
    along, up = (series.y, series.x) if across else (series.x, series.y)
    return Stroke(
        series, at, [_drawable(scale.position(value)) for value in along], [_drawable(number(value)) for value in up]
    )


def _drawable(value: float | None) -> float | None:
    return None if value is None or abs(value) > _LARGEST else value


def _stack_bars(bars: Sequence[Stroke]) -> None:
    """Put stacked bars on the bars before them, negative ones below zero."""
    # plotext would draw negative bars over the others.
    reached: defaultdict[tuple[str, bool, float | None, bool], float] = defaultdict(float)
    for bar in bars:
        bar.ground = [0.0] * len(bar.positions)
        if not bar.series.stack:
            continue
        for at, (position, height) in enumerate(zip(bar.positions, bar.heights, strict=True)):
            key = (bar.series.stack, bar.series.right, position, (height or 0.0) < 0)
            bar.ground[at] = reached[key]
            reached[key] += height or 0.0


def _stack_areas(strokes: Sequence[Stroke]) -> None:
    """Put stacked areas on the areas before them, which plotext does not support."""
    reached: defaultdict[tuple[str, bool], defaultdict[float | None, float]] = defaultdict(lambda: defaultdict(float))
    for stroke in strokes:
        if stroke.series.stack and stroke.series.shape == Shape.AREA:
            below = reached[stroke.series.stack, stroke.series.right]
            for position, height in zip(stroke.positions, stroke.heights, strict=True):
                below[position] += height or 0.0
            stroke.heights = [below[position] for position in stroke.positions]


def _in_drawing_order(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Return areas before lines, and stacked areas from the top, because each covers those drawn before it."""
    areas = [stroke for stroke in strokes if stroke.series.shape == Shape.AREA]
    raised = [stroke for stroke in areas if stroke.series.stack]
    return [
        *reversed(raised),
        *(stroke for stroke in areas if not stroke.series.stack),
        *(stroke for stroke in strokes if stroke.series.shape != Shape.AREA),
    ]


def points(stroke: Stroke, *, log_positions: bool, log: bool) -> tuple[list[float], list[float], list[int]]:
    """Return positions and heights without gaps, or their logarithms, and the indices of the points after a gap.

    On a logarithmic axis values up to zero are gaps.
    """
    positions: list[float] = []
    heights: list[float] = []
    breaks: list[int] = []
    for position, height in zip(stroke.positions, stroke.heights, strict=True):
        if (
            position is None
            or height is None
            or (log and height < _SMALLEST)
            or (log_positions and position < _SMALLEST)
        ):
            breaks.append(len(positions))
        else:
            positions.append(math.log10(position) if log_positions else position)
            heights.append(math.log10(height) if log else height)
    return positions, heights, [at for at in dict.fromkeys(breaks) if 0 < at < len(positions)]


def reach(strokes: Sequence[Stroke], *, log: bool) -> tuple[float, float] | None:
    """Return the first and the last position."""
    positions = [
        position
        for stroke in strokes
        for position in stroke.positions
        if position is not None and not (log and position < _SMALLEST)
    ]
    return (min(positions), max(positions)) if positions else None


def extent(strokes: Sequence[Stroke], *, log: bool) -> tuple[float, float] | None:
    """Return the lowest and the highest end of strokes, including zero for bars and areas."""
    heights = [height for stroke in strokes if not stroke.ground for height in stroke.heights if height is not None]
    for bar in strokes:
        heights += [
            ground + (height or 0.0)
            for ground, height in zip(bar.ground, bar.heights if bar.ground else [], strict=True)
        ]
    heights = [height for height in heights if height >= _SMALLEST] if log else heights
    if not heights:
        return None
    if not log and any(stroke.series.shape in (Shape.AREA, Shape.BAR) for stroke in strokes):
        heights.append(0.0)
    return min(heights), max(heights)
