"""``sostrades auth logout``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings import profile_table
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades auth logout", "sostrades auth logout --profile test"], new_profile=True)
def command(app: App) -> Rows:
    """Forget the key of a profile.

    The key that another profile has for the same server stays. Of a profile that is in config.toml no more, --host
    says whose key it is.
    """
    if app.flags.host is None:
        profile_table(read_config(app.folders), app.settings.profile, required=True)
    state = "forgotten" if app.runtime.keyring.forget(app.key_entry) else "there was none"
    if app.settings.api_key:
        app.notes.warning("SOSTRADES_API_KEY is set in the environment and goes on being used")
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, state)])
