"""Charts as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart

COLUMNS = ("number", "discipline", "chart", "section", "kind", "key", "series", "points", "source", "missing", "state")
# What a table leaves out where no chart has anything there.
OPTIONAL = frozenset({"section", "key", "missing", "state"})


def chart_rows(gathered: GatheredCharts, charts: Sequence[NumberedChart]) -> Rows:
    """Return the charts, one row each; ``key`` and ``section`` are empty where no source tells them."""
    payload = [_described(one, gathered.state) for one in charts]
    rows = [
        (
            *(one[name] for name in COLUMNS[:5]),
            "key" if one["key"] else None,
            one["series"],
            one["points"],
            one["source"],
            one["missing"] or None,
            gathered.state if gathered.stale else None,
        )
        for one in payload
    ]
    title = f"{gathered.name} · study {gathered.study} · {counted(len(charts), 'chart')}"
    note = gathered.remark
    if not charts:
        of_all = f"study {gathered.study} has no charts"
        fits = f"none of the {counted(len(gathered.charts), 'chart')} of study {gathered.study} fits"
        note = "\n".join(filter(None, [gathered.remark, fits if gathered.charts else of_all]))
    return Rows(
        COLUMNS,
        rows,
        payload=payload,
        title=title,
        note=note,
        optional=OPTIONAL,
        heads={"number": "#"},
        failure=gathered.failure_of(charts),
    )


def _described(numbered: NumberedChart, state: str) -> dict[str, Any]:
    chart = numbered.chart
    series = chart.series()
    return {
        "number": numbered.number,
        "discipline": chart.discipline,
        "chart": numbered.name,
        "section": chart.section,
        "kind": chart.figure.kind,
        "key": chart.is_key,
        "series": len(series),
        "points": sum(one.points for one in series),
        "source": numbered.source,
        "missing": numbered.missing,
        "state": state,
    }
