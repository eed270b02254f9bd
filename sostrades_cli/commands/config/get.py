"""``sostrades config get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING
from sostrades_cli.errors import UsageError
from sostrades_cli.local.settings_sources import holding
from sostrades_cli.output.results import Text
from sostrades_cli.views.setting_sources import explained

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config get host"], tables=False)
@click.argument("key", type=SETTING, metavar="KEY")
def command(app: App, key: str) -> Text:
    """Print the value of a setting.

    KEY is a name from `sostrades config list`.
    """
    source = holding(explained(app, key))
    if key == "host" and app.settings.fault is not None:
        raise app.settings.fault
    if source is None or source.value is None:
        raise UsageError(f"{key} is not set", hint=f"sostrades config set {key} VALUE")
    return Text(source.value, source.value)
