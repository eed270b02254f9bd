"""``sostrades param history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import match_option, study_argument
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.history.entries import choose_changes
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import ChangeCell, TextCell, shown
from sostrades_cli.output.times import time_cell
from sostrades_cli.study_reference import short_key
from sostrades_cli.views.changes import value_cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sostrades_cli.app import App
    from sostrades_cli.local.journal import Change, JournalEntry

COLUMNS: Final = ("entry", "time", "command", "key", "old", "new", "outcome", "message")


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

    Each row is a parameter that `set`, `edit`, `reset`, `apply`, `undo` or `sweep` changed, with the text of --message.
    The latest change is at the end. No request is sent. The outcome `begun` means that the command was interrupted, and
    `in doubt` means that the change was not verified. In both cases, check the value with `sostrades param get`.
    """
    journal = Journal(app.folders.state, app.host, study)
    entries = journal.entries()
    chosen = choose_changes(entries, match)
    rows = [
        (*_facts(entry), change.key, value_cell(change.old), _new(entry, change), entry.outcome, entry.message)
        for entry, change in chosen.changes
    ]
    matching = {entry.entry for entry, _ in chosen.changes}
    empty = None if entries else f"no change of study {study} was made on this computer"
    # An undo without anything to restore has no changes.
    payload = [e.to_json() for e in entries if e.entry in matching or (match is None and not e.changes)]
    notes = [note for note in (journal.damage(), chosen.note or empty) if note]
    return Rows(
        COLUMNS,
        rows,
        payload=payload,
        notes=notes,
        table=_table(chosen.changes, app.cache.name(study), app.runtime.clock.now()),
    )


def _facts(entry: JournalEntry) -> tuple[object, ...]:
    return entry.entry, entry.time, entry.command


def _table(changes: Sequence[tuple[JournalEntry, Change]], own_name: str, now: datetime) -> Rows:
    """Return the table for a terminal: most changes have no message, so it stands below the key, not in a column."""
    rows = [
        (
            entry.entry,
            time_cell(entry.time, now),
            entry.command,
            TextCell(change.key, short_key(own_name, change.key), below=entry.message),
            ChangeCell(shown(value_cell(change.old)), shown(_new(entry, change))),
            entry.outcome,
        )
        for entry, change in changes
    ]
    return Rows(("entry", "time", "command", "key", "change", "outcome"), rows)


def _new(entry: JournalEntry, change: Change) -> TextCell:
    if change.any_new:
        return TextCell(None, "the cases" if entry.command == "sweep" else "default value")
    return value_cell(change.new)
