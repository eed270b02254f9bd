"""``sostrades param history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import match_option
from sostrades_cli.cli.options import study_argument
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.case_commands import case_command
from sostrades_cli.operations.history.entries import choose_changes
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import ChangeCell, TextCell, shown
from sostrades_cli.output.times import time_cell
from sostrades_cli.study_reference import short_key
from sostrades_cli.views.changes import DEFAULT_CELL, value_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.local.journal import JournalEntry, RecordedValue

COLUMNS: Final = ("entry", "time", "command", "key", "old", "new", "outcome", "message")
HEADINGS: Final = ("entry", "time", "command", "parameter", "change", "outcome")


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

    Each row is a parameter that a command changed, with the text of --message. A command is `set`, `edit`, `reset`,
    `apply`, `undo`, `sweep` or `optimize`, or `evaluate` or `trial` of a Python program. No request is sent.

    The outcome `begun` means that the command was interrupted, and `in doubt` means that the change was not verified.
    In both cases, check the value with `sostrades param get`. A terminal shows the latest change first and relative
    times. All other formats have the latest change at the end, and RFC 3339.
    """
    journal = Journal(app.folders.state, app.host, study)
    entries = journal.entries()
    chosen = choose_changes(entries, match)
    rows = [
        (e.entry, e.time, e.command, change.key, value_cell(change.old), _new(e, change), e.outcome, e.message)
        for e, change in chosen.changes
    ]
    matching = {entry.entry for entry, _ in chosen.changes}
    empty = None if entries else f"no change of study {study} was made on this computer"
    # An undo that restored nothing has no rows, but is an entry of the JSON.
    payload = [e.to_json() for e in entries if e.entry in matching or (match is None and not e.changes)]
    notes = [note for note in (journal.damage(), chosen.note or empty) if note]
    return Rows(COLUMNS, rows, payload=payload, notes=notes, shown=_table(app, study, chosen.changes))


def _table(app: App, study: int, changes: Sequence[tuple[JournalEntry, RecordedValue]]) -> TerminalTable:
    """Return the table for a terminal. Few entries have a message, so it stands below a name, not in a column."""
    now, own = app.runtime.clock.now(), app.cache.name(study)
    rows: list[tuple[object, ...]] = []
    # The user of a terminal looks for the last change, and a pager opens at the top.
    latest_first = sorted(changes, key=lambda pair: -pair[0].entry)
    for entry, change in latest_first:
        is_first = not rows or rows[-1][0] != entry.entry
        name = short_key(own, change.key)
        cell = TextCell(name, name, below=entry.message if is_first else None)
        time = time_cell(entry.time, now)
        rows.append((entry.entry, time, entry.command, cell, _change(entry, change), entry.outcome))
    return TerminalTable(HEADINGS, rows)


def _change(entry: JournalEntry, change: RecordedValue) -> ChangeCell:
    if change.difference is not None:
        return ChangeCell(change.difference, None)
    return ChangeCell(shown(value_cell(change.old)), shown(_new(entry, change)))


def _new(entry: JournalEntry, change: RecordedValue) -> TextCell:
    if change.difference is not None:
        return TextCell(change.difference, change.difference)
    if change.any_new:
        command = case_command(entry.command)
        return DEFAULT_CELL if command is None else TextCell(None, command.values, missing=command.values)
    return value_cell(change.new)
