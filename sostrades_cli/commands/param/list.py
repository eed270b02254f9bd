"""``sostrades param list``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.param.read import list_parameters
from sostrades_cli.views.parameters import choose, kind_rows, title

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param list 21",
        "sostrades param list 21 --outputs",
        "sostrades param list 21 --match price -F json",
    ]
)
@study_argument
@click.option("--match", metavar="GLOB", help="Only names that fit a glob, or hold this text.")
@click.option("--inputs", "only", flag_value="inputs", help="Only what can be set, start values of loops included.")
@click.option("--outputs", "only", flag_value="outputs", help="Only outputs.")
@click.option("--all", "everything", is_flag=True, help="Solver settings too.")
def command(app: App, study: int, match: str | None, only: str | None, everything: bool) -> Rows:
    """List parameters: name, kind, type, unit and value.

    The kind is input, output, coupling (computed by another discipline, with a start value if it can be set) or solver.
    Outputs are listed with their values after a finished run. If the study was changed since, they are listed without
    values. If the server cannot load the study, the list has the names that were seen before.
    """
    parameters, note = list_parameters(app.context, study, inputs=only != "outputs", outputs=only != "inputs")
    chosen = choose(parameters, match=match, everything=everything)
    rows = kind_rows(chosen, title(app.context, study, chosen))
    return replace(rows, note="\n".join(filter(None, (rows.note, note))) or None)
