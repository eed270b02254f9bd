"""A chart as a plot in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.postproc.points import drawable, infinite
from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries
from sostrades_cli.output.text import counted
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import Figure, FigureAxis, Series

_SHAPES: Final = {
    "line": "line",
    "scatter": "points",
    "area": "area",
    "bar": "bar",
    "stacked bar": "bar",
    "pie": "share",
}
# Kinds without a plot: a table is shown as rows, a gauge as a number.
AS_ROWS: Final = frozenset({"table", "indicator"})


def plot_of(gathered: GatheredCharts, numbered: NumberedChart, series: Sequence[Series]) -> Plot:
    """Return series of a chart as a plot.

    Raises
    ------
    UsageError
        Characters cannot draw its kind, or it has no points.
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
        series=[_series(item) for item in series],
        across=any(item.horizontal and item.kind.endswith("bar") for item in series),
        notes=list(filter(None, [gathered.note, note])),
    )


def _check(study: int, numbered: NumberedChart, series: Sequence[Series]) -> None:
    title = quoted(numbered.chart.title or numbered.label)
    command = f"sostrades postproc export {study} -d chart-{numbered.number} --match {title} --as"
    undrawable = [item.kind for item in series if item.kind not in _SHAPES]
    shares = [item for item in series if item.kind == "pie"]
    # Shares have no axes, so they cannot share a plot with other series.
    if undrawable or (shares and len(shares) < len(series)):
        kind = numbered.chart.figure.kind
        raise UsageError(
            f"cannot draw a chart of kind {kind} in a terminal",
            hint=f"draw it with `{command} png`, or add -F csv to show its numbers",
            study=study,
        )
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
    return PlotAxis(axis.title, log=axis.kind == "log")


def _series(series: Series) -> PlotSeries:
    sides = [list(series.columns.get(name, ())) for name in "xy"]
    x, y = (side + [None] * (series.points - len(side)) for side in sides)
    return PlotSeries(
        series.name,
        _SHAPES[series.kind],
        x,
        y,
        right=series.second_axis,
        stack=series.stack,
    )
