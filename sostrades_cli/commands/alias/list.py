"""``sostrades alias list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.local.aliases import alias_faults
from sostrades_cli.local.config_file import read_config
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias list"])
def command(app: App) -> Rows:
    """List the aliases of the profile in use."""
    # An alias without a valid study number is not in `app.aliases`.
    faults = alias_faults(read_config(app.folders), app.settings.profile)
    return Rows(("alias", "study"), list(app.aliases.items()), notes=[fault.message for fault in faults])
