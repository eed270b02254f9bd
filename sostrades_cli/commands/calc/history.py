"""``sostrades calc history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.local.run_records import RunRecords
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import TextCell, duration
from sostrades_cli.output.times import time_cell

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.local.run_records import RunRecord

COLUMNS: Final = ("run", "started", "ended", "duration_s", "outcome", "started_here")
HEADINGS: Final = ("run", "started", "ended", "duration", "outcome", "started here")


@framework.command(
    examples=[
        "sostrades calc history 21",
        "sostrades calc history 21 -F json",
        "sostrades calc history 21 -F json --query '[-1].duration_s'",
    ]
)
@study_argument
def command(app: App, study: int) -> Rows:
    """List the runs of a study on this computer.

    These are the runs that commands on this computer started, or watched to their end. No request is sent. A run
    has no outcome until `calc watch` or `calc status` reads its end. LOST means that the study was changed during the
    run. A terminal shows the latest run first and relative times. All other formats have the latest run at the end, and
    RFC 3339.
    """
    records = RunRecords(app.folders.state, app.host, study).all()
    now = app.runtime.clock.now()
    rows = [
        (
            record.run,
            time_cell(record.started, now),
            time_cell(record.ended, now),
            _duration_cell(record.duration_s),
            TextCell(record.outcome, record.outcome or "not watched"),
            TextCell(record.started_here, "yes" if record.started_here else "no"),
        )
        for record in records
    ]
    return Rows(
        COLUMNS,
        rows,
        payload=[record.to_json() for record in records],
        notes=_notes(records, study),
        # At a terminal, the latest run is what a user looks for.
        shown=TerminalTable(HEADINGS, rows[::-1]),
    )


def _duration_cell(seconds: float | None) -> TextCell:
    return TextCell(seconds, "" if seconds is None else duration(seconds), number=True)


def _notes(records: list[RunRecord], study: int) -> list[str]:
    if not records:
        return [f"no run of study {study} was started or watched on this computer"]
    if records[-1].outcome is None:
        return [f"for the outcome of run {records[-1].run}: `sostrades calc watch {study}`"]
    return []
