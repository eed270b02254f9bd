"""``sostrades alias list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.local.aliases import alias_faults, aliases_of, other_server
from sostrades_cli.local.config_file import read_config
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias list"])
def command(app: App) -> Rows:
    """List the aliases of the profile in use."""
    config, profile = read_config(app.folders), app.settings.profile
    aliases = aliases_of(config, profile)
    # An alias without a valid study number is not in `aliases`.
    notes = [fault.message for fault in alias_faults(config, profile)]
    if aliases and (server := other_server(config, profile, app.settings.host)) is not None:
        notes.append(f"these are studies on {server}, which is not the server in use, so commands reject the aliases")
    return Rows(("alias", "study"), list(aliases.items()), notes=notes)
