"""``sostrades auth logout``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli import framework
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades auth logout", "sostrades auth logout --profile test"])
def command(app: App) -> Rows:
    """Forget the key of a profile.

    The key that another profile has for the same server stays.
    """
    state = "forgotten" if app.outside.keyring.forget(app.key_entry) else "there was none"
    if app.settings.api_key:
        app.notes.warning("SOSTRADES_API_KEY is set in the environment and goes on being used")
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, state)])
