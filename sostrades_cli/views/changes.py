"""Rows for a change and its dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, brief

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.changes import ChangeReport, ParameterChange

COLUMNS: Final = ("key", "type", "old", "new", "unit")


def change_rows(report: ChangeReport, *, verbose: bool) -> Rows:
    """Return a row per changed parameter; the JSON also has the unchanged ones, and the notes on columns.

    The requests of a dry run are shown only if ``verbose``.
    """
    rows = [_row(change) for change in report.changes if change.sent]
    payload = [_payload(change) for change in report.changes]
    return Rows(COLUMNS, rows, payload=payload, notes=notes_on(report, verbose=verbose), failure=report.failure)


def _payload(change: ParameterChange) -> dict[str, object]:
    fields = {name: getattr(change, name) for name in COLUMNS} | {"notes": list(change.notes)}
    return fields | ({"entries": [entry._asdict() for entry in change.entries]} if change.entries else {})


def notes_on(report: ChangeReport, *, verbose: bool) -> list[str]:
    """Return the requests of a dry run, or else the number of unchanged parameters."""
    if report.requests and not verbose:
        return ["dry run: nothing was sent (-v shows the requests)"]
    if report.requests:
        return ["dry run: nothing was sent. These requests would be sent:", *report.requests]
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
