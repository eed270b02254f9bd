"""The files of a download as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, shown
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from sostrades_cli.operations.param.download import DownloadReport, DownloadResult

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


def _name(result: DownloadResult) -> str | None:
    return result.wanted.path.name if result.file else None


def _state(result: DownloadResult) -> TextCell:
    state = result.state
    return TextCell(state, "the server cannot write it" if state == "unreadable" else state)
