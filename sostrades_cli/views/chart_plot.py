"""A chart as a plot in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.postproc.points import drawable, infinite
from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import Figure, FigureAxis, Series

_SHAPES: Final = {
    "line": Shape.LINE,
    "scatter": Shape.POINTS,
    "area": Shape.AREA,
    "bar": Shape.BAR,
    "stacked bar": Shape.BAR,
    "pie": Shape.SHARE,
    "heatmap": Shape.HEATMAP,
    "contour": Shape.HEATMAP,
}
# Shapes that cannot share a plot with other series.
_ALONE: Final = frozenset({Shape.SHARE, Shape.HEATMAP})
# Kinds without a plot: a table is shown as rows, a gauge as a number.
AS_ROWS: Final = frozenset({"table", "indicator"})


def plot_of(gathered: GatheredCharts, numbered: NumberedChart, series: Sequence[Series]) -> Plot:
    """Return series of a chart as a plot.

    Raises
    ------
    UsageError
        It has no points.
    ServerFault
        The server sent no numbers for it.

    """
    failure = gathered.failure_of_points(numbered)
    if failure is not None:
        raise failure
    _check(gathered.study, numbered, series)
    figure = numbered.chart.figure
    infinite_points = sum(map(infinite, series))
    note = f"not drawn: {counted(infinite_points, 'infinite point')}" if infinite_points else None
    return Plot(
        title=numbered.name,
        x=_axis(figure, "xaxis"),
        y=_axis(figure, "yaxis"),
        right=_axis(figure, "yaxis2"),
        series=[_series(item, figure.color_title) for item in series],
        across=any(item.horizontal and item.kind.endswith("bar") for item in series),
        notes=list(filter(None, [gathered.note, note])),
    )


def is_drawable(series: Sequence[Series]) -> bool:
    """Return whether characters can draw series of these kinds together."""
    shapes = {_SHAPES.get(item.kind) for item in series}
    alone = shapes & _ALONE
    # Several pies are drawn below each other, but a second heatmap would cover the first one.
    return None not in shapes and (not alone or (len(shapes) == 1 and (alone == {Shape.SHARE} or len(series) == 1)))


def undrawable_note(study: int, numbered: NumberedChart) -> str:
    """Return why there is a table instead of a plot, and how to see the chart."""
    return (
        f"numbers only: a terminal cannot draw a chart of kind {numbered.chart.figure.kind}. "
        f"`sostrades postproc open {study} {numbered.number}` opens it in the browser"
    )


def _check(study: int, numbered: NumberedChart, series: Sequence[Series]) -> None:
    if not any(drawable(item) for item in series):
        raise UsageError(
            f"{numbered.label} has no points to draw"
            + (" in a terminal" if any(item.points for item in series) else ""),
            hint="check --from, --to and --series, or show all numbers with "
            f"`sostrades postproc show {study} {numbered.number} -F csv`",
            study=study,
        )


def _axis(figure: Figure, name: str) -> PlotAxis:
    axis: FigureAxis = figure.axis(name)
    return PlotAxis(axis.title, log=axis.kind == "log", reversed=axis.reversed, unit=axis.unit or "")


def _series(series: Series, color_title: str) -> PlotSeries:
    sides = [list(series.columns.get(name, ())) for name in "xy"]
    # The columns of a plotly trace may differ in length.
    x, y = (side + [None] * (series.points - len(side)) for side in sides)
    return PlotSeries(
        color_title if _SHAPES[series.kind] is Shape.HEATMAP else series.name,
        _SHAPES[series.kind],
        x,
        y,
        right=series.second_axis,
        stack=series.stack,
        z=list(series.columns.get("z", ())),
    )
