"""``sostrades alias set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_file import store_alias
from sostrades_cli.output.results import Rows
from sostrades_cli.study_reference import ALIAS_RULE, is_alias

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias set dice 21", "sostrades alias set witness https://gui.example/study/23"])
@click.argument("name", metavar="NAME")
@study_argument
def command(app: App, name: str, study: int) -> Rows:
    """Create or change an alias.

    NAME starts with a letter and may contain letters, digits and `_ . -`. An existing alias is replaced.
    """
    if not is_alias(name):
        raise UsageError(
            f"{name!r} is not a valid alias: use {ALIAS_RULE}", hint=f"sostrades alias set NAME {study}", study=study
        )
    store_alias(app.folders, app.settings.profile, name, study)
    return Rows(("alias", "study"), [(name, study)], confirms=True)
