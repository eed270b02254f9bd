"""``sostrades param show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades param show 21 Macro.scenario", "sostrades param show 21 Macro.population"])
@study_argument
@click.argument("key", type=KEY)
def command(app: App, study: int, key: str) -> Rows:
    """Show the details of a parameter.

    The details are type, unit, kind, range, possible values and value; for a table, its size and first rows. Ranges and
    possible values are known only after a finished run. Then the label and the definition are shown, too, if the
    server's ontology has them: before, the parameter's name in the ontology is not known.
    """
    from sostrades_cli.operations.param.details import read_details
    from sostrades_cli.views.parameter_card import card_rows

    return card_rows(read_details(app.context, study, key))
