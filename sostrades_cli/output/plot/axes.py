"""The axes of a plot: titles, ends, and ticks at round numbers, dates or names."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import plotext

from sostrades_cli.output.plot.layout import extent, reach
from sostrades_cli.output.plot.scales import CATEGORIES, DATES, NUMBERS
from sostrades_cli.output.plot.titles import titles_of
from sostrades_cli.output.text_width import fitted

if TYPE_CHECKING:
    from sostrades_cli.output.plot.layout import Layout
    from sostrades_cli.output.plot.model import Plot

# The room for a tick with its label.
_TICK_COLUMNS, _DATE_COLUMNS, _TICK_LINES = 10, 14, 3
# Factors of round steps between ticks.
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAY_S, _MINUTE_S = 86400.0, 60.0
_HALF: Final = 0.5


def is_log(plot: Plot, side: str, layout: Layout) -> bool:
    """Return whether heights are drawn on a logarithmic axis."""
    # Bars begin at zero, which has no logarithm.
    return (plot.right if side == "right" else plot.y).log and not layout.bars and not plot.across


def has_log_positions(plot: Plot, layout: Layout) -> bool:
    """Return whether positions are drawn on a logarithmic axis."""
    return plot.x.log and layout.scale.kind == NUMBERS and not plot.across


def set_axes(plot: Plot, layout: Layout, width: int, lines: int) -> dict[str, tuple[float, float]]:
    """Set titles, ends and ticks of the axes, and return the ends of the heights on each side."""
    figure = plotext.figure
    along, up = ("y", "x") if plot.across else ("x", "y")
    titles = titles_of(plot, width)
    figure.label(titles.x, "x")
    figure.label(titles.y, "y")
    most = {"x": width // (_DATE_COLUMNS if layout.scale.kind == DATES else _TICK_COLUMNS), "y": lines // _TICK_LINES}
    _set_positions(along, plot, layout, width, most[along])
    shown: dict[str, tuple[float, float]] = {}
    for side in ("left", "right"):
        # Horizontal bars have a single axis of heights.
        here = [stroke for stroke in layout.strokes if stroke.side == side or plot.across]
        log = is_log(plot, side, layout)
        if ends := extent(here, log=log):
            shown[side] = _set_ends(up, side if up == "y" else None, ends, most[up], log=log)
    if any(stroke.side == "right" for stroke in layout.strokes):
        figure.label(titles.right, "y", "right")
    return shown


def _set_positions(axis: str, plot: Plot, layout: Layout, width: int, most: int) -> None:
    log = has_log_positions(plot, layout)
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
) -> tuple[float, float]:
    """Set and return the ends of an axis so that plotext's ticks, which divide it evenly, are round numbers."""
    ruler = plotext.figure.ruler(axis, side)
    if log:
        # Logarithms are drawn on a linear axis, because plotext's logarithmic one fails at a single point of 1 or less.
        first, last = map(math.log10, ends)
        begin, every = math.floor(first), max(1, math.ceil((last - first) / max(1, most - 1)))
        powers = range(begin, begin + every * max(1, math.ceil((last - begin) / every)) + 1, every)
        ruler.lim(powers[0], powers[-1])
        ruler.ticks(list(powers), [f"{float(f'1e{power}'):.6g}" for power in powers])
        return powers[0], powers[-1]
    low, high, count = _rounded(*ends, most, whole=whole)
    if low < high:
        ruler.lim(low, high)
        ruler.frequency(count + 1)
        return low, high
    around = abs(low) or 1.0
    ruler.lim(low - around, low + around)
    ruler.ticks([low], [f"{low:.6g}"])
    return low - around, low + around


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
