"""Rows for a change and its dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Different
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import MADE, PLANNED, ChangeCell, TextCell, brief, shown
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.changes import ChangeReport, ParameterChange

COLUMNS: Final = ("key", "type", "old", "new", "unit")
NO_UNIT: Final = "-"  # the unit of a pure number


def change_rows(report: ChangeReport, *, verbose: bool, own_name: str = "", undo: bool = True) -> Rows:
    """Return a row per changed parameter; the JSON also has the unchanged ones, and the notes on columns.

    On a terminal, a change that was made is marked as done and has a hint how to ``undo`` it, and names are without
    the ``own_name`` of the study. The requests of a dry run are shown only if ``verbose``.
    """
    sent = [change for change in report.changes if change.sent]
    rows, notes = list(map(_row, sent)), notes_on(report, verbose=verbose)
    payload = [_payload(change) for change in report.changes]
    table = _table(report, sent, own_name, undo=undo)
    return Rows(
        COLUMNS,
        rows,
        payload=payload,
        notes=notes,
        failure=report.failure,
        table=table,
        confirms=report.requests is None,
    )


def _table(report: ChangeReport, sent: Sequence[ParameterChange], own_name: str, *, undo: bool) -> Rows:
    """Return the table for a terminal: a dry run has a header, a change that was made has none."""
    rows = change_lines(sent, own_name)
    if not rows:
        return Rows((), ())
    if report.requests is not None:
        return Rows(("parameter", "would change", "unit"), rows, mark=PLANNED)
    hint = f"undo: sostrades param undo {report.study}"
    # An undo reverts one entry of the history.
    hint += f" ({report.rounds} times)" * (report.rounds > 1)
    return Rows(("parameter", "change", "unit"), rows, mark=MADE, aside=hint if undo else "")


def change_lines(changes: Sequence[ParameterChange], own_name: str) -> list[tuple[str, ChangeCell, str | None]]:
    """Return the name, the cell and the unit of each change on a terminal, and of each entry of a dict set by itself.

    The names are without the ``own_name`` of the study.
    """
    return [line for change in changes for line in _lines(change, short_key(own_name, change.key))]


def _lines(change: ParameterChange, name: str) -> list[tuple[str, ChangeCell, str | None]]:
    unit = None if change.unit == NO_UNIT else change.unit
    cells = [
        (f"{name}.{part.entry}", ChangeCell(shown(value_cell(part.old)), shown(value_cell(part.new))))
        for part in change.entries
    ]
    return [(line, cell, unit) for line, cell in cells or [(name, _change_cell(change))]]


def _change_cell(change: ParameterChange) -> ChangeCell:
    """Return the cell ``old → new`` of a change, for a table on a terminal."""
    new = "default value" if change.default else str(change.new) if change.file else shown(value_cell(change.new))
    # The old table of a file may be unknown, and the text says how it differs.
    return ChangeCell(new, None) if change.file else ChangeCell(shown(value_cell(change.old)), new)


def _payload(change: ParameterChange) -> dict[str, object]:
    fields = {name: getattr(change, name) for name in COLUMNS} | {"notes": list(change.notes)}
    return fields | ({"entries": [entry._asdict() for entry in change.entries]} if change.entries else {})


def notes_on(report: ChangeReport, *, verbose: bool) -> list[str]:
    """Return the requests of a dry run, or else the number of unchanged parameters."""
    if report.requests:
        refused = report.failure is not None and not isinstance(report.failure, Different)
        sent = "dry run: nothing was sent" + ", and this change would be rejected" * refused
        return [f"{sent}. Requests:", *report.requests] if verbose else [f"{sent} (-v shows the requests)"]
    total = len(report.changes)
    # A dry run lists only differences, an apply only what it sends.
    if report.requests is not None or (not total and report.failure is None):
        return ["nothing to send"]
    return [f"skipped {report.unsent} of {total}, because the study already has the value"] if report.unsent else []


def value_cell(value: Json) -> TextCell:
    """Return the cell of a value, shortened for display."""
    # The API's placeholder for a table means nothing to a reader.
    return TextCell("table", "table") if has_tables(value) else TextCell(value, brief(value))


def _row(change: ParameterChange) -> tuple[object, ...]:
    old = None if change.file and change.old is None else value_cell(change.old)
    new = change.new if change.file else value_cell(change.new)
    return change.key, change.type, old, TextCell(None, "default value") if change.default else new, change.unit
