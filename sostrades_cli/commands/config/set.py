"""``sostrades config set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import SETTING_VALUE, STORED_SETTING
from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_file import read_config, store
from sostrades_cli.local.settings import profile_table
from sostrades_cli.local.settings_sources import checked_value, holding, require_stored_setting
from sostrades_cli.operations.study.new_alias import note_on_new_host
from sostrades_cli.output.results import Rows
from sostrades_cli.views.setting_sources import explained

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades config set host https://corp.example/sostrades",
        "sostrades config set format json --profile ci",
        "sostrades config set key_command 'pass show sostrades'",
        "sostrades config set format --unset",
    ],
    lenient=True,
    one_of=("value", "unset"),
)
@click.argument("key", type=STORED_SETTING, metavar="KEY")
@click.argument("value", type=SETTING_VALUE, required=False, metavar="[VALUE]")
@click.option("--unset", is_flag=True, help="Remove the setting.")
def command(app: App, key: str, value: str | None, unset: bool) -> Rows:
    """Write a setting to config.toml.

    KEY is host, format, ca_bundle, client_cert, client_key, allow_http, key_command or pager. The setting is written
    for the profile in use; the rest of the file is kept, comments included. Setting host creates a new profile if
    necessary.
    """
    require_stored_setting(key)
    if (value is None) is not unset:
        raise UsageError("expected either a value or --unset", hint=f"sostrades config set {key} VALUE")
    # A misspelt name would create a profile that no command reads.
    config = read_config(app.folders)
    profile_table(config, app.settings.profile, required=key != "host")
    kept = None if value is None else checked_value(key, value, allow_http=app.settings.allow_http)
    path = store(app.folders, app.settings.profile, key, kept)
    source = holding(explained(app, key))
    is_overridden = source is not None and not unset and not source.name.startswith("profile ")
    note = f"{source.name} takes precedence over it" if source and is_overridden else None
    # No source is in effect if the environment and the profile name two servers.
    if source is None and not unset:
        note = "SOSTRADES_HOST names another server: unset it, or add --host to commands"
    aliases = note_on_new_host(config, app.settings.profile, kept) if key == "host" and isinstance(kept, str) else None
    return Rows(
        ("profile", "key", "value", "file"),
        [(app.settings.profile, key, kept, str(path))],
        notes=[text for text in (note, aliases) if text],
        confirms=True,
    )
