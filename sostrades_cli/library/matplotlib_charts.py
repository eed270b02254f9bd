"""Draw charts with matplotlib."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.output.plot.scales import CATEGORIES, DATES, Scale, label, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from sostrades_cli.plotly_figures.figure import Figure, FigureAxis, Series

# The share of the distance between two positions that their bars fill.
_FILLED: Final = 0.8
_GRIDS: Final = frozenset({"heatmap", "contour"})


def draw(figure: Figure) -> Axes:
    """Draw lines, points, areas, bars, shares and heatmaps, and return the axes.

    Raises
    ------
    UsageError
        matplotlib has no equivalent of the chart.

    """
    import matplotlib.pyplot as plt  # optional

    series = figure.series()
    kinds = {item.kind for item in series}
    if not kinds or not (kinds <= _XY.keys() or kinds == {"pie"} or (kinds <= _GRIDS and len(series) == 1)):
        raise UsageError(
            f"matplotlib cannot draw a chart of the kind {figure.kind}", hint="install plotly: pip install plotly"
        )
    axes: Axes = plt.subplots(layout="constrained")[1]
    axes.set_title(_text(figure.title))
    if kinds == {"pie"}:
        axes.pie(_numbers(series[0].columns["y"]), labels=[_text(label(name)) for name in series[0].columns["x"]])
    elif kinds <= _GRIDS:
        _draw_grid(axes, series[0], figure)
    else:
        _draw_series(axes, series, figure)
    return axes


@dataclass(frozen=True, slots=True)
class _Marks:
    """A series on its axes. Stacked values begin at ``bottoms``. ``lane`` is the index among ``lanes`` of bars."""

    axes: Axes
    series: Series
    color: str
    positions: list[float]
    values: list[float]
    bottoms: list[float]
    lane: int = 0
    lanes: int = 1

    @property
    def label(self) -> str:
        """The name in the legend."""
        return _text(self.series.name)


def _draw_series(axes: Axes, series: Sequence[Series], figure: Figure) -> None:
    second = axes.twinx() if any(item.second_axis for item in series) else axes
    scale = {name: scale_of([value for item in series for value in item.columns.get(name, ())]) for name in "xy"}
    bars = [item for item in series if item.kind == "bar"]
    sums: dict[tuple[str, float], float] = {}
    for number, item in enumerate(series):
        across, along = ("y", "x") if item.horizontal else ("x", "y")
        pairs = zip(*(_positions(item.columns.get(name, ()), scale[name]) for name in (across, along)), strict=False)
        positions, values = map(list, zip(*pairs, strict=True)) if item.points else ([], [])
        bottoms = _stacked(item.stack, positions, values, sums) if item.stack else [0.0] * len(positions)
        marks = _Marks(second if item.second_axis else axes, item, f"C{number}", positions, values, bottoms)
        if item in bars:
            marks = replace(marks, lane=bars.index(item), lanes=len(bars))
        _XY[item.kind](marks)
    for name, target, axis in (("x", axes, "xaxis"), ("y", axes, "yaxis"), ("y", second, "yaxis2")):
        _label(target, name, figure.axis(axis), scale[name])
    # `dict.fromkeys`: without a second axis, both are the same.
    legends = [target.get_legend_handles_labels() for target in dict.fromkeys((axes, second))]
    if len(series) > 1:
        handles = [handle for legend in legends for handle in legend[0]]
        axes.legend(handles, [name for legend in legends for name in legend[1]])


def _stacked(
    stack: str, positions: list[float], values: list[float], sums: dict[tuple[str, float], float]
) -> list[float]:
    """Return the bottom of each value of a stacked series, and add the values to ``sums`` for the series above."""
    bottoms = []
    for position, value in zip(positions, values, strict=True):
        # Bars below zero are stacked downwards.
        key = (f"{stack}{'-' if value < 0 else ''}", position)
        bottoms.append(sums.get(key, 0.0))
        sums[key] = bottoms[-1] + (value if math.isfinite(value) else 0.0)
    return bottoms


def _draw_line(marks: _Marks) -> None:
    marks.axes.plot(marks.positions, marks.values, color=marks.color, label=marks.label)


def _draw_points(marks: _Marks) -> None:
    marks.axes.plot(marks.positions, marks.values, "o", color=marks.color, label=marks.label)


def _draw_area(marks: _Marks) -> None:
    tops = [bottom + value for bottom, value in zip(marks.bottoms, marks.values, strict=True)]
    marks.axes.fill_between(marks.positions, marks.bottoms, tops, alpha=0.6, color=marks.color, label=marks.label)


def _draw_bars(marks: _Marks) -> None:
    distinct = sorted(set(marks.positions))
    width = _FILLED * min((b - a for a, b in pairwise(distinct)), default=1.0) / marks.lanes
    shifted = [position + width * (marks.lane - (marks.lanes - 1) / 2) for position in marks.positions]
    if marks.series.horizontal:
        marks.axes.barh(shifted, marks.values, width, left=marks.bottoms, color=marks.color, label=marks.label)
    else:
        marks.axes.bar(shifted, marks.values, width, bottom=marks.bottoms, color=marks.color, label=marks.label)


_XY: Final[dict[str, Callable[[_Marks], None]]] = {
    "line": _draw_line,
    "scatter": _draw_points,
    "area": _draw_area,
    "bar": _draw_bars,
    "stacked bar": _draw_bars,
}


def _draw_grid(axes: Axes, item: Series, figure: Figure) -> None:
    columns = {name: list(item.columns[name]) for name in "xyz"}
    scale = {name: scale_of(columns[name]) for name in "xy"}
    positions = {name: sorted(set(_positions(columns[name], scale[name]))) for name in "xy"}
    cells = dict(
        zip(zip(*(_positions(columns[n], scale[n]) for n in "xy"), strict=True), _numbers(columns["z"]), strict=True)
    )
    grid = [[cells.get((x, y), math.nan) for x in positions["x"]] for y in positions["y"]]
    mesh = axes.pcolormesh(positions["x"], positions["y"], grid, shading="nearest")
    if axes.figure is not None:
        axes.figure.colorbar(mesh, ax=axes, label=_text(figure.color_title))
    for name, axis in (("x", "xaxis"), ("y", "yaxis")):
        _label(axes, name, figure.axis(axis), scale[name])


def _label(axes: Axes, name: str, axis: FigureAxis, scale: Scale) -> None:
    """Write title, ticks, direction and scale of an axis."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # optional

    drawn = axes.xaxis if name == "x" else axes.yaxis
    if axis.title:
        drawn.set_label_text(_text(axis.title))
    if scale.kind == CATEGORIES:
        drawn.set_ticks(list(scale.categories.values()), labels=list(map(_text, scale.categories)))
    elif scale.kind == DATES:
        locator = AutoDateLocator()  # type: ignore[no-untyped-call] # of matplotlib
        drawn.set_major_locator(locator)
        drawn.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call] # of matplotlib
    elif axis.kind == "log":
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    if axis.reversed:
        (axes.invert_xaxis if name == "x" else axes.invert_yaxis)()


def _positions(values: Sequence[Any], scale: Scale) -> list[float]:
    """Return the positions of values on an axis of matplotlib, on which dates are days since 1970."""
    positions = [math.nan if (position := scale.position(value)) is None else position for value in values]
    return [position / 86400.0 for position in positions] if scale.kind == DATES else positions


def _numbers(values: Sequence[Any]) -> list[float]:
    return _positions(values, Scale())


def _text(text: str) -> str:
    """Return a text of the server without formulas, which are between dollars."""
    return text.replace("$", r"\$")
