"""``sostrades postproc show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import CHART
from sostrades_cli.operations.postproc import points, select
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.metadata import described
from sostrades_cli.output.results import Rows
from sostrades_cli.views.chart_plot import AS_ROWS, is_drawable, plot_of, undrawable_note

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.plot.model import Plot


@framework.command(
    examples=[
        "sostrades postproc show 21 2",
        "sostrades postproc show 21 'Output per year' --series output --from 2025",
        "sostrades postproc show 21 damages -F csv",
    ],
)
@study_argument
@click.argument("chart", type=CHART, metavar="CHART")
@click.option("--series", "glob", metavar="GLOB", help="Only series that match a pattern or contain this text.")
@click.option("--from", "low", metavar="X", help="Only points from this number, year or date on.")
@click.option("--to", "high", metavar="X", help="Only points up to this number, year or date.")
def command(app: App, study: int, chart: str, glob: str | None, low: str | None, high: str | None) -> Plot | Rows:
    """Draw a chart in the terminal.

    CHART is a number from `sostrades postproc list`, a title, or a unique part of a title. The drawing fills the
    window. -F csv, tsv or json print the numbers instead. Of a chart that a terminal cannot draw, such as a map, the
    numbers are shown: `sostrades postproc open` opens it in the browser, `sostrades postproc export` makes pictures.
    """
    gathered = gather(app.context, study)
    numbered = select.find(gathered, chart)
    series = points.chosen(numbered.chart.series(), glob, low, high)
    notes = [gathered.note] if gathered.note else []
    if _draws(app) and not all(item.kind in AS_ROWS for item in series):
        if is_drawable(series):
            return plot_of(gathered, numbered, series)
        notes.append(undrawable_note(study, numbered))
    table = points.numbers_of(series)
    objects = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return Rows(
        table.columns,
        table.rows,
        payload={"study": study, **described(numbered, gathered.state), "points": objects},
        title=numbered.label,
        notes=notes,
        failure=gathered.failure_of_points(numbered),
        lines=True,
    )


def _draws(app: App) -> bool:
    """Return whether the chart is drawn: unless its numbers are asked for."""
    if app.flags.query is not None:
        return False
    # In a pipe a plot is drawn, too, unless a format or a file is given.
    return app.format == "table" or (app.settings.format is None and not app.shows_results)
