"""Rows for a change and its dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, brief, shown

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.changes import ChangeReport, ParameterChange

COLUMNS: Final = ("key", "type", "old", "new", "unit")


def change_rows(report: ChangeReport, *, show: bool) -> Rows:
    """Return a row per changed parameter; the JSON also has the unchanged ones, and the notes on columns.

    Without a requested format, file or terminal, a change only produces notes, so that scripts stay silent.
    """
    rows, notes, failure = [_row(change) for change in report.changes if change.sent], notes_on(report), report.failure
    # Scripts that only set values expect an empty standard output.
    if not show and report.requests is None:
        lines = ["  ".join(filter(None, map(shown, row))) for row in rows]
        return Rows((), (), notes=[*lines, *notes], failure=failure)
    payload = [
        {**{name: getattr(change, name) for name in COLUMNS}, "notes": list(change.notes)} for change in report.changes
    ]
    return Rows(COLUMNS, rows, payload=payload, notes=notes, failure=failure)


def notes_on(report: ChangeReport) -> list[str]:
    """Return the requests of a dry run, or else the number of unchanged parameters."""
    if report.requests:
        return ["nothing was sent. These requests would be sent:", *report.requests]
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
