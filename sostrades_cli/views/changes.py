"""Rows for a change and its dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Different
from sostrades_cli.operations.param.read import NO_VALUE
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import MADE, PLANNED, ChangeCell, TextCell, brief, listed, shown
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.change_report import ChangeReport, ParameterChange

COLUMNS: Final = ("key", "type", "old", "new", "unit")
NO_UNIT: Final = "-"  # the unit of a pure number
DEFAULT_CELL: Final = TextCell(None, "default value", missing="default value")


def change_rows(report: ChangeReport, *, verbose: bool, own_name: str = "", undo: bool = True) -> Rows:
    """Return a row per changed parameter. The JSON also has the unchanged ones, and notes on columns of tables.

    On a terminal, a change that was made has a mark and, with ``undo``, the command that reverts it. Names are shown
    without the ``own_name`` of the study. The requests of a dry run are shown only if ``verbose``.
    """
    sent = [change for change in report.changes if change.sent]
    rows, notes = list(map(_row, sent)), notes_on(report, verbose=verbose)
    payload = [_payload(change) for change in report.changes]
    return Rows(
        COLUMNS,
        rows,
        payload=payload,
        notes=notes,
        failure=report.failure,
        shown=_table(report, sent, own_name, undo=undo),
        confirms=report.requests is None,
    )


def _table(report: ChangeReport, sent: Sequence[ParameterChange], own_name: str, *, undo: bool) -> TerminalTable:
    """Return the table for a terminal: a dry run has a header, a change that was made has none."""
    rows = change_lines(sent, own_name)
    if not rows:
        return TerminalTable((), ())
    # Only a dry run has a list of requests, which is empty if nothing changes.
    if report.requests is not None:
        return TerminalTable(("parameter", "would change", "unit"), rows, mark=PLANNED)
    hint = f"undo: sostrades param undo {report.study}"
    # An undo reverts one entry of the history.
    hint += f" ({report.rounds} times)" * (report.rounds > 1)
    return TerminalTable(("parameter", "change", "unit"), rows, mark=MADE, aside=hint if undo else "")


def change_lines(changes: Sequence[ParameterChange], own_name: str) -> list[tuple[str, ChangeCell, str | None]]:
    """Return name, cell and unit of each change for a terminal. Single entries of a dict have a line each.

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
    fields = {name: getattr(change, name) for name in COLUMNS} | {"notes": list(change.notes), "sent": change.sent}
    if change.table is not None:
        fields["table"] = change.table.to_json()
    return fields | ({"entries": [entry._asdict() for entry in change.entries]} if change.entries else {})


def notes_on(report: ChangeReport, *, verbose: bool) -> list[str]:
    """Return the requests of a dry run, or else the number of unchanged parameters, and what becomes of the results."""
    lines = _lines_on_changes(report, verbose=verbose)
    # A change that would be rejected leaves the results as they are.
    if report.outdates and not _would_be_rejected(report):
        are = "would be" if report.requests is not None else "are"
        lines.append(f"the results of the last run {are} out of date: sostrades calc run {report.study}")
    return lines


def _would_be_rejected(report: ChangeReport) -> bool:
    """Return whether a dry run has an error. ``Different`` only sets the exit code of ``--exit-code``."""
    return report.requests is not None and report.failure is not None and not isinstance(report.failure, Different)


def _lines_on_changes(report: ChangeReport, *, verbose: bool) -> list[str]:
    if report.requests:
        sent = "dry run: nothing was sent" + ", and this change would be rejected" * _would_be_rejected(report)
        return [f"{sent}. Requests:", *report.requests] if verbose else [f"{sent} (-v shows the requests)"]
    total = len(report.changes)
    # A dry run lists only differences, an apply only what it sends.
    if report.requests is not None or (not total and report.failure is None):
        return ["nothing to send"]
    if not report.unsent:
        return []
    # Without any other, the user has named all of them.
    names = f": {listed(report.unsent)}" if len(report.unsent) < total else ""
    return [f"skipped {len(report.unsent)} of {total}, because the study already has the value{names}"]


def value_cell(value: Json) -> TextCell:
    """Return the cell of a value, shortened for display."""
    if value is None:
        return TextCell(None, NO_VALUE, missing=NO_VALUE)  # in TSV, an empty cell is an empty text
    # The API's placeholder for a table means nothing to a reader.
    return TextCell("table", "table") if has_tables(value) else TextCell(value, brief(value))


def _row(change: ParameterChange) -> tuple[object, ...]:
    old = None if change.file and change.old is None else value_cell(change.old)
    new = change.new if change.file else value_cell(change.new)
    return change.key, change.type, old, DEFAULT_CELL if change.default else new, change.unit
