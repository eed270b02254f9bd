"""``sostrades calc watch``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli import framework
from sostrades_cli.operations.watching import Watching, study_names, watch
from sostrades_cli.output.results import Events
from sostrades_cli.shared_options import study_argument, watch_options

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades calc watch 21",
        "sostrades calc watch 21 --timeout 2h",
        "sostrades calc watch 21 -F ndjson | tail -1",
    ]
)
@study_argument
@watch_options
def command(app: App, study: int, timeout_s: float | None, interval_s: float | None) -> Events:
    """Watch a run to its end.

    A live table on a terminal, a line per change in a pipe, events with -F ndjson, the final state with -F json.
    Exit 0 if it FINISHED, 3 if it failed, 8 if there is no run, 124 after --timeout.
    """
    return Events(watch(app.server, study, Watching(timeout_s, interval_s)), study_names(app.server, study))
