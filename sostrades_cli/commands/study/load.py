"""``sostrades study load``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import duration_option, match_option, study_argument
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
@duration_option(
    "--timeout", "timeout_s", text="Give up if loading takes longer than this.", default=f"{LOAD_TIMEOUT_S:g}s"
)
@match_option("parameters")
@click.option("--all", "everything", is_flag=True, help="Include solver settings.")
def command(app: App, study: int, timeout_s: float, match: str | None, everything: bool) -> Rows:
    """Show the parameters of a study.

    Solver settings are hidden, unless you give --all. -F json prints the complete answer of the server.
    """
    loaded = load(app.context, study, timeout_s)
    selection = choose(loaded.parameters, match=match, everything=everything)
    return Rows(
        ("parameter", "type", "unit", "value"),
        [(p.name, p.type, p.unit, p.value) for p in map(loaded.parameters.__getitem__, selection.shown)],
        payload=loaded.payload if match is None else {name: loaded.payload[name] for name in selection.matching},
        title=parameters_title(app.context, study, selection),
        notes=[selection.note] if selection.note else [],
        briefs={"value": brief_value},
    )
