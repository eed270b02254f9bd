"""Describe a chart: its discipline, section, axes, series, source and state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import FigureAxis


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A row in a list of charts. ``section`` and ``key`` are ``None`` if no source has them.

    ``missing`` lists data that no source has. ``state`` is ``current``, or the reason why the chart is not current.
    """

    number: int
    discipline: str
    chart: str
    section: str | None
    kind: str
    key: bool | None
    series: int
    points: int
    source: str
    missing: str
    state: str


def summarized(numbered: NumberedChart, state: str) -> ChartSummary:
    """Return the summary of a chart."""
    chart = numbered.chart
    series = chart.series()
    return ChartSummary(
        numbered.number,
        chart.discipline,
        numbered.name,
        chart.section,
        chart.figure.kind,
        chart.is_key,
        len(series),
        sum(item.points for item in series),
        numbered.source,
        numbered.missing,
        state,
    )


def described(numbered: NumberedChart, state: str) -> dict[str, Any]:
    """Return the metadata of a chart for JSON output and manifests."""
    chart = numbered.chart
    series = chart.series()
    axes = {"x": _axis(chart.figure.axis("xaxis")), "y": _axis(chart.figure.axis("yaxis"))}
    # A layout without y2 yields an empty axis, so list it only if a series uses it.
    if any(item.second_axis for item in series):
        axes["y2"] = _axis(chart.figure.axis("yaxis2"))
    return {
        "number": numbered.number,
        "discipline": chart.discipline,
        "title": chart.title,
        "section": chart.section,
        "key": chart.is_key,
        "kind": chart.figure.kind,
        "source": numbered.source,
        "missing": numbered.missing,
        "state": state,
        "axes": axes,
        "series": [
            {"name": item.name, "kind": item.kind, "axis": "y2" if item.second_axis else "y", "points": item.points}
            for item in series
        ],
    }


def _axis(axis: FigureAxis) -> dict[str, str | None]:
    return {"title": axis.title, "name": axis.name, "unit": axis.unit}
