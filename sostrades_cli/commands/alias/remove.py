"""``sostrades alias remove``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import ALIAS
from sostrades_cli.errors import UsageError
from sostrades_cli.local.aliases import stored_aliases
from sostrades_cli.local.config_file import read_config, store_alias
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias remove dice"])
@click.argument("name", type=ALIAS, metavar="NAME")
def command(app: App, name: str) -> Rows:
    """Remove an alias.

    The study itself is not changed.
    """
    aliases = stored_aliases(read_config(app.folders), app.settings.profile)
    if name not in aliases:
        raise UsageError(f"there is no alias {name}", hint="sostrades alias list")
    store_alias(app.folders, app.settings.profile, name, None)
    return Rows(("alias", "study"), [(name, aliases[name])], confirms=True)
