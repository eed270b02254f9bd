"""``sostrades config get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING
from sostrades_cli.commands.config.explain import explained
from sostrades_cli.errors import UsageError
from sostrades_cli.local.settings_sources import holding
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config get host"])
@click.argument("key", type=SETTING, metavar="KEY")
def command(app: App, key: str) -> Text:
    """Print the value of a setting.

    KEY is a name from `sostrades config list`.
    """
    found = holding(explained(app, key))
    if key == "host" and app.settings.fault is not None:
        raise app.settings.fault
    if found is None or found.value is None:
        raise UsageError(f"{key} is not set", hint=f"sostrades config set {key} VALUE")
    return Text(found.value, found.value)
