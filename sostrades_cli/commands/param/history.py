"""``sostrades param history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import match_option, study_argument
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.history.entries import choose_changes
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell
from sostrades_cli.views.changes import value_cell

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.local.journal import Change, JournalEntry

COLUMNS: Final = ("entry", "time", "command", "key", "old", "new", "outcome")


@framework.command(
    examples=[
        "sostrades param history 21",
        "sostrades param history 21 --match gamma",
        "sostrades param history 21 -F json",
    ]
)
@study_argument
@match_option("parameters")
def command(app: App, study: int, match: str | None) -> Rows:
    """List the changes made from this computer.

    Each row is a parameter that `set`, `reset`, `apply`, `undo` or `sweep` changed. The latest change is at the end. No
    request is sent. The outcome `begun` means that the command was interrupted, and `in doubt` means that the change
    was not verified. In both cases, check the value with `sostrades param get`.
    """
    journal = Journal(app.folders.state, app.host, study)
    entries = journal.entries()
    chosen = choose_changes(entries, match)
    rows = [
        (entry.entry, entry.time, entry.command, change.key, value_cell(change.old), _new(entry, change), entry.outcome)
        for entry, change in chosen.changes
    ]
    shown = {entry.entry for entry, _ in chosen.changes}
    empty = None if entries else f"no change of study {study} was made on this computer"
    # An undo without anything to restore has no changes.
    payload = [e.to_json() for e in entries if e.entry in shown or (match is None and not e.changes)]
    return Rows(
        COLUMNS, rows, payload=payload, notes=[note for note in (journal.damage(), chosen.note or empty) if note]
    )


def _new(entry: JournalEntry, change: Change) -> TextCell:
    if change.any_new:
        return TextCell(None, "the cases" if entry.command == "sweep" else "default value")
    return value_cell(change.new)
