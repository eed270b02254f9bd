"""Plots drawn in characters, as large as the window; in colour, or with a mark of its own for each series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import plotext

from sostrades_cli.output.plot.geometry import extent, pieces, rectangles, strokes_of
from sostrades_cli.output.plot.ticks import NUMBERS, Scale, TickAxis, number, ticks, written
from sostrades_cli.output.text import cells, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.output.plot.geometry import Stroke, Strokes
    from sostrades_cli.output.plot.model import Plot, PlotSeries

# Numbers of the terminal's own colours: they keep to its theme. Black and white are left to the ground.
_COLORS: Final = (12, 9, 10, 13, 11, 14, 4, 1, 2, 5, 3, 6)
_MARKS: Final = "ox+*#@%&=~$svzwknmuae"
_BAR: Final = "\u2587"
_PLAIN: Final = str.maketrans(
    "\u250c\u2510\u2514\u2518\u251c\u2524\u252c\u2534\u2500\u2502\u2587\u2026\u00b7", "++++++++-|#~."
)
_NARROWEST, _LOWEST, _HIGHEST = 30, 8, 40
_TICK_COLUMNS, _TICK_LINES = 12, 3
_LONGEST_NAME: Final = 40
_HALF: Final = 0.5
_CORNER, _TICK = "\u2514", "\u252c"
# Invisible and without a width: plotext counts characters where a terminal counts columns.
_NOTHING: Final = "\u200b"


def drawn(plot: Plot, size: tuple[int, int], *, color: bool, unicode: bool = True) -> str:
    """Return a plot as lines of text, ended by a line end.

    ``size`` is the window's, in columns and lines; without ``unicode`` there are no frames and no dots.
    """
    width = max(_NARROWEST, size[0])
    if all(series.shape == "share" for series in plot.series):
        lines = _shares(plot, width, color=color and unicode)
    else:
        lines = _lines(plot, width, size[1], color=color and unicode)
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return text if unicode else text.translate(_PLAIN).replace(_NOTHING, "")


def _lines(plot: Plot, width: int, lines: int, *, color: bool) -> list[str]:
    strokes = strokes_of(plot, lines if plot.across else width)
    if not any(
        extent([stroke], log=_is_log(plot, stroke, strokes)) and _reach(plot, [stroke]) for stroke in strokes.all
    ):
        return [fitted(plot.title, width), "  no points to draw"]
    legend = _legend(plot, width, lines // 3, color=color) + _remarks(plot, strokes, width)
    plotext.clear_figure()
    plotext.theme("clear")
    # The window is measured elsewhere: what plotext measures may be another.
    plotext.limit_size(width=False, height=False)
    plotext.plotsize(width, min(_HIGHEST, max(_LOWEST, lines - len(legend) - 1)))
    plotext.title(_padded(plot.title, width - 4))
    _draw(plot, strokes, color=color)
    below = _draw_axes(plot, strokes, width, lines)
    return [*_picture(below, width, color=color), *legend]


def _picture(below: Sequence[str], width: int, *, color: bool) -> list[str]:
    """Build what was drawn, and write what stands below the places: plotext would do that in no certain order."""
    plain = plotext.uncolorize(built := plotext.build()).split("\n")
    found = []
    for line, shown in zip(plain, (built if color else plotext.uncolorize(built)).split("\n"), strict=True):
        if line.strip():
            found.append(shown)
        if _CORNER in line and below:
            places = [at for at, character in enumerate(line) if character == _TICK]
            found.append(_line_below(dict(zip(places, below, strict=False)), width))
    return found


def _line_below(texts: dict[int, str], width: int) -> str:
    """Write texts in the middle below their places, from left to right, each where it leaves the others room."""
    line = ""
    for place, text in texts.items():
        start = min(max(0, place - cells(text) // 2), width - cells(text))
        if start >= cells(line) + (1 if line else 0):
            line += " " * (start - cells(line)) + text
    return line


def _is_log(plot: Plot, stroke: Stroke, strokes: Strokes) -> bool:
    """Tell whether heights are drawn by their logarithm; bars, which stand on zero, cannot be."""
    return (plot.right if stroke.series.right else plot.y).log and not strokes.bars


def _draw(plot: Plot, strokes: Strokes, *, color: bool) -> None:
    for bar, start, ends in rectangles(strokes.bars):
        wide, high = (ends, start) if plot.across else (start, ends)
        options = {"marker": _mark(bar, color=color), "color": _color(bar.number), "yside": bar.side}
        plotext.rectangle(list(wide), list(high), fill=True, **options)
    for stroke in strokes.others:
        options = {"marker": _mark(stroke, color=color), "color": _color(stroke.number), "yside": stroke.side}
        for along, up in pieces(stroke, log_places=plot.x.log, log=_is_log(plot, stroke, strokes)):
            x, y = (up, along) if plot.across else (along, up)
            if stroke.series.shape == "points":
                plotext.scatter(x, y, **options)
            else:
                is_area = stroke.series.shape == "area"
                plotext.plot(x, y, fillx=is_area and not plot.across, filly=is_area and plot.across, **options)


def _reach(plot: Plot, strokes: Sequence[Stroke]) -> tuple[float, float] | None:
    """Return the first and last place."""
    places = [place for stroke in strokes for place in stroke.places if place is not None]
    places = [place for place in places if place > 0] if plot.x.log else places
    return (min(places), max(places)) if places else None


def _draw_axes(plot: Plot, strokes: Strokes, width: int, lines: int) -> list[str]:
    """Set ends and ticks of the axes, and return what is to be written below the places."""
    first, last = _reach(plot, strokes.all) or (0.0, 0.0)
    places = [place for stroke in strokes.all for place in stroke.places if place is not None]
    log = plot.x.log and strokes.scale.kind == NUMBERS
    whole = all(place.is_integer() for place in places)
    along = TickAxis(strokes.scale, first, last, log=log, whole=whole)
    margin = _HALF if strokes.bars else 0.0
    if plot.across:
        plotext.ylim(first - margin, last + margin)
        return _lying_axes(plot, strokes, along, (width, lines))
    columns = width // _TICK_COLUMNS
    places_of, texts = ticks(along, columns)
    plotext.xticks(places_of, [" "] * len(texts))
    plotext.xlabel(_padded(plot.x.title, width // 3))
    if log:
        plotext.xscale("log")
    elif last > first or margin:
        plotext.xlim(first - margin, last + margin)
    for side, axis in (("left", plot.y), ("right", plot.right)):
        here = [stroke for stroke in strokes.all if stroke.side == side]
        log = axis.log and not strokes.bars
        ends = extent(here, log=log)
        if ends is None:
            continue
        plotext.ylabel(_padded(axis.title, width // 4), yside=side)
        plotext.yticks(*ticks(TickAxis(Scale(), *ends, log=log), max(2, lines // _TICK_LINES)), yside=side)
        if log:
            plotext.yscale("log", side)
        elif ends[0] < ends[1]:
            plotext.ylim(*ends, yside=side)
    return [fitted(text, width // max(1, len(texts)) - 1) for text in texts]


def _lying_axes(plot: Plot, strokes: Strokes, along: TickAxis, size: tuple[int, int]) -> list[str]:
    places, texts = ticks(along, size[1])
    plotext.yticks(places, [_padded(text, size[0] // 3) for text in texts])
    plotext.ylabel(_padded(plot.y.title, size[0] // 4))
    plotext.xlabel(_padded(plot.x.title, size[0] // 3))
    ends = extent(strokes.all, log=False)
    if ends is None:
        return []
    if ends[0] < ends[1]:
        plotext.xlim(*ends)
    lengths, written_below = ticks(TickAxis(Scale(), *ends), size[0] // _TICK_COLUMNS)
    plotext.xticks(lengths, [" "] * len(lengths))
    return written_below


def _remarks(plot: Plot, strokes: Strokes, width: int) -> list[str]:
    logarithmic = strokes.bars and (plot.y.log or plot.right.log)
    remarks = [
        "too narrow for bars: drawn as lines" if strokes.crowded else "",
        "bars stand on zero: no logarithm" if logarithmic else "",
    ]
    return [fitted(f"  {remark}", width) for remark in remarks if remark]


def _legend(plot: Plot, width: int, most: int, *, color: bool) -> list[str]:
    """Name the series below the plot, each with its mark; a single one that has no name needs none."""
    if len(plot.series) == 1 and not plot.series[0].name:
        return []
    lines: list[str] = []
    used = width
    for at, series in enumerate(plot.series):
        entry = _entry(at, series, width, color=color)
        if used + cells(entry) + 3 > width:
            if len(lines) >= max(1, most):
                return [*lines, fitted(f"  and {len(plot.series) - at} more series", width)]
            lines.append("")
            used = 0
        lines[-1] += f"{'  ' if not used else '   '}{_painted(entry, at) if color else entry}"
        used += cells(entry) + (3 if used else 2)
    return lines


def _entry(at: int, series: PlotSeries, width: int, *, color: bool) -> str:
    mark = _mark_of(at, series.shape, color=color)
    shown = {"hd": "\u2588", "sd": "\u2588", "braille": "\u2500"}.get(mark, mark) * 2
    side = " (right)" if series.right else ""
    most = min(_LONGEST_NAME, width - len(side) - 6)
    return f"{shown} {fitted(series.name or f'series {at + 1}', most)}{side}"


def _shares(plot: Plot, width: int, *, color: bool) -> list[str]:
    """Draw shares of a whole as bars, each with its value and, where none is negative, its part in percent."""
    shares = [(x, number(y)) for series in plot.series for x, y in zip(series.x, series.y, strict=True)]
    values = [value for _, value in shares if value is not None]
    whole = sum(values) if min(values, default=0.0) >= 0 else 0.0
    names = [fitted("" if name is None else str(name), width // 3) for name, _ in shares]
    ends = [_share(value, whole) for _, value in shares]
    longest = min(max(map(cells, names), default=0), max(1, width - max(map(len, ends), default=0) - 4))
    names = [fitted(name, longest) for name in names]
    room = max(1, width - longest - max(map(len, ends), default=0) - 3)
    most = max((abs(value) for value in values), default=0.0) or 1.0
    lines = [" " * max(0, (width - cells(fitted(plot.title, width))) // 2) + fitted(plot.title, width)]
    for at, ((_, value), name, end) in enumerate(zip(shares, names, ends, strict=True)):
        bar = _BAR * max(1 if value else 0, round(abs(value or 0.0) / most * room))
        painted = _painted(bar, at) if color and bar else bar
        lines.append(f"{' ' * (longest - cells(name))}{name}  {painted}{' ' if bar else ''}{end}")
    return lines


def _share(value: float | None, whole: float) -> str:
    if value is None:
        return "no value"
    return f"{written(value)} ({value / whole:.1%})" if whole else written(value)


def _mark(stroke: Stroke, *, color: bool) -> str:
    return _mark_of(stroke.number, stroke.series.shape, color=color)


def _mark_of(at: int, shape: str, *, color: bool) -> str:
    """Return what a series is drawn with: fine dots in colour, a letter of its own without."""
    if not color:
        return _MARKS[at % len(_MARKS)]
    return {"area": "sd", "bar": "sd", "points": "\u2022"}.get(shape, "braille")


def _color(at: int) -> int:
    return _COLORS[at % len(_COLORS)]


def _painted(text: str, at: int) -> str:
    painted: str = plotext.colorize(text, _color(at))
    return painted


def _padded(text: str, most: int) -> str:
    """Return a text for plotext, which takes as many characters as it takes columns."""
    return "".join(one + _NOTHING * (cells(one) - 1) for one in fitted(text, most) if cells(one))
