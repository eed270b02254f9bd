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
    remains="the change may have been made",
)
@study_argument
@click.option("--to", type=click.IntRange(min=1), metavar="ENTRY", help="Revert all changes from this entry on.")
@change_options("Revert even during a run, and overwrite changes by others.")
def command(app: App, study: int, to: int | None, options: ChangeOptions) -> Rows:
    """Revert the last change made from this computer.

    The old values are sent and verified like any other change. Run the command again to go further back. With --to, all
    changes from an entry of `sostrades param history` on are reverted. An undo has an entry, too, and can be reverted.

    A value that somebody else changed in the meantime is not overwritten (exit 8). --force overwrites it. Values that
    the history does not contain are then left unchanged.
    """
    return change_rows(undo(app.context, study, to, options), show=app.shows_results)
