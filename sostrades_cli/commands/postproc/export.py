"""``sostrades postproc export``."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import match_option, study_argument
from sostrades_cli.cli.param_types import FOLDER
from sostrades_cli.operations.postproc import export
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades postproc export 21 -d charts --as csv",
        "sostrades postproc export 21 -d pictures --as png --match 'Output*'",
    ],
    interrupted="run the same command again to continue",
)
@study_argument
@click.option(
    "-d",
    "--dir",
    "folder",
    type=FOLDER,
    required=True,
    metavar="DIR",
    help="Folder for the files and their manifest.",
)
@click.option("--as", "form", type=click.Choice(export.FORMS), required=True, help="Format of the files.")
@match_option("charts")
def command(app: App, study: int, folder: Path, form: str, match: str | None) -> Rows:
    """Export charts as files.

    csv has one row per point (`series,x,y`), or the rows of a table. json is the plotly figure with all numbers. html
    is a page that needs no network. png and svg are pictures, which need the extra `plots` and a Chromium. The manifest
    has axes, units, sources and checksums. Run the same command again to continue an interrupted export.
    """
    environ, progress, flags = app.runtime.environ, app.notes.progress, app.flags
    report = export.export_charts(
        app.context,
        study,
        folder,
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
