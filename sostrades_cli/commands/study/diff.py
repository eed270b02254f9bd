"""``sostrades study diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import tolerance_options
from sostrades_cli.cli.param_types import SIDE
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.study.snapshot.sources import take_side
from sostrades_cli.views.study_diff import difference_rows

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.tables.equality import Tolerance
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades study diff 21 31",
        "sostrades study diff 21 ./dice --exit-code",
        "sostrades study diff ./before ./after --rtol 1e-6 -F json",
    ]
)
@click.argument("a", type=SIDE, metavar="A")
@click.argument("b", type=SIDE, metavar="B")
@click.option("--match", metavar="GLOB", help="Only names that fit a glob, or hold this text.")
@click.option("--outputs", is_flag=True, help="Outputs too, where both sides have them.")
@tolerance_options
def command(
    app: App,
    a: int | Path,
    b: int | Path,
    match: str | None,
    outputs: bool,
    tolerance: Tolerance,
    exit_code: bool,
) -> Rows:
    """Compare two studies, or files of them.

    A and B are each a STUDY, or the DIR of an export (`./21` is a folder, `21` a study). Inputs are compared by their
    names without the study's own in front; lists and dicts in depth, tables by cell. `1` and `1.0` differ, unless the
    parameter is a float; with --rtol or --atol close numbers are the same, as in math.isclose.
    """
    sides = [take_side(side, lambda: app.context, outputs=outputs) for side in (a, b)]
    return difference_rows(compare(sides[0], sides[1], tolerance), match, exit_code=exit_code)
