"""Plots drawn by plotext to fit the window, in colour or with a letter for each series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TextIO

import plotext

from sostrades_cli.output.plot.axes import has_log_positions, is_log, set_axes
from sostrades_cli.output.plot.bars import Painter, frame_of, slots_of
from sostrades_cli.output.plot.blocks import EIGHTHS, LEFT
from sostrades_cli.output.plot.colors import color_of
from sostrades_cli.output.plot.heatmap import heatmap
from sostrades_cli.output.plot.layout import extent, layout_of, points, reach
from sostrades_cli.output.plot.look import Look
from sostrades_cli.output.plot.model import Shape
from sostrades_cli.output.plot.scales import number
from sostrades_cli.output.text_width import cells, fitted

if TYPE_CHECKING:
    from sostrades_cli.output.plot.layout import Layout, Stroke
    from sostrades_cli.output.plot.model import Plot, PlotSeries

_BAR: Final = "\u2587"
# Replacements for terminals without Unicode.
_PLAIN: Final = str.maketrans(
    "\u250c\u2510\u2514\u2518\u251c\u2524\u252c\u2534\u2500\u2502\u2587\u2026\u00b7", "++++++++-|#~."
)
# Limits of the size of a plot, in columns and lines.
_NARROWEST, _LOWEST, _HIGHEST = 30, 8, 40
_LONGEST_SERIES_NAME: Final = 40


def has_frames(target: TextIO) -> bool:
    """Return whether a stream can encode the characters of frames and curves."""
    try:
        "\u2502\u28ff\u2587".encode(target.encoding)
    except UnicodeEncodeError:
        return False
    return True


def plot_text(plot: Plot, size: tuple[int, int], *, color: bool, unicode: bool = True) -> str:
    """Return a plot as lines of text, ending with a line feed.

    ``size`` is the window in columns and lines. Without ``unicode`` the plot is plain ASCII.
    """
    width = max(_NARROWEST, size[0])
    # A single series needs no letter, so its bars can be blocks without a colour, too.
    look = Look(color and unicode, unicode, unicode and (color or len(plot.series) == 1))
    if all(series.shape == Shape.SHARE for series in plot.series):
        lines = _shares(plot, width, look)
    elif plot.series[0].shape == Shape.HEATMAP:
        lines = heatmap(plot, (width, size[1]), look)
    else:
        lines = _lines(plot, (width, size[1]), look)
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return text if unicode else text.translate(_PLAIN)


def _lines(plot: Plot, size: tuple[int, int], look: Look) -> list[str]:
    width, lines = size
    layout = layout_of(plot, lines if plot.across else width)
    if not any(
        extent([stroke], log=is_log(plot, stroke.side, layout)) and reach([stroke], log=has_log_positions(plot, layout))
        for stroke in layout.strokes
    ):
        return [fitted(plot.title, width), "  no points to draw"]
    legend = _legend(plot, width, lines // 3, look) + _notes(plot, layout, width)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    # The size is given by the caller; plotext would measure the terminal, which may not be the target.
    plotext.terminal.limit(width=False, height=False)
    figure.plot_size(width, min(_HIGHEST, max(_LOWEST, lines - len(legend) - 1)))
    figure.title(fitted(plot.title, width - 4))
    ends = set_axes(plot, layout, width, lines)
    _draw(plot, layout, look)
    picture = figure.build()
    # The width of the frame depends on the labels, so bars are placed after a first drawing.
    if layout.bars:
        frame = frame_of(picture)
        slots = slots_of(len(layout.scale.categories), frame.height if plot.across else frame.width)
        figure.ruler("y" if plot.across else "x").lim(*slots.ends)
        picture = figure.build()
        Painter(plot.across, look.color, look.letters).paint(picture, frame, layout.bars, slots, ends)
    text: str = picture.string(colorless=not look.color)
    return [*(line for line in text.split("\n") if line.strip()), *legend]


def _draw(plot: Plot, layout: Layout, look: Look) -> None:
    figure = plotext.figure
    for bar in layout.bars:
        # Bars are painted later. An axis has ticks only if it has a signal.
        figure.draw(figure.signal([0.0], [0.0], marker=" ", yside=bar.side))
    for stroke in layout.others:
        positions, heights, breaks = points(
            stroke, log_positions=has_log_positions(plot, layout), log=is_log(plot, stroke.side, layout)
        )
        if not positions:
            continue
        across = plot.across
        signal = figure.signal(
            *((heights, positions) if across else (positions, heights)),
            marker=_marker(stroke, look),
            yside=stroke.side,
        )
        if stroke.series.shape != Shape.POINTS:
            signal.lines()
            for at in breaks:
                signal.line(at, active=False)
        # No logarithm reaches down to zero.
        if stroke.series.shape == Shape.AREA and not is_log(plot, stroke.side, layout):
            (signal.filly if plot.across else signal.fillx)()
        figure.draw(signal)


def _notes(plot: Plot, layout: Layout, width: int) -> list[str]:
    logarithmic = layout.bars and (plot.y.log or plot.right.log)
    notes = [
        "drawn as lines, because the window is too narrow for bars" if layout.crowded else "",
        "drawn on a linear axis, because bars start at zero" if logarithmic else "",
    ]
    return [fitted(f"  {note}", width) for note in notes if note]


def _legend(plot: Plot, width: int, most: int, look: Look) -> list[str]:
    """Return the legend below the plot, because plotext's own legend would cover points."""
    if len(plot.series) == 1 and not plot.series[0].name:
        return []
    lines: list[str] = []
    used = width
    for at, series in enumerate(plot.series):
        entry = _entry(at, series, width, look)
        if used + cells(entry) + 3 > width:
            if len(lines) >= max(1, most):
                return [*lines, fitted(f"  and {len(plot.series) - at} more series", width)]
            lines.append("")
            used = 0
        lines[-1] += f"{'  ' if not used else '   '}{look.painted(entry, at)}"
        used += cells(entry) + (3 if used else 2)
    return lines


def _entry(at: int, series: PlotSeries, width: int, look: Look) -> str:
    symbol = look.symbol(at, series.shape)
    shown = ("\u2500" if symbol == "braille" else symbol) * 2
    side = " (right)" if series.right else ""
    most = min(_LONGEST_SERIES_NAME, width - len(side) - 6)
    return f"{shown} {fitted(series.name or f'series {at + 1}', most)}{side}"


def _shares(plot: Plot, width: int, look: Look) -> list[str]:
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
        bar = _bar(abs(value or 0.0) / most * room, look)
        lines.append(f"{' ' * (longest - cells(name))}{name}  {look.painted(bar, at)}{' ' if bar else ''}{end}")
    return lines


def _bar(length: float, look: Look) -> str:
    """Return a bar of some columns, as exact as the characters allow; a small one is visible, too."""
    if not look.unicode:
        return _BAR * max(1 if length else 0, round(length))
    whole, eighths = divmod(max(1 if length else 0, round(length * EIGHTHS)), EIGHTHS)
    return _BAR * whole + LEFT[eighths].strip()


def _share(value: float | None, most: float, whole: float) -> str:
    if value is None:
        return "no value"
    return f"{value:.6g} ({value / most / whole:.1%})" if whole else f"{value:.6g}"


def _marker(stroke: Stroke, look: Look) -> plotext.marker:
    symbol = look.symbol(stroke.number, stroke.series.shape)
    return plotext.marker(symbol, plotext.pixel(color_of(stroke.number)))
