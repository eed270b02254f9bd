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
)
@study_argument
@watch_options
@click.option(
    "--set", "assignments", type=ASSIGNMENT, multiple=True, metavar="KEY=VALUE", help="Set this first; may be repeated."
)
@click.option("--attach", is_flag=True, help="If a run is going on already, watch that one.")
@click.option("--detach", is_flag=True, help="Return as soon as the server has accepted the start.")
def command(
    app: App,
    study: int,
    options: WatchOptions,
    notify_options: NotifyOptions | None,
    assignments: tuple[str, ...],
    attach: bool,
    detach: bool,
) -> Events | Rows:
    """Start a run and watch it to its end.

    Exit 0 if it FINISHED, 3 if it failed (with the cause), 124 after --timeout. A study whose run is going on is
    never started again: exit 8. Ctrl-C stops watching, not the run.
    """
    from sostrades_cli.operations.calc.start import begin  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.param.assignments import read_assignment  # noqa: PLC0415
    from sostrades_cli.views.run_status import status_rows  # noqa: PLC0415

    accepted = begin(app.context, study, [read_assignment(a) for a in assignments], attach=attach)
    if detach:
        return status_rows([accepted])
    return watched(app, [study], options, notify_options, first=accepted)
