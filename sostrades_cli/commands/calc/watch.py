"""``sostrades calc watch``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.cli.run_options import watch_options
from sostrades_cli.views.watched_runs import EVENT_FORMATS, watched

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.output.streams import Events


@framework.command(
    examples=[
        "sostrades calc watch 21",
        "sostrades calc watch 21 22 --fail-fast",
        "sostrades calc watch 21 --timeout 2h --on-finish 'mail -s done me@corp.example'",
        "sostrades calc watch 21 -F ndjson | tail -1",
    ],
    formats=EVENT_FORMATS,
    interrupted="sostrades calc watch {studies}",
    remains="a run on the server is not stopped",
    follows=True,
)
@click.argument("studies", nargs=-1, required=True, type=STUDY, metavar="STUDY...")
@watch_options
def command(app: App, studies: tuple[int, ...], options: WatchOptions) -> Events:
    """Watch runs to the end.

    At a terminal there is a live view, in a pipe one line per change. -F ndjson prints events, -F json the final state.
    Ctrl-C stops watching; the runs continue on the server. Exit 0 if all runs finished. Otherwise the worst result
    decides: 3 if a run failed, 8 if there is no run, 124 after --timeout.
    """
    return watched(app, list(dict.fromkeys(studies)), options, {})
