"""``sostrades study load``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import DURATION
from sostrades_cli.operations.param.selection import choose
from sostrades_cli.operations.study.load import LOAD_TIMEOUT_S, load
from sostrades_cli.output.results import Rows
from sostrades_cli.views.parameters import brief_value, parameters_title

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades study load 21",
        "sostrades study load 21 --match '*.Macro.*'",
        "sostrades study load 21 -F json --query '\"dice.Macro.gamma\".value'",
    ]
)
@study_argument
@click.option(
    "--timeout",
    "patience_s",
    type=DURATION,
    default=LOAD_TIMEOUT_S,
    metavar="S",
    help="How long to wait in all; 60 s unless said.",
)
@click.option("--match", metavar="GLOB", help="Only parameters whose name fits, for example '*.tax'.")
@click.option("--all", "everything", is_flag=True, help="Solver settings too.")
def command(app: App, study: int, patience_s: float, match: str | None, everything: bool) -> Rows:
    """Show the parameters of a study.

    Solver settings are hidden from tables unless --all is given. -F json is the server's own mapping, all of it.
    """
    loaded = load(app.context, study, patience_s)
    selection = choose(loaded.parameters, match=match, everything=everything)
    return Rows(
        ("parameter", "type", "unit", "value"),
        [(p.name, p.type, p.unit, p.value) for p in map(loaded.parameters.__getitem__, selection.shown)],
        payload=loaded.payload if match is None else {name: loaded.payload[name] for name in selection.matching},
        title=parameters_title(app.context, study, selection),
        notes=[selection.note] if selection.note else [],
        briefs={"value": brief_value},
    )
