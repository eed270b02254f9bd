"""``sostrades alias list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli import framework
from sostrades_cli.config import read_config
from sostrades_cli.output.results import Rows
from sostrades_cli.settings import aliases_of

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias list"])
def command(app: App) -> Rows:
    """List the aliases.

    They are those of the profile in use.
    """
    return Rows(("alias", "study"), list(aliases_of(read_config(app.folders), app.settings.profile).items()))
