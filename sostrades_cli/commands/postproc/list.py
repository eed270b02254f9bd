"""``sostrades postproc list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.views.charts import chart_rows

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=["sostrades postproc list 21", "sostrades postproc list 21 --match 'Output*' -F json"], interrupted=""
)
@study_argument
@click.option("--match", metavar="GLOB", help="Only charts whose title fits a glob, or holds this text.")
def command(app: App, study: int, match: str | None) -> Rows:
    """List the charts of a study.

    Each with its discipline, section and kind, how many series and points it has, which source had most of it, and
    what no source has: `numbers` where the server gives only placeholders. Its number or title, or a part of that, is
    what `postproc show` takes. Charts that are not those of the last finished run say so.
    """
    gathered = gather(app.context, study)
    return chart_rows(gathered, select.fitting(gathered.charts, match))
