"""The files of a download as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.tables.rows import shown_rows
from sostrades_cli.output.results import Rows, Workbook
from sostrades_cli.output.text import TextCell, shown
from sostrades_cli.output.xlsx import Sheet, sheet_names
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from sostrades_cli.operations.param.download import DownloadReport, DownloadResult

INDEX: Final = "parameters"
COLUMNS: Final = ("parameter", "state", "file", "bytes")


def download_rows(report: DownloadReport, own_name: str, *, listed: bool) -> Rows:
    """Return a row per parameter. A terminal gets them only if they are to be ``listed``, and else one line.

    There, names are without the ``own_name`` of the study, and files without their folder, which the user gave.
    """
    table = Rows((), ())
    if listed:
        rows = [(short_key(own_name, r.wanted.key), _state(r), _name(r), r.bytes) for r in report.results]
        table = Rows(COLUMNS, rows, briefs={"file": shown})
    return Rows(
        COLUMNS,
        [(r.wanted.key, _state(r), r.file, r.bytes) for r in report.results],
        notes=[report.note],
        failure=report.failure,
        table=table,
        confirms=True,
    )


def download_sheets(report: DownloadReport, own_name: str) -> Workbook:
    """Return a sheet for each saved file, named after its parameter without the ``own_name`` of the study."""
    saved = [one for one in report.results if one.sha256]
    names = sheet_names([INDEX, *(short_key(own_name, one.wanted.key) for one in saved)])[1:]
    sheets = {one.wanted.key: name for one, name in zip(saved, names, strict=True)}
    described = [
        (one.wanted.key, one.wanted.type, one.wanted.unit, one.state, sheets.get(one.wanted.key))
        for one in report.results
    ]
    return Workbook(
        Sheet(INDEX, ("parameter", "type", "unit", "state", "sheet"), described),
        (Sheet(name, *shown_rows(one.wanted.path)) for one, name in zip(saved, names, strict=True)),
        notes=[report.note],
        failure=report.failure,
    )


def _name(result: DownloadResult) -> str | None:
    return result.wanted.path.name if result.file else None


def _state(result: DownloadResult) -> TextCell:
    state = result.state
    return TextCell(state, "the server cannot write it" if state == "unreadable" else state)
