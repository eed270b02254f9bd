"""``sostrades config list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.local.settings import SETTINGS
from sostrades_cli.local.settings_sources import holding
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell
from sostrades_cli.views.setting_sources import explained, warn_of_fault

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades config list", "sostrades config list --profile test -F json"], lenient=True)
def command(app: App) -> Rows:
    """Show the settings in effect.

    Each setting has its source. `sostrades config explain KEY` shows all sources of a setting.
    """
    sources = {key: holding(explained(app, key)) for key in SETTINGS}
    warn_of_fault(app)
    rows = [
        (key, source.value if source else None, source.name if source else TextCell("nowhere", "not set"))
        for key, source in sources.items()
    ]
    return Rows(("key", "value", "source"), rows)
