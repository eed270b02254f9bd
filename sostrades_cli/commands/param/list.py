"""``sostrades param list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import match_option, study_argument

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
@match_option("names")
@click.option("--inputs", "only", flag_value="inputs", help="Only parameters that can be set.")
@click.option("--outputs", "only", flag_value="outputs", help="Only outputs.")
@click.option("--all", "everything", is_flag=True, help="Include solver settings.")
def command(app: App, study: int, match: str | None, only: str | None, everything: bool) -> Rows:
    """List the parameters of a study.

    A parameter is an input, an output, a coupling (computed by another discipline) or a solver setting. Outputs have
    values after a finished run. If the study was changed since that run, outputs are listed without values. If the
    server cannot load the study, the parameters in the cache are listed.
    """
    from sostrades_cli.operations.param.read import list_parameters  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.param.selection import choose  # noqa: PLC0415
    from sostrades_cli.output.results import Rows  # noqa: PLC0415
    from sostrades_cli.views.parameters import brief_value, parameters_title  # noqa: PLC0415

    parameters, note = list_parameters(app.context, study, inputs=only != "outputs", outputs=only != "inputs")
    selection = choose(parameters, match=match, everything=everything)
    return Rows(
        ("parameter", "kind", "type", "unit", "value"),
        [(p.name, p.kind, p.type, p.unit, p.value) for p in map(parameters.__getitem__, selection.shown)],
        title=parameters_title(app.context, study, selection),
        notes=list(filter(None, (selection.note, note))),
        briefs={"value": brief_value},
    )
