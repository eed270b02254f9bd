"""``sostrades auth logout``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.errors import KeyringError, KeyringLocked
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings import profile_table
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from sostrades_cli.app import App

_DATA: Final = {"removed": "forgotten", "not stored": "there was none"}  # the words that scripts read


@framework.command(examples=["sostrades auth logout", "sostrades auth logout --profile test"], new_profile=True)
def command(app: App) -> Rows:
    """Remove the stored key of a profile.

    The key is removed from the keyring, and from keys.json. Keys of other profiles are kept, even for the same server.
    If config.toml no longer has the profile, give its server with --host.
    """
    if app.flags.host is None:
        profile_table(read_config(app.folders), app.settings.profile, required=True)
    sources = app.key_sources
    # First the file, because a locked keyring raises an error.
    removed = sources.file.forget(sources.entry)
    try:
        removed = sources.keyring.forget(sources.entry) or removed
    except KeyringLocked as error:
        raise error.reworded(f"a key may still be stored: {error.message}") from error
    except KeyringError as error:
        app.notes.warning(f"the keyring was not searched for a key: {error.message}")
    if source := sources.configured:
        app.notes.warning(f"{source} is set, and is still used")
    state = "removed" if removed else "not stored"
    return Rows(
        ("profile", "host", "key"), [(app.settings.profile, app.host, TextCell(_DATA[state], state))], confirms=True
    )
