"""``sostrades param reset``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import SETTABLE_KEY

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=["sostrades param reset 21 dice.Macro.gamma", "sostrades param reset 21 Macro.population --dry-run"],
    interrupted="sostrades param history {studies}",
    remains="the change may have been made",
)
@study_argument
@click.argument("keys", nargs=-1, required=True, type=SETTABLE_KEY, metavar="KEY...")
@change_options("Change the study even during a run; its result is lost.")
def command(app: App, study: int, keys: tuple[str, ...], options: ChangeOptions) -> Rows:
    """Reset parameters to their default values.

    Tables can be reset, too. The result shows the new values. With --dry-run, the server shows default values only if
    the study was not changed since its last finished run. Otherwise the column `new` contains `default value`.
    """
    from sostrades_cli.operations.changes import reset_parameters
    from sostrades_cli.views.changes import change_rows

    return change_rows(
        reset_parameters(app.context, study, keys, options), verbose=app.notes.verbose, own_name=app.cache.name(study)
    )
