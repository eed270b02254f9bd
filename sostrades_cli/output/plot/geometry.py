"""What of a plot is drawn where: series by their places, bars and areas by what they stand on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sostrades_cli.output.plot.ticks import Scale, categories, number, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.output.plot.model import Plot, PlotSeries

# Bars side by side want a column each, and the axis its own.
BARS_PER_COLUMN: Final = 0.8
_BAR_WIDTH: Final = 0.8
_LARGEST: Final = 1e300


@dataclass(slots=True)
class Stroke:
    """A series with its places on the axis of places, and its heights; ``ground`` is where bars stand on others."""

    series: PlotSeries
    number: int
    places: list[float | None]
    heights: list[float | None]
    ground: list[float] = field(default_factory=list)

    @property
    def side(self) -> str:
        """The axis that its heights are told on."""
        return "right" if self.series.right else "left"


@dataclass(frozen=True, slots=True)
class Strokes:
    """All that is drawn, the scale of the places, and whether bars are too many to be drawn as such."""

    scale: Scale
    bars: list[Stroke]
    others: list[Stroke]
    crowded: bool

    @property
    def all(self) -> list[Stroke]:
        """Return bars and others."""
        return [*self.bars, *self.others]


def strokes_of(plot: Plot, room: int) -> Strokes:
    """Place the series of a plot; ``room`` is how many characters the axis of places has."""
    side_by_side = [series for series in plot.series if series.shape == "bar" and not series.stack]
    crowded = len(side_by_side) > 1 and sum(len(series.x) for series in side_by_side) > room * BARS_PER_COLUMN
    along = [value for series in plot.series for value in (series.y if plot.across else series.x)]
    barred = not crowded and any(series.shape == "bar" for series in plot.series)
    scale = categories(along) if barred else scale_of(along)
    found = [_stroke(series, at, scale, across=plot.across) for at, series in enumerate(plot.series)]
    bars = [stroke for stroke in found if barred and stroke.series.shape == "bar"]
    _stand(bars)
    return Strokes(scale, bars, _in_order([one for one in found if one not in bars]), crowded)


def _stroke(series: PlotSeries, at: int, scale: Scale, *, across: bool) -> Stroke:
    along, up = (series.y, series.x) if across else (series.x, series.y)
    return Stroke(
        series, at, [_drawable(scale.place(value)) for value in along], [_drawable(number(value)) for value in up]
    )


def _drawable(value: float | None) -> float | None:
    """Leave out what is so large that the extent of an axis would be beyond any number."""
    return None if value is None or abs(value) > _LARGEST else value


def _stand(bars: Sequence[Stroke]) -> None:
    """Let bars of a stack stand on those before them, or hang below them."""
    reached: defaultdict[tuple[str, bool, float | None, bool], float] = defaultdict(float)
    for bar in bars:
        bar.ground = [0.0] * len(bar.places)
        if not bar.series.stack:
            continue
        for at, (place, height) in enumerate(zip(bar.places, bar.heights, strict=True)):
            on = (bar.series.stack, bar.series.right, place, (height or 0.0) < 0)
            bar.ground[at] = reached[on]
            reached[on] += height or 0.0


def rectangles(bars: Sequence[Stroke]) -> Iterator[tuple[Stroke, tuple[float, float], tuple[float, float]]]:
    """Yield the bars with their extent along the axis of places and along the heights."""
    rows = list(dict.fromkeys((bar.series.stack, bar.number if not bar.series.stack else 0) for bar in bars))
    wide = _BAR_WIDTH / max(1, len(rows))
    for bar in bars:
        row = rows.index((bar.series.stack, bar.number if not bar.series.stack else 0))
        for place, height, ground in zip(bar.places, bar.heights, bar.ground, strict=True):
            if place is not None and height:
                start = place - _BAR_WIDTH / 2 + row * wide
                yield bar, (start, start + wide), (ground, ground + height)


def _in_order(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Raise areas onto those below them, the highest drawn first; others are drawn as they come, lines last."""
    reached: defaultdict[tuple[str, bool], defaultdict[float | None, float]] = defaultdict(lambda: defaultdict(float))
    for stroke in strokes:
        if stroke.series.stack and stroke.series.shape == "area":
            below = reached[stroke.series.stack, stroke.series.right]
            for place, height in zip(stroke.places, stroke.heights, strict=True):
                below[place] += height or 0.0
            stroke.heights = [below[place] for place in stroke.places]
    areas = [stroke for stroke in strokes if stroke.series.shape == "area"]
    raised = [stroke for stroke in areas if stroke.series.stack]
    lying = [stroke for stroke in areas if not stroke.series.stack]
    return [*reversed(raised), *lying, *(stroke for stroke in strokes if stroke.series.shape != "area")]


def pieces(stroke: Stroke, *, log_places: bool, log: bool) -> Iterator[tuple[list[float], list[float]]]:
    """Cut a series where it has a gap; a logarithm has nothing at and below zero."""
    places: list[float] = []
    heights: list[float] = []
    for place, height in zip(stroke.places, stroke.heights, strict=True):
        is_gap = place is None or height is None or (log and height <= 0) or (log_places and place <= 0)
        if is_gap or place is None or height is None:
            if places:
                yield places, heights
            places, heights = [], []
        else:
            places.append(place)
            heights.append(height)
    if places:
        yield places, heights


def extent(strokes: Sequence[Stroke], *, log: bool) -> tuple[float, float] | None:
    """Return the lowest and highest that an axis of heights must show, with the ground of what is filled."""
    heights = [height for stroke in strokes if not stroke.ground for height in stroke.heights if height is not None]
    for bar in strokes:
        heights += [
            ground + (height or 0.0)
            for ground, height in zip(bar.ground, bar.heights if bar.ground else [], strict=True)
        ]
    heights = [height for height in heights if height > 0] if log else heights
    if not heights:
        return None
    if not log and any(stroke.series.shape in ("area", "bar") for stroke in strokes):
        heights.append(0.0)
    return min(heights), max(heights)
