"""``sostrades postproc show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.postproc import points, select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.plot import plot

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades postproc show 21 2",
        "sostrades postproc show 21 'Output per year' --series output --from 2025",
        "sostrades postproc show 21 damages -F csv",
    ],
    interrupted="",
)
@study_argument
@click.argument("chart", metavar="CHART")
@click.option("--series", "glob", metavar="GLOB", help="Only series whose name fits a glob, or holds this text.")
@click.option("--from", "low", metavar="X", help="Only points from X on: a number, a year, a date.")
@click.option("--to", "high", metavar="X", help="Only points up to X.")
def command(app: App, study: int, chart: str, glob: str | None, low: str | None, high: str | None) -> Plot | Rows:
    """Draw a chart in the terminal.

    CHART is its number in `postproc list`, its title, or a part of it that only one has. Lines, bars, areas, points
    and shares are drawn as large as the window, in colour on a terminal and plainly elsewhere; a table is a table.
    What cannot be drawn says so: `postproc export` makes pictures of it. -F csv and its like give the numbers,
    JSON with axes, units and state.
    """
    gathered = gather(app.context, study)
    found = select.find(gathered, chart)
    series = points.chosen(found.chart.series(), glob, low, high)
    return plot(gathered, found, series, drawn=app.draws)
