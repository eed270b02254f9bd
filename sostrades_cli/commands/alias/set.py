"""``sostrades alias set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.local.config_file import read_config, store_alias
from sostrades_cli.operations.study.new_alias import notes_on_alias, require_free, require_same_server
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades alias set dice 21", "sostrades alias set witness https://gui.example/study/23"])
@click.argument("name", metavar="NAME")
@study_argument
def command(app: App, name: str, study: int) -> Rows:
    """Create or change an alias.

    NAME starts with a letter and may contain letters, digits and `_ . -`. It cannot be the name of another study that
    was used on this computer. An existing alias is replaced. No request is sent.
    """
    require_same_server(read_config(app.folders), app.settings.profile, app.settings.host)
    cache = app.cache if app.settings.host is not None else None
    require_free(name, study, cache)
    notes = notes_on_alias(name, study, app.aliases, cache)
    store_alias(app.folders, app.settings.profile, name, study)
    return Rows(("alias", "study"), [(name, study)], notes=notes, confirms=True)
