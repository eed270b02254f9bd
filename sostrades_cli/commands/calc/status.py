"""``sostrades calc status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.calc.status import cause_notes, read_recent_statuses, read_statuses
from sostrades_cli.operations.history.runs import record_past_ends
from sostrades_cli.operations.study.cached_studies import NONE_YET
from sostrades_cli.views.run_status import idle_note, status_rows
from sostrades_cli.views.watched_runs import EVENT_FORMATS, watched

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows
    from sostrades_cli.output.streams import Events


@framework.command(
    examples=[
        "sostrades calc status 21",
        "sostrades calc status 21 22 -F json",
        "sostrades calc status",
        "sostrades calc status --watch",
    ],
    interrupted="sostrades calc status {studies}",
    remains="a run on the server is not stopped",
    follows=True,
)
@click.argument("studies", nargs=-1, type=STUDY, metavar="[STUDY]...")
@click.option("--watch", "follow", is_flag=True, help="Watch the active runs to the end, as `calc watch` does.")
def command(app: App, studies: tuple[int, ...], follow: bool) -> Events | Rows:
    """Show the current state of runs.

    Without STUDY, these are the last 10 studies used on this computer. With -F json, one study gives the server's own
    object. Several studies, or none, give a list. The exit code is 0 if all studies could be read, even if a run
    failed. With --watch, the exit codes are those of `calc watch`; without any active run the states are shown.
    """
    from sostrades_cli.cli.run_options import default_watch
    from sostrades_cli.operations.calc.watch import study_names

    if follow and app.format not in EVENT_FORMATS:
        raise UsageError(f"calc status --watch has no format {app.format}", hint="use -F tsv, or leave out --watch")
    report = read_statuses(app.api.calculations, studies) if studies else read_recent_statuses(app.context)
    record_past_ends(app.context, report.states)
    if follow and report.active:
        note = idle_note(report.states)
        if note:
            app.notes.inform(note)
        # Studies that could not be read are passed on, so that their errors decide the exit code.
        followed = [study for study in report.answers if study in report.active or study in report.failures]
        return watched(app, followed, default_watch(app), report.failures)
    return status_rows(
        report.states,
        several=len(studies) != 1,
        failure=report.failure,
        names=study_names(app.context, list(report.answers)),
        notes=cause_notes(report.states) if studies or report.answers else [NONE_YET],
    )
