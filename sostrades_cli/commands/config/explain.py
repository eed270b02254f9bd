"""``sostrades config explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config explain host"], lenient=True)
@click.argument("key", type=SETTING, metavar="KEY")
def command(app: App, key: str) -> Rows:
    """Show every source of a setting.

    The strongest comes first: flag, environment, profile of config.toml with its line, default. The first that says
    something holds; where --profile and SOSTRADES_HOST name two servers, neither does.
    """
    app.warn_of_fault()
    sources = app.explain(key)
    rows = [(one.place, one.value, TextCell(one.holds, "holds" if one.holds else "")) for one in sources]
    return Rows(("source", "value", "holds"), rows)
