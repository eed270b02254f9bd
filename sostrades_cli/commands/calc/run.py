"""``sostrades calc run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument, watch_options
from sostrades_cli.cli.param_types import ASSIGNMENT
from sostrades_cli.commands.calc.watch import watched

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.notify import NotifyOptions
    from sostrades_cli.output.results import Events, Rows


@framework.command(
    examples=[
        "sostrades calc run 21",
        "sostrades calc run 21 --set dice.Macro.gamma=0.25 --timeout 2h",
        "sostrades calc run 21 --detach",
        "sostrades calc run 21 -F ndjson",
    ],
    formats=["table", "tsv", "json", "ndjson"],
    interrupted="sostrades calc watch {studies}",
    remains="a run on the server is not stopped",
)
@study_argument
@watch_options
@click.option(
    "--set",
    "assignments",
    type=ASSIGNMENT,
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a parameter before the run; may be repeated.",
)
@click.option("--attach", is_flag=True, help="If the study is already running, watch that run.")
@click.option("--detach", is_flag=True, help="Return as soon as the server accepts the run.")
def command(
    app: App,
    study: int,
    options: WatchOptions,
    notify_options: NotifyOptions | None,
    assignments: tuple[str, ...],
    attach: bool,
    detach: bool,
) -> Events | Rows:
    """Start a run and watch it to the end.

    Ctrl-C stops watching; the run continues on the server. A study that is already running is not started again (exit
    8); --attach watches that run instead. Exit 0 if the run finished, 3 if it failed, 124 after --timeout.

    All options of `calc watch` are accepted. --wait-start and --fail-fast have no effect here.
    """
    from sostrades_cli.operations.calc.start import begin  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.param.assignments import read_assignments  # noqa: PLC0415
    from sostrades_cli.views.run_status import status_rows  # noqa: PLC0415

    accepted = begin(app.context, study, read_assignments(assignments), attach=attach)
    if detach:
        return status_rows([accepted])
    return watched(app, [study], options, notify_options, first=accepted)
