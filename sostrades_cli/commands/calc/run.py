"""``sostrades calc run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli import framework
from sostrades_cli.operations.listing import status_rows
from sostrades_cli.operations.starting import start
from sostrades_cli.operations.watching import Watching, study_names, watch
from sostrades_cli.output.results import Events, Rows
from sostrades_cli.shared_options import study_argument, watch_options

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades calc run 21", "sostrades calc run 21 --detach", "sostrades calc run 21 -F ndjson"]
)
@study_argument
@watch_options
@click.option("--detach", is_flag=True, help="Return as soon as the server has accepted the start.")
def command(app: App, study: int, timeout_s: float | None, interval_s: float | None, detach: bool) -> Events | Rows:
    """Start a run and watch it to its end.

    Exit 0 if it FINISHED, 3 if it failed (with the cause), 124 after --timeout. A study whose run is going on is
    never started again: exit 8. Ctrl-C stops watching, not the run.
    """
    accepted = start(app.server, study)
    if detach:
        return status_rows([accepted])
    how = Watching(timeout_s, interval_s)
    return Events(watch(app.server, study, how, first=accepted), study_names(app.server, study))
