"""``sostrades auth logout``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.errors import KeyringError
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings import profile_table
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from sostrades_cli.app import App

_DATA: Final = {"removed": "forgotten", "not stored": "there was none"}  # the words that scripts read

_ELSEWHERE: Final = "log out where the keyring works. To stop using a key from the environment, unset SOSTRADES_API_KEY"


@framework.command(examples=["sostrades auth logout", "sostrades auth logout --profile test"], new_profile=True)
def command(app: App) -> Rows:
    """Remove the stored key of a profile.

    Keys of other profiles are kept, even for the same server. If config.toml no longer has the profile, give its server
    with --host.
    """
    if app.flags.host is None:
        profile_table(read_config(app.folders), app.settings.profile, required=True)
    try:
        state = "removed" if app.runtime.keyring.forget(app.key_entry) else "not stored"
    except KeyringError as error:
        raise error.reworded(f"cannot remove a stored key: {error.message}", hint=_ELSEWHERE) from error
    if app.settings.api_key:
        app.notes.warning("SOSTRADES_API_KEY is set, and is still used")
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, TextCell(_DATA[state], state))])
