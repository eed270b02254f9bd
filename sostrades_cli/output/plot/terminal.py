"""Plots drawn by plotext to fit the window, in colour or with a letter for each series."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import plotext

from sostrades_cli.output.plot.layout import extent, layout_of, points, reach, rectangles
from sostrades_cli.output.plot.scales import CATEGORIES, DATES, NUMBERS, number
from sostrades_cli.output.text import cells, fitted

if TYPE_CHECKING:
    from sostrades_cli.output.plot.layout import Layout, Stroke
    from sostrades_cli.output.plot.model import Plot, PlotSeries

# Numbers of the terminal's colours, which follow its theme. Black and white could equal the background.
_COLORS: Final = (12, 9, 10, 13, 11, 14, 4, 1, 2, 5, 3, 6)
_MARKS: Final = "ox+*#@%&=~$svzwknmuae"
_BAR: Final = "\u2587"
# Replacements for terminals without Unicode.
_PLAIN: Final = str.maketrans(
    "\u250c\u2510\u2514\u2518\u251c\u2524\u252c\u2534\u2500\u2502\u2587\u2026\u00b7", "++++++++-|#~."
)
# Limits of the size of a plot, in columns and lines.
_NARROWEST, _LOWEST, _HIGHEST = 30, 8, 40
# The room for a tick with its label.
_TICK_COLUMNS, _DATE_COLUMNS, _TICK_LINES = 10, 14, 3
# Factors of round steps between ticks.
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LONGEST_NAME: Final = 40
_DAY_S, _MINUTE_S = 86400.0, 60.0
_HALF: Final = 0.5


def drawn(plot: Plot, size: tuple[int, int], *, color: bool, unicode: bool = True) -> str:
    """Return a plot as lines of text, ending with a line feed.

    ``size`` is the window in columns and lines. Without ``unicode`` the plot is plain ASCII.
    """
    width = max(_NARROWEST, size[0])
    if all(series.shape == "share" for series in plot.series):
        lines = _shares(plot, width, color=color and unicode)
    else:
        lines = _lines(plot, width, size[1], color=color and unicode)
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return text if unicode else text.translate(_PLAIN)


def _lines(plot: Plot, width: int, lines: int, *, color: bool) -> list[str]:
    layout = layout_of(plot, lines if plot.across else width)
    if not any(
        extent([stroke], log=_is_log(plot, stroke.side, layout))
        and reach([stroke], log=_has_log_positions(plot, layout))
        for stroke in layout.strokes
    ):
        return [fitted(plot.title, width), "  no points to draw"]
    legend = _legend(plot, width, lines // 3, color=color) + _notes(plot, layout, width)
    plotext.figure.clear()
    plotext.figure.theme("colorless")
    # The size is given by the caller; plotext would measure the terminal, which may not be the target.
    plotext.terminal.limit(width=False, height=False)
    plotext.figure.plot_size(width, min(_HIGHEST, max(_LOWEST, lines - len(legend) - 1)))
    plotext.figure.title(fitted(plot.title, width - 4))
    _set_axes(plot, layout, width, lines)
    _draw(plot, layout, color=color)
    picture: str = plotext.figure.build().string(colorless=not color)
    return [*(line for line in picture.split("\n") if line.strip()), *legend]


def _is_log(plot: Plot, side: str, layout: Layout) -> bool:
    """Return whether heights are drawn on a logarithmic axis."""
    # Bars begin at zero, which has no logarithm.
    return (plot.right if side == "right" else plot.y).log and not layout.bars and not plot.across


def _has_log_positions(plot: Plot, layout: Layout) -> bool:
    return plot.x.log and layout.scale.kind == NUMBERS and not plot.across


def _draw(plot: Plot, layout: Layout, *, color: bool) -> None:
    figure = plotext.figure
    for bar, start, ends in rectangles(layout.bars):
        x, y = (ends, start) if plot.across else (start, ends)
        figure.draw(figure.rectangle(x, y, marker=_marker(bar, color=color), yside=bar.side))
    for stroke in layout.others:
        positions, heights, breaks = points(
            stroke, log_positions=_has_log_positions(plot, layout), log=_is_log(plot, stroke.side, layout)
        )
        if not positions:
            continue
        across = plot.across
        signal = figure.signal(
            *((heights, positions) if across else (positions, heights)),
            marker=_marker(stroke, color=color),
            yside=stroke.side,
        )
        if stroke.series.shape != "points":
            signal.lines()
            for at in breaks:
                signal.line(at, active=False)
        if stroke.series.shape == "area" and not _is_log(
            plot, stroke.side, layout
        ):  # no logarithm reaches down to zero
            (signal.filly if plot.across else signal.fillx)()
        figure.draw(signal)


def _set_axes(plot: Plot, layout: Layout, width: int, lines: int) -> None:
    """Set titles, ends and ticks of the axes."""
    figure = plotext.figure
    along, up = ("y", "x") if plot.across else ("x", "y")
    figure.label(fitted(plot.x.title, width // 3), "x")
    figure.label(fitted(plot.y.title, width // 4), "y")
    most = {"x": width // (_DATE_COLUMNS if layout.scale.kind == DATES else _TICK_COLUMNS), "y": lines // _TICK_LINES}
    _set_positions(along, plot, layout, width, most[along])
    for side in ("left", "right"):
        here = [stroke for stroke in layout.strokes if stroke.side == side]
        log = _is_log(plot, side, layout)
        if ends := extent(here, log=log):
            _set_ends(up, side if up == "y" else None, ends, most[up], log=log)
    if any(stroke.side == "right" for stroke in layout.strokes):
        figure.label(fitted(plot.right.title, width // 4), "y", "right")


def _set_positions(axis: str, plot: Plot, layout: Layout, width: int, most: int) -> None:
    log = _has_log_positions(plot, layout)
    ends = reach(layout.strokes, log=log) or (0.0, 0.0)
    ruler = plotext.figure.ruler(axis)
    if layout.scale.kind == CATEGORIES:
        names = list(layout.scale.categories)
        shown = range(0, len(names), max(1, math.ceil(len(names) / max(1, most))))
        longest = width // 3 if axis == "y" else width // max(1, len(shown)) - 1
        margin = _HALF if layout.bars or len(names) == 1 else 0.0
        ruler.lim(ends[0] - margin, ends[1] + margin)
        ruler.ticks([float(at) for at in shown], [fitted(names[at], longest) for at in shown])
    elif layout.scale.kind == DATES:
        length_s = ends[1] - ends[0]
        # Ticks within one second would have the same label.
        count = max(2, min(most, int(length_s) + 1)) if length_s else 1
        plotext.figure.date(axis).activate(form=_date_form(length_s, count), origin=datetime.fromtimestamp(0, UTC))
        ruler.lim(*ends)
        ruler.frequency(count)
    else:
        whole = all(
            position is None or position.is_integer() for stroke in layout.strokes for position in stroke.positions
        )
        _set_ends(axis, None, ends, most, log=log, whole=whole)


def _date_form(length_s: float, count: int) -> str:
    """Return the format of dates on an axis of some length with a number of ticks."""
    between_s = length_s / max(1, count - 1) or _DAY_S
    forms = {_DAY_S: "%Y-%m-%d", _MINUTE_S: "%m-%d %H:%M", 1.0: "%H:%M:%S"}
    return next((form for least_s, form in forms.items() if between_s >= least_s), "%H:%M:%S.%f")


def _set_ends(
    axis: str, side: str | None, ends: tuple[float, float], most: int, *, log: bool, whole: bool = False
) -> None:
    """Set the ends of an axis so that plotext's ticks, which divide it evenly, are round numbers."""
    ruler = plotext.figure.ruler(axis, side)
    if log:
        # Logarithms are drawn on a linear axis, because plotext's logarithmic one fails at a single point of 1 or less.
        first, last = map(math.log10, ends)
        begin, every = math.floor(first), max(1, math.ceil((last - first) / max(1, most - 1)))
        powers = range(begin, begin + every * max(1, math.ceil((last - begin) / every)) + 1, every)
        ruler.lim(powers[0], powers[-1])
        ruler.ticks(list(powers), [f"{float(f'1e{power}'):.6g}" for power in powers])
        return
    low, high, count = _rounded(*ends, most, whole=whole)
    if low < high:
        ruler.lim(low, high)
        ruler.frequency(count + 1)
    else:
        ruler.lim(low - (abs(low) or 1.0), low + (abs(low) or 1.0))
        ruler.ticks([low], [f"{low:.6g}"])


def _rounded(low: float, high: float, most: int, *, whole: bool) -> tuple[float, float, int]:
    """Return round ends around two numbers, and the number of round steps between them."""
    rough = max((high - low) / max(1, most - 1), 1.0 if whole else 0.0)
    if not 0 < rough < math.inf:
        return low, high, 1
    power = 10.0 ** math.floor(math.log10(rough))
    steps = (power * step for step in _STEPS if power and not (whole and (power * step) % 1))
    step = next((step for step in steps if step >= rough * (1 - 1e-9)), rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return min(first * step, low), max(last * step, high), last - first


def _notes(plot: Plot, layout: Layout, width: int) -> list[str]:
    logarithmic = layout.bars and (plot.y.log or plot.right.log)
    notes = [
        "drawn as lines, because the window is too narrow for bars" if layout.crowded else "",
        "drawn on a linear axis, because bars start at zero" if logarithmic else "",
    ]
    return [fitted(f"  {note}", width) for note in notes if note]


def _legend(plot: Plot, width: int, most: int, *, color: bool) -> list[str]:
    """Return the legend below the plot, because plotext's own legend would cover points."""
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
    symbol = _symbol(at, series.shape, color=color)
    shown = {"full": "\u2588", "braille": "\u2500"}.get(symbol, symbol) * 2
    side = " (right)" if series.right else ""
    most = min(_LONGEST_NAME, width - len(side) - 6)
    return f"{shown} {fitted(series.name or f'series {at + 1}', most)}{side}"


def _shares(plot: Plot, width: int, *, color: bool) -> list[str]:
    """Draw shares of a whole as bars with the values after them."""
    # plotext would write the values into the bars, even into small ones.
    shares = [(x, number(y)) for series in plot.series for x, y in zip(series.x, series.y, strict=True)]
    values = [value for _, value in shares if value is not None]
    most = max(map(abs, values), default=0.0) or 1.0
    # As multiples of the largest value: the sum of two very large numbers would be infinite.
    whole = math.fsum(value / most for value in values) if min(values, default=0.0) >= 0 else 0.0
    names = [fitted("" if name is None else str(name), width // 3) for name, _ in shares]
    ends = [_share(value, most, whole) for _, value in shares]
    longest = min(max(map(cells, names), default=0), max(1, width - max(map(len, ends), default=0) - 4))
    names = [fitted(name, longest) for name in names]
    room = max(1, width - longest - max(map(len, ends), default=0) - 3)
    lines = [" " * max(0, (width - cells(fitted(plot.title, width))) // 2) + fitted(plot.title, width)]
    for at, ((_, value), name, end) in enumerate(zip(shares, names, ends, strict=True)):
        bar = _BAR * max(1 if value else 0, round(abs(value or 0.0) / most * room))
        painted = _painted(bar, at) if color and bar else bar
        lines.append(f"{' ' * (longest - cells(name))}{name}  {painted}{' ' if bar else ''}{end}")
    return lines


def _share(value: float | None, most: float, whole: float) -> str:
    if value is None:
        return "no value"
    return f"{value:.6g} ({value / most / whole:.1%})" if whole else f"{value:.6g}"


def _marker(stroke: Stroke, *, color: bool) -> plotext.marker:
    symbol = _symbol(stroke.number, stroke.series.shape, color=color)
    return plotext.marker(symbol, plotext.pixel(_COLORS[stroke.number % len(_COLORS)]))


def _symbol(at: int, shape: str, *, color: bool) -> str:
    """Return the mark of a series: fine dots in colour, otherwise a letter."""
    if not color:
        return _MARKS[at % len(_MARKS)]
    return {"area": "full", "bar": "full", "points": "\u2022"}.get(shape, "braille")


def _painted(text: str, at: int) -> str:
    return f"\x1b[38;5;{_COLORS[at % len(_COLORS)]}m{text}\x1b[0m"
