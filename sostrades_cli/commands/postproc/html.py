"""``sostrades postproc html``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.browser import page_opener
from sostrades_cli.cli.options import study_argument
from sostrades_cli.files.file_formats import PAGES
from sostrades_cli.files.targets import check_target
from sostrades_cli.views.chart_page import page_stream, usual_file

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.streams import Stream


@framework.command(
    examples=[
        "sostrades postproc html 21",
        "sostrades postproc html 21 -o page.html",
        "sostrades postproc html 21 --offline",
    ],
    formats=[],
    endings=PAGES,
)
@study_argument
@click.option("--offline", is_flag=True, help="Make a page that works without network.")
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser, too.")
def command(app: App, study: int, offline: bool, open_it: bool) -> Stream:
    """Save the charts as a web page.

    The page is the server's own. It loads its plotting library from the internet. Without -o, its name is
    study-21-charts.html for study 21. `-o -` writes it to standard output.

    With --offline, the tool makes a page that needs no network. It has the charts from all sources, and a search.
    Without -o, its name is study-21-offline.html.
    """
    # The server computes the page for minutes, so check the file first. That of -o is checked for every command.
    if app.flags.output is None:
        check_target(usual_file(study, offline=offline), overwrite=app.flags.overwrite)
    return page_stream(app.context, study, offline=offline, then=page_opener(app) if open_it else None)
