"""The files of a download as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.tables.rows import shown_rows
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.streams import Workbook
from sostrades_cli.output.text import TextCell, shown
from sostrades_cli.output.xlsx import Sheet, sheet_names
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from sostrades_cli.operations.param.download import DownloadReport, DownloadResult

INDEX: Final = "parameters"
COLUMNS: Final = ("parameter", "state", "file", "bytes")


def download_rows(report: DownloadReport, own_name: str, *, listed: bool) -> Rows:
    """Return a row per parameter. A terminal shows the rows only if ``listed``, otherwise only the note.

    There, names are without the ``own_name`` of the study, and files without the folder that the user gave.
    """
    table = TerminalTable((), ())
    if listed:
        rows = [(short_key(own_name, r.request.key), _state(r), _name(r), r.bytes) for r in report.results]
        table = TerminalTable(COLUMNS, rows, briefs={"file": shown})
    return Rows(
        COLUMNS,
        [(r.request.key, _state(r), r.file, r.bytes) for r in report.results],
        notes=[report.note],
        failure=report.failure,
        shown=table,
        confirms=True,
    )


def download_sheets(report: DownloadReport, own_name: str) -> Workbook:
    """Return a sheet for each saved file, named after its parameter without the ``own_name`` of the study."""
    # Only a saved file has a hash.
    saved = [result for result in report.results if result.sha256]
    # The index is named with the others, because no sheet may have its name.
    names = sheet_names([INDEX, *(short_key(own_name, result.request.key) for result in saved)])[1:]
    sheets = {result.request.key: name for result, name in zip(saved, names, strict=True)}
    described = [
        (result.request.key, result.request.type, result.request.unit, result.state, sheets.get(result.request.key))
        for result in report.results
    ]
    return Workbook(
        Sheet(INDEX, ("parameter", "type", "unit", "state", "sheet"), described),
        (Sheet(name, *shown_rows(result.request.path)) for result, name in zip(saved, names, strict=True)),
        notes=[report.note_on_sheets],
        failure=report.failure,
    )


def _name(result: DownloadResult) -> str | None:
    return result.request.path.name if result.file else None


def _state(result: DownloadResult) -> TextCell:
    state = result.state
    return TextCell(state, "the server cannot write it" if state == "unreadable" else state)
