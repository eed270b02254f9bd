"""Plots drawn in characters, as large as the window; in colour, or with a mark of its own for each series."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import plotext

from sostrades_cli.output.scales import Scale, categories, number, scale_of, ticks, written
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.output.results import Plot, PlotSeries

# Numbers of the terminal's own colours: they keep to its theme. Black and white are left to the ground.
_COLORS: Final = (12, 9, 10, 13, 11, 14, 4, 1, 2, 5, 3, 6)
_MARKS: Final = "ox+*#@%&=~$"
_BAR: Final = "\u2587"
_NARROWEST, _LOWEST, _HIGHEST = 30, 10, 40
_TICK_COLUMNS, _TICK_LINES = 12, 3
_LONGEST_NAME: Final = 40
# Bars side by side want a column each, and the axis its own.
_BARS_PER_COLUMN: Final = 0.8
_NUMBERS: Final = Scale("numbers")


@dataclass(slots=True)
class _Stroke:
    """A series with its places, its mark and its colour."""

    series: PlotSeries
    x: list[float | None]
    y: list[float | None]
    mark: str
    paint: int | str

    @property
    def side(self) -> str:
        return "right" if self.series.right else "left"


def drawn(plot: Plot, size: tuple[int, int], *, color: bool) -> str:
    """Return a plot as lines of text, ended by a line end.

    ``size`` is the window's, in columns and lines.
    """
    width = max(_NARROWEST, size[0])
    plotext.clear_figure()
    plotext.theme("clear")
    # The window is measured here: what plotext measures may be another.
    plotext.limit_size(width=False, height=False)
    if all(series.shape == "share" for series in plot.series):
        return _shares(plot, width, color=color)
    crowded = _crowded(plot, width)
    legend = _legend(plot, width, crowded=crowded, color=color)
    height = min(_HIGHEST, max(_LOWEST, size[1] - len(legend) - 1))
    plotext.plotsize(width, height)
    plotext.title(_short(plot.title, width - 4))
    _draw(plot, width, height, crowded=crowded, color=color)
    return "\n".join([*_picture(color=color), *legend, ""])


def _crowded(plot: Plot, width: int) -> bool:
    """Tell whether bars side by side would hide each other in a window of this width."""
    bars = [series for series in plot.series if series.shape == "bar" and not series.stack]
    return len(bars) > 1 and sum(len(series.x) for series in bars) > width * _BARS_PER_COLUMN


def _picture(*, color: bool) -> list[str]:
    built = plotext.build()
    lines = (built if color else plotext.uncolorize(built)).split("\n")
    return [line.rstrip() for line in lines if line.strip()]


def _draw(plot: Plot, width: int, height: int, *, crowded: bool, color: bool) -> None:
    along = [value for series in plot.series for value in (series.y if plot.across else series.x)]
    barred = not crowded and any(series.shape == "bar" for series in plot.series)
    scale = categories(value for value in along if value is not None) if barred else scale_of(along)
    strokes = [_stroke(at, series, scale, across=plot.across, color=color) for at, series in enumerate(plot.series)]
    bars = [stroke for stroke in strokes if barred and stroke.series.shape == "bar"]
    if bars:
        _draw_bars(bars, len(scale.categories), across=plot.across)
    for stroke in _in_order([stroke for stroke in strokes if stroke not in bars]):
        log = (plot.right if stroke.series.right else plot.y).log
        for x, y in _pieces(stroke, log=log):
            options = {"marker": stroke.mark, "color": stroke.paint, "yside": stroke.side}
            if stroke.series.shape == "points":
                plotext.scatter(x, y, **options)
            else:
                plotext.plot(x, y, fillx=stroke.series.shape == "area", **options)
    _draw_axes(plot, strokes, scale, (width, height), bars=bool(bars))


def _stroke(at: int, series: PlotSeries, scale: Scale, *, across: bool, color: bool) -> _Stroke:
    along, up = (series.y, series.x) if across else (series.x, series.y)
    places, heights = [scale.place(value) for value in along], [number(value) for value in up]
    return _Stroke(series, places, heights, _mark(at, series, color=color), _COLORS[at % len(_COLORS)])


def _draw_bars(bars: Sequence[_Stroke], count: int, *, across: bool) -> None:
    """Draw bars side by side or on each other, by category."""
    heights = []
    for bar in bars:
        at_place = dict(zip(bar.x, bar.y, strict=True))
        heights.append([at_place.get(float(place)) or 0.0 for place in range(count)])
    draw = plotext.stacked_bar if any(bar.series.stack for bar in bars) else plotext.multiple_bar
    direction = "horizontal" if across else "vertical"
    marks, paints = [bar.mark for bar in bars], [bar.paint for bar in bars]
    draw(list(range(count)), heights, marker=marks, color=paints, orientation=direction)


def _in_order(strokes: Sequence[_Stroke]) -> list[_Stroke]:
    """Raise areas onto those below them, the highest drawn first; others are drawn as they come, lines last."""
    reached: defaultdict[tuple[str, bool], defaultdict[float | None, float]] = defaultdict(lambda: defaultdict(float))
    for stroke in strokes:
        if stroke.series.stack and stroke.series.shape != "bar":
            below = reached[stroke.series.stack, stroke.series.right]
            for place, height in zip(stroke.x, stroke.y, strict=True):
                below[place] += height or 0.0
            stroke.y = [below[place] for place in stroke.x]
    areas = [stroke for stroke in strokes if stroke.series.shape == "area"]
    raised = [stroke for stroke in areas if stroke.series.stack]
    lying = [stroke for stroke in areas if not stroke.series.stack]
    return [*reversed(raised), *lying, *(stroke for stroke in strokes if stroke.series.shape != "area")]


def _pieces(stroke: _Stroke, *, log: bool) -> Iterator[tuple[list[float], list[float]]]:
    """Cut a series where it has a gap; a logarithm has nothing at and below zero."""
    x: list[float] = []
    y: list[float] = []
    for across, up in zip(stroke.x, stroke.y, strict=True):
        if across is None or up is None or (log and up <= 0):
            if x:
                yield x, y
            x, y = [], []
        else:
            x.append(across)
            y.append(up)
    if x:
        yield x, y


def _draw_axes(plot: Plot, strokes: Sequence[_Stroke], scale: Scale, size: tuple[int, int], *, bars: bool) -> None:
    columns, lines = size[0] // _TICK_COLUMNS, max(2, size[1] // _TICK_LINES)
    plotext.xlabel(_short(plot.x.title, size[0] // 2))
    places = [place for stroke in strokes for place in stroke.x if place is not None]
    if plot.across:
        plotext.yticks(*ticks(scale, min(places), max(places), size[1]))
        lengths = _heights(strokes, log=False)
        plotext.xticks(*ticks(_NUMBERS, min(lengths), max(lengths), columns))
        plotext.xlim(min(lengths), max(lengths))
        plotext.ylabel(_short(plot.y.title, size[0] // 4))
        return
    whole = all(place.is_integer() for place in places)
    plotext.xticks(*ticks(scale, min(places), max(places), columns, log=plot.x.log, whole=whole))
    if plot.x.log and scale.kind == "numbers":
        plotext.xscale("log")
    for side, axis in (("left", plot.y), ("right", plot.right)):
        log = axis.log and not bars
        heights = _heights([stroke for stroke in strokes if stroke.side == side], log=log)
        if not heights:
            continue
        low, high = min(heights), max(heights)
        plotext.ylabel(_short(axis.title, size[0] // 4), yside=side)
        plotext.yticks(*ticks(_NUMBERS, low, high, lines, log=log), yside=side)
        if log:
            plotext.yscale("log", side)
        elif low < high:
            plotext.ylim(low, high, yside=side)


def _heights(strokes: Sequence[_Stroke], *, log: bool) -> list[float]:
    """Return what an axis must show: every height, what bars on each other reach, and the ground of what is filled."""
    heights = [y for stroke in strokes for y in stroke.y if y is not None and (y > 0 or not log)]
    reached: defaultdict[tuple[float | None, bool], float] = defaultdict(float)
    for stroke in strokes:
        if stroke.series.shape == "bar" and stroke.series.stack:
            for place, height in zip(stroke.x, stroke.y, strict=True):
                reached[place, (height or 0.0) < 0] += height or 0.0
    filled = any(stroke.series.shape in ("area", "bar") for stroke in strokes)
    return [*heights, *reached.values(), *([0.0] if filled and heights and not log else [])]


def _legend(plot: Plot, width: int, *, crowded: bool, color: bool) -> list[str]:
    """Name the series below the plot, each with its mark; a single one that has no name needs none."""
    entries = []
    for at, series in enumerate(plot.series):
        name = _short(series.name or f"series {at + 1}", _LONGEST_NAME) + (" (right)" if series.right else "")
        mark = _mark(at, series, color=color)
        shown = {"hd": "\u2588", "sd": "\u2588", "braille": "\u2500"}.get(mark, mark) * 2
        entries.append((f"{shown} {name}", at))
    if len(entries) == 1 and not plot.series[0].name:
        entries = []
    lines: list[str] = []
    used = width
    for entry, at in entries:
        painted = plotext.colorize(entry, _COLORS[at % len(_COLORS)]) if color else entry
        if used + len(entry) + 3 > width:
            lines.append(f"  {painted}")
            used = len(entry) + 2
        else:
            lines[-1] += f"   {painted}"
            used += len(entry) + 3
    return [*lines, "  bars drawn as lines: the window is too narrow for them"] if crowded else lines


def _shares(plot: Plot, width: int, *, color: bool) -> str:
    """Draw shares of a whole as bars, each with its value and its part in percent."""
    shares = [(str(x), number(y) or 0.0) for series in plot.series for x, y in zip(series.x, series.y, strict=True)]
    whole = sum(abs(value) for _, value in shares)
    names = [_short(name, width // 3) for name, _ in shares]
    ends = [f"{written(value)} ({abs(value) / whole:.1%})" if whole else written(value) for _, value in shares]
    longest, room = max(map(len, names), default=0), width - max(map(len, ends), default=0)
    most = max((abs(value) for _, value in shares), default=0.0) or 1.0
    lines = [_short(plot.title, width).center(width).rstrip()]
    for at, ((_, value), name, end) in enumerate(zip(shares, names, ends, strict=True)):
        bar = _BAR * max(1 if value else 0, round(abs(value) / most * (room - longest - 4)))
        painted = plotext.colorize(bar, _COLORS[at % len(_COLORS)]) if color else bar
        lines.append(f"{name.rjust(longest)}  {painted} {end}")
    return "\n".join([*lines, ""])


def _mark(at: int, series: PlotSeries, *, color: bool) -> str:
    """Return what a series is drawn with: fine dots in colour, a letter of its own without."""
    if not color:
        return _MARKS[at % len(_MARKS)]
    if series.shape == "bar":
        return "hd"
    return {"area": "sd", "points": "\u2022"}.get(series.shape, "braille")


def _short(text: str, most: int) -> str:
    shown = visible(text)
    return shown if len(shown) <= most else f"{shown[: max(0, most - 1)]}\u2026"
