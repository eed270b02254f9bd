"""``sostrades calc run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import ASSIGNMENT, STUDY
from sostrades_cli.cli.run_options import run_options
from sostrades_cli.errors import UsageError
from sostrades_cli.views.watched_runs import watched

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.output.results import Rows
    from sostrades_cli.output.streams import Events


@framework.command(
    examples=[
        "sostrades calc run 21",
        "sostrades calc run 21 27",
        "sostrades calc run 21 --set dice.Macro.gamma=0.25 --timeout 2h",
        "sostrades calc run 21 --detach",
        "sostrades calc run 21 -F ndjson",
    ],
    formats=["table", "tsv", "json", "ndjson"],
    interrupted="sostrades calc watch {studies}",
    remains="a run on the server is not stopped",
)
@click.argument("studies", nargs=-1, required=True, type=STUDY, metavar="STUDY...")
@run_options
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
    studies: tuple[int, ...],
    options: WatchOptions,
    assignments: tuple[str, ...],
    attach: bool,
    detach: bool,
) -> Events | Rows:
    """Start runs and watch them to the end.

    Ctrl-C stops watching; the runs continue on the server. A study that is already running is not started again;
    --attach watches that run instead. Several studies start one after the other, each with the values of --set. If one
    cannot start, the others still run. Exit 0 if all runs finished. Otherwise the worst result decides: 3 if a run
    failed, 8 if a study is already running or its run is lost, 124 after --timeout.
    """
    from sostrades_cli.operations.calc.start import begin_each
    from sostrades_cli.operations.param.assignments import read_assignments
    from sostrades_cli.views.run_status import started_rows

    if attach and detach:
        raise UsageError("--attach watches a run, and --detach does not", hint="remove one of them")
    # A study that is given twice is started once.
    numbers = list(dict.fromkeys(studies))
    starts = begin_each(app.context, numbers, read_assignments(assignments), attach=attach)
    return started_rows(starts) if detach else watched(app, numbers, options, starts, "calc run")
