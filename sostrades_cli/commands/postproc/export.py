"""``sostrades postproc export``."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import match_option
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import FOLDER
from sostrades_cli.errors import UsageError
from sostrades_cli.files.file_formats import PICTURES, check_folder_name, ending_of
from sostrades_cli.operations.postproc import export
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades postproc export 21 charts",
        "sostrades postproc export 21 pictures --as png --match 'Output*'",
    ],
    interrupted="run the same command again to continue",
    one_of=("folder", "named_folder"),
)
@study_argument
@click.argument("folder", metavar="DIR", type=FOLDER, required=False)
@click.option("-d", "--dir", "named_folder", type=FOLDER, metavar="DIR", help="Folder for the files, the same as DIR.")
@click.option(
    "--as", "form", type=click.Choice(export.FORMS), default="csv", show_default=True, help="Format of the files."
)
@match_option("charts")
def command(app: App, study: int, folder: Path | None, named_folder: Path | None, form: str, match: str | None) -> Rows:
    """Export charts as files.

    DIR gets a file per chart and `manifest.json`, with axes, units, sources and checksums. csv has one row per point
    (`series,x,y`), or the rows of a table. json is the plotly figure with all numbers. html is a page that needs no
    network. png and svg are pictures, which need the extra `plots` and a Chromium. Run the same command again to
    continue an interrupted export.
    """
    # Earlier versions only had the option.
    target = folder or named_folder
    if target is None or (folder and named_folder):
        raise UsageError("expected one folder for the files", hint=f"sostrades postproc export {study} DIR")
    # An ending can be that of the pictures.
    shown_form = ending_of(target) if ending_of(target) in PICTURES else form
    check_folder_name(target, f"sostrades postproc export {study} --as {shown_form}")
    environ, progress, flags = app.runtime.environ, app.notes.progress, app.flags
    report = export.export_charts(
        app.context,
        study,
        target,
        form,
        match,
        environ,
        progress,
        overwrite=flags.overwrite,
        safe_csv=flags.safe_csv,
    )
    return Rows(
        ("number", "chart", "state", "file", "bytes"),
        list(map(astuple, report.charts)),
        notes=[report.note] if report.note else [],
        failure=report.failure,
        confirms=True,
    )
