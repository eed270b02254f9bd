"""The metadata of a chart: its discipline, section, axes and series, its source and its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import FigureAxis


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A chart of a list; ``section`` and ``key`` are ``None`` where no source tells them.

    ``missing`` is what no source has, ``state`` is ``current`` or why the chart is not.
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
        sum(one.points for one in series),
        numbered.source,
        numbered.missing,
        state,
    )


def described(numbered: NumberedChart, state: str) -> dict[str, Any]:
    """Return the description of a chart, as scripts and manifests have it."""
    chart = numbered.chart
    series = chart.series()
    axes = {"x": _axis(chart.figure.axis("xaxis")), "y": _axis(chart.figure.axis("yaxis"))}
    if any(found.second_axis for found in series):
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
            {"name": found.name, "kind": found.kind, "axis": "y2" if found.second_axis else "y", "points": found.points}
            for found in series
        ],
    }


def _axis(axis: FigureAxis) -> dict[str, str | None]:
    return {"title": axis.title, "name": axis.name, "unit": axis.unit}
