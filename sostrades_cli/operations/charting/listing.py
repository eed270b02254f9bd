"""Charts as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.operations.charting.merging import PAGE, POST_PROCESSING, READ_ONLY
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import Cell, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.charting.gathering import Gathered
    from sostrades_cli.operations.charting.merging import Numbered

COLUMNS = ("number", "discipline", "chart", "section", "kind", "key", "series", "points", "source", "missing", "state")
# What a table leaves out where no chart has anything there.
_BRIEF = {
    READ_ONLY: "read-only",
    POST_PROCESSING: "json",
    PAGE: "page",
    f"{READ_ONLY} + {PAGE}": "read-only, page",
    f"{POST_PROCESSING} + {PAGE}": "json, page",
}
OPTIONAL = frozenset({"section", "key", "missing", "state"})


def chart_rows(gathered: Gathered, charts: Sequence[Numbered]) -> Rows:
    """Return the charts, one row each; ``key`` and ``section`` are empty where no source tells them."""
    payload = [_described(one, gathered.state) for one in charts]
    rows = [
        (
            *(one[name] for name in COLUMNS[:5]),
            "key" if one["key"] else None,
            one["series"],
            one["points"],
            Cell(one["source"], _BRIEF[one["source"]]),
            one["missing"] or None,
            gathered.state if gathered.stale else None,
        )
        for one in payload
    ]
    title = f"{gathered.name} · study {gathered.study} · {counted(len(charts), 'chart')}"
    note = gathered.remark if charts else gathered.remark or f"study {gathered.study} has no charts"
    return Rows(
        COLUMNS,
        rows,
        payload=payload,
        title=title,
        note=note,
        optional=OPTIONAL,
        heads={"number": "#"},
        failure=gathered.failure,
    )


def _described(numbered: Numbered, state: str) -> dict[str, Any]:
    chart = numbered.chart
    series = chart.series()
    return {
        "number": numbered.number,
        "discipline": chart.discipline,
        "chart": chart.title,
        "section": chart.section,
        "kind": chart.figure.kind,
        "key": chart.is_key,
        "series": len(series),
        "points": sum(one.points for one in series),
        "source": numbered.source,
        "missing": numbered.missing,
        "state": state,
    }
