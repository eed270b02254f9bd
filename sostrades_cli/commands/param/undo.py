"""``sostrades param undo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.operations.history.undo import undo
from sostrades_cli.views.changes import change_rows

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=["sostrades param undo 21", "sostrades param undo 21 --to 4 --dry-run"],
    interrupted="sostrades param history {studies}",
)
@study_argument
@click.option("--to", type=click.IntRange(min=1), metavar="ENTRY", help="Undo all from this entry of the history on.")
@change_options(", over changes made elsewhere since, and without what was not kept")
def command(app: App, study: int, to: int | None, options: ChangeOptions) -> Rows:
    """Undo the last change made from here.

    The old values are put back like any others: planned, sent, verified. Given again it takes back the change
    before; `--to` the entry of an undo takes that back. What someone else changed since is not overwritten: exit 8.
    """
    return change_rows(undo(app.context, study, to, options), show=app.shows_results)
