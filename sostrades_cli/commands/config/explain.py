"""``sostrades config explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING
from sostrades_cli.local.settings_sources import KEY
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import TextCell
from sostrades_cli.views.setting_sources import explained, warn_of_fault

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config explain host", "sostrades config explain key"], lenient=True)
@click.argument("key", type=SETTING, metavar="KEY")
def command(app: App, key: str) -> Rows:
    """Show all sources of a setting.

    The sources are in order of precedence: option, environment variable, profile in config.toml, default. The first one
    with a value is in effect. If --profile and SOSTRADES_HOST name different servers, commands fail (exit 2).
    `key` shows the sources of the API key, but never the key.
    """
    sources = app.key_sources.explain() if key == KEY else explained(app, key)
    warn_of_fault(app)
    rows = [(source.name, source.value, TextCell(source.holds, "holds" if source.holds else "")) for source in sources]
    shown = [(source.name, source.value, "yes" if source.holds else "") for source in sources]
    return Rows(("source", "value", "holds"), rows, shown=TerminalTable(("source", "value", "in effect"), shown))
