"""``sostrades postproc export``."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
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
    interrupted="the same command goes on where it stopped",
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
@click.option("--as", "form", type=click.Choice(export.FORMS), required=True, help="What each file is.")
@click.option("--match", metavar="GLOB", help="Only charts whose title fits a glob, or holds this text.")
def command(app: App, study: int, folder: Path, form: str, match: str | None) -> Rows:
    """Export charts as files, one each.

    csv has a row for each point (`series,x,y`; a table is itself), json plotly's figure with its numbers filled in,
    html a page that needs no network, png and svg a picture, which takes the extra `plots` and a Chromium. The
    manifest has axes, units, sources and checksums. An export that was interrupted goes on where it stopped.
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
    )
