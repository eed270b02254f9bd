"""The sources of settings as they are now, for commands that show or change settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.settings_sources import explain

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.local.settings_sources import SettingSource


def explained(app: App, key: str) -> list[SettingSource]:
    """Return the sources of a setting, as config.toml is now."""
    # The settings of the app were read at its start, before `config set` has written the file.
    return explain(key, app.flags, app.runtime.environ, read_config(app.folders), app.folders)


def warn_of_fault(app: App) -> None:
    """Show why the settings cannot be used, in a command that works without them."""
    if (fault := app.settings.fault) is not None:
        app.notes.warning(f"{fault.message}: {fault.hint}" if fault.hint else fault.message)
