"""``sostrades postproc list``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import match_option
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.metadata import summarized
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.metadata import ChartSummary

COLUMNS: Final = (
    *("number", "discipline", "chart", "section", "kind"),
    *("key", "series", "points", "source", "missing", "state"),
)
OPTIONAL: Final = frozenset({"section", "key", "missing", "state"})


@framework.command(examples=["sostrades postproc list 21", "sostrades postproc list 21 --match 'Output*' -F json"])
@study_argument
@match_option("charts")
def command(app: App, study: int, match: str | None) -> Rows:
    """List the charts of a study.

    `sostrades postproc show` draws a chart by its number or title. `key` marks the charts that the authors of the model
    find most important. `source` is where a chart comes from: `read-only` is the file of the last run; `json` and
    `page` are computed by the server now. `missing` lists what the server does not have of a chart. `state` is
    `current`, or the reason why the charts are not from the last finished run. A terminal leaves out empty columns,
    and `source` if it is the same for all charts.
    """
    gathered = gather(app.context, study)
    charts = select.matching_charts(gathered.charts, match)
    summaries = [summarized(chart, gathered.state) for chart in charts]
    rows = [_row(summary, stale=gathered.stale) for summary in summaries]
    return Rows(
        COLUMNS,
        rows,
        payload=list(map(asdict, summaries)),
        title=f"{gathered.name} · study {study} · {counted(len(charts), 'chart')}",
        notes=list(filter(None, [gathered.note, None if charts else _none(gathered)])),
        failure=gathered.failure_of(charts),
        shown=_table(rows),
    )


def _row(summary: ChartSummary, *, stale: bool) -> tuple[object, ...]:
    return (
        *(summary.number, summary.discipline, summary.chart, summary.section, summary.kind),
        "key" if summary.key else None,
        *(summary.series, summary.points, summary.source),
        summary.missing or None,
        summary.state if stale else None,
    )


def _table(rows: Sequence[tuple[object, ...]]) -> TerminalTable:
    """Return the rows for a terminal, without empty columns, and without a source that is the same for all."""
    # `json + page` has the same source as `json`: only some numbers are from the page.
    shown = [
        at
        for at, column in enumerate(COLUMNS)
        if column not in OPTIONAL or any(row[at] not in (None, "") for row in rows)
        if column != "source" or len({str(row[at]).partition(" + ")[0] for row in rows}) > 1
    ]
    columns = tuple("#" if COLUMNS[at] == "number" else COLUMNS[at] for at in shown)
    key = COLUMNS.index("key")
    return TerminalTable(columns, [[_yes(row[at]) if at == key else row[at] for at in shown] for row in rows])


def _yes(cell: object) -> str | None:
    return "yes" if cell else None


def _none(gathered: GatheredCharts) -> str:
    if not gathered.charts:
        return f"study {gathered.study} has no charts"
    return f"none of the {counted(len(gathered.charts), 'chart')} of study {gathered.study} matches"
