"""``sostrades config explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings_sources import KEY, explain
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.local.settings_sources import SettingSource


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
    rows = [(one.place, one.value, TextCell(one.holds, "holds" if one.holds else "")) for one in sources]
    return Rows(("source", "value", "holds"), rows)


def explained(app: App, key: str) -> list[SettingSource]:
    """Return the sources of a setting, as config.toml is now."""
    return explain(key, app.flags, app.runtime.environ, read_config(app.folders), app.folders)


def warn_of_fault(app: App) -> None:
    """Show why the settings cannot be used, in a command that works without them."""
    if (fault := app.settings.fault) is not None:
        app.notes.warning(f"{fault.message}: {fault.hint}" if fault.hint else fault.message)
