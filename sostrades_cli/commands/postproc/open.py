"""``sostrades postproc open``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.browser import page_opener
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import CHART
from sostrades_cli.files.file_formats import PAGES
from sostrades_cli.views.chart_page import kept_page

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.streams import Stream


@framework.command(
    examples=["sostrades postproc open 21", "sostrades postproc open 21 2", "sostrades postproc open 21 damages"],
    formats=[],
    endings=PAGES,
)
@study_argument
@click.argument("chart", type=CHART, metavar="[CHART]", required=False)
def command(app: App, study: int, chart: str | None) -> Stream:
    """Open the charts in the browser.

    The page needs no network and no login: it is the one of `sostrades postproc html --offline`, or has only CHART. It
    is kept in the cache folder, and its path is printed. -o keeps it in another file.
    """
    return kept_page(app.context, study, chart, app.folders.cache / "pages", page_opener(app))
