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
    """Show all that is known of one parameter.

    Name, type, unit, whether it is an input, its range and possible values, and what it holds; of a table its size and
    its first lines. Ranges and possible values are in no load: they are known once a run has finished.
    """
    from sostrades_cli.operations.param.details import read_details  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.views.parameter_card import card_rows  # noqa: PLC0415

    return card_rows(read_details(app.context, study, key))
