"""``sostrades postproc diff``."""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.filter_options import match_option
from sostrades_cli.cli.options import tolerance_options
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.errors import Different, UsageError
from sostrades_cli.operations.postproc.compare_studies import compare_charts
from sostrades_cli.operations.postproc.diff import PointPair, SeriesDifference
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.operations.tables.equality import Tolerance


@framework.command(
    examples=[
        "sostrades postproc diff 21 my-copy",
        "sostrades postproc diff 21 my-copy --match 'Output*' --numbers -o output.csv",
        "sostrades postproc diff 21 my-copy --page both.html",
    ],
)
@click.argument("a", type=STUDY, metavar="A")
@click.argument("b", type=STUDY, metavar="B")
@match_option("charts")
@click.option("--numbers", is_flag=True, help="Show all points of both studies, one per row.")
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with both studies on the same axes."
)
@tolerance_options
def command(
    app: App, a: int, b: int, match: str | None, numbers: bool, page: Path | None, tolerance: Tolerance, exit_code: bool
) -> Rows:
    """Compare the charts of two studies.

    Charts with the same discipline and title are compared. Each row is a series that differs. It shows how many points
    differ, the largest difference, and its position. --numbers shows all points of both studies. --page FILE writes a
    web page that needs no network. It shows B, dashed or hatched, over A.
    """
    if page is not None and str(page) == "-":
        raise UsageError("--page needs a file", hint="write it as in --page both.html")
    diff = compare_charts(app.context, a, b, match, tolerance, page, overwrite=app.flags.overwrite)
    kind: type[PointPair | SeriesDifference] = PointPair if numbers else SeriesDifference
    items: Sequence[PointPair | SeriesDifference] = diff.points() if numbers else diff.differences
    different = Different(diff.summary) if exit_code and diff.differing else None
    return Rows(
        tuple(field.name for field in fields(kind)),
        list(map(astuple, items)),
        payload={**diff.about(), "points" if numbers else "differences": list(map(asdict, items))},
        notes=list(filter(None, [diff.a.note, diff.b.note, diff.summary])),
        failure=diff.failure or different,
        lines=True,
    )
