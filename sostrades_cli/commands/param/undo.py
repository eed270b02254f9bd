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
@click.option("--to", type=click.IntRange(min=1), metavar="ENTRY", help="Revert this entry and all later ones.")
@change_options("Revert even during a run, and overwrite changes by others.")
def command(app: App, study: int, to: int | None, options: ChangeOptions) -> Rows:
    """Revert the last change made from this computer.

    The old values are sent and verified like any other change. Run the command again to go further back. --to ENTRY
    reverts an entry of `sostrades param history` and all later ones. An undo has an entry, too: reverting it redoes the
    change.

    If somebody else changed a value in the meantime, or an old value was not stored, nothing is reverted (exit 8). With
    --force, changes by others are overwritten, and values that were not stored are skipped.
    """
    return change_rows(
        undo(app.context, study, to, options), verbose=app.notes.verbose, own_name=app.cache.name(study), undo=False
    )
