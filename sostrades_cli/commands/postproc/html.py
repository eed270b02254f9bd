"""``sostrades postproc html``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import check_target
from sostrades_cli.files.file_formats import PAGES
from sostrades_cli.views.chart_page import page_stream, usual_file

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.output.results import Stream


@framework.command(
    examples=[
        "sostrades postproc html 21",
        "sostrades postproc html 21 -o page.html",
        "sostrades postproc html 21 --offline",
    ],
    formats=[],
    endings=PAGES,
    interrupted="",
)
@study_argument
@click.option("--offline", is_flag=True, help="One file that shows every chart without any network.")
@click.option("--open", "open_it", is_flag=True, help="Open the file in the browser, too.")
def command(app: App, study: int, offline: bool, open_it: bool) -> Stream:
    """Save the server's page of charts, as it is.

    Without -o its name is made from the study: study-21-charts.html. `-o -` writes it to standard output. Viewing
    it needs the internet: the page loads its plotting library from there. With --offline the file is
    study-21-offline.html, made of all that the server tells: it has the library once, every chart once, its sections,
    a search, and asks nothing of anyone.
    """
    if app.flags.output is None:
        check_target(usual_file(study, offline=offline), overwrite=app.flags.overwrite)
    if open_it and str(app.flags.output) == "-":
        raise UsageError("--open needs a file", hint="leave `-o -` away")

    def open_file(file: Path) -> None:
        if not app.runtime.open_url(file.resolve().as_uri()):
            app.notes.warning(f"no browser could be opened: open {file} by hand")

    return page_stream(app.context, study, offline=offline, then=open_file if open_it else None)
