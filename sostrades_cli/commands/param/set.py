"""``sostrades param set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli import framework
from sostrades_cli.operations import planning, setting
from sostrades_cli.operations.listing import change_rows
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param set 21 dice.Macro.gamma=0.25",
        "sostrades param set 21 Carbon.tax='[10, 20, 40]' Macro.flag=true",
        "sostrades param set 21 dice.Macro.population=@population.csv",
    ]
)
@study_argument
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--force", is_flag=True, help="Change it even while a run is going on; that run's result is lost.")
def command(app: App, study: int, assignments: tuple[str, ...], force: bool) -> Rows:
    """Set parameters: typed, sent once, verified.

    VALUE is read by the parameter's declared type: 12.5, true, a text, '[1.0, 2.0]' for a list, '{"a": 1.0}' for
    a dict. KEY=@FILE.csv sends a table. All values go in one request, all files in one before it; both are read
    back and compared. What the server holds already is not sent. In a pipe the changes are notes on standard
    error, unless -F asks for them.
    """
    plan = planning.plan(app.server, study, [planning.read_assignment(a) for a in assignments], force=force)
    unsent = setting.apply(app.server, plan)
    return change_rows(plan, unsent)
