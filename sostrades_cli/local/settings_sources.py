"""Explaining settings: every source of each with its place, and which of them is in effect; checking new values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidSetting
from sostrades_cli.local.config_file import line_of_setting
from sostrades_cli.local.server_address import checked_host
from sostrades_cli.local.settings import (
    FILES,
    SETTINGS,
    STORED,
    conflict_of_hosts,
    profile_name,
    profile_table,
    sources_of,
)
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders
    from sostrades_cli.local.settings import Flags, Setting


# Not a setting, but explained like one.
KEY: Final = "key"


@dataclass(frozen=True, slots=True)
class SettingSource:
    """A source of a setting: its name, its value, ``None`` without one, and whether it is in effect."""

    key: str
    name: str
    value: str | None
    holds: bool


def explain(
    key: str, flags: Flags, environ: Mapping[str, str], config: Mapping[str, object], folders: Folders
) -> list[SettingSource]:
    """Return the sources of a setting, the strongest first; the first with a value is in effect.

    If a profile that was asked for and the environment name two servers, neither address is in effect.

    Raises
    ------
    InvalidSetting
        There is no such setting.

    """
    setting = _setting(key)
    profile = profile_name(flags, environ)
    stored = profile_table(config, profile, required=False)
    line = line_of_setting(folders, profile, key) if setting.stored else None
    file = f"profile {profile} of {folders.config / 'config.toml'}{f', line {line}' if line else ''}"
    values = [(source.name, _as_text(source.value)) for source in sources_of(setting, flags, environ, stored, file)]
    values.append(("default", setting.default or None))
    undecided = key == "host" and _undecided(flags, environ, stored)
    # The first value wins even if it is invalid: the command that uses it reports that.
    winner = None if undecided else next((name for name, value in values if value is not None), None)
    return [SettingSource(key, name, value, holds=name == winner) for name, value in values]


def _undecided(flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object]) -> bool:
    try:
        return conflict_of_hosts(flags, environ, stored) is not None
    except InvalidSetting:  # one of them is not an address: the command that uses it says so
        return False


def holding(sources: list[SettingSource]) -> SettingSource | None:
    """Return the source that is in effect."""
    return next((source for source in sources if source.holds), None)


def require_stored_setting(key: str) -> None:
    """Refuse a setting that config.toml does not hold.

    Raises
    ------
    InvalidSetting
        There is no such setting, or it is not kept in that file.

    """
    setting = _setting(key, STORED)
    if not setting.stored:
        ways = [way for way in (setting.flag, setting.variable) if way]
        raise InvalidSetting(
            f"{key} cannot be stored in config.toml",
            detail=f"settings that can be stored: {', '.join(STORED)}",
            hint=f"add it to each command: {', or set '.join(ways)}",
        )


def checked_value(key: str, text: str, *, allow_http: bool) -> str | bool:
    """Return a value as config.toml holds it.

    Raises
    ------
    InvalidSetting
        The setting cannot have this value.

    """
    if not text.strip():
        raise InvalidSetting(
            f"the value of {key} is empty", hint=f"remove the setting with `sostrades config set {key} --unset`"
        )
    if key == "host":
        # Stored in its canonical form, because keyring entries and caches are found by it.
        return checked_host(text, allow_http=allow_http)
    value = SETTINGS[key].parse(text, key)
    if key in FILES:
        _check_readable(key, text, value)
    return value if isinstance(value, bool) else text


def _check_readable(key: str, name: str, path: Path) -> None:
    """Refuse a file that could not be read when it is needed for a request."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise InvalidSetting(
            f"{key}: cannot read {name}: {error.strerror}", hint="check the name and the permissions of the file"
        ) from error


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(key: str, offered: Iterable[str] = SETTINGS) -> Setting:
    if key == KEY:
        raise InvalidSetting(
            "the API key is not a setting",
            hint="`sostrades config explain key` shows where it comes from, `sostrades auth login` stores it",
        )
    if key not in SETTINGS:
        close = closest(key, offered)
        raise InvalidSetting(
            f"there is no setting {key}",
            detail=f"settings: {', '.join(offered)}",
            hint=_meant(key, close),
        )
    return SETTINGS[key]


def _meant(key: str, close: Sequence[str]) -> str:
    """Return the hint for an unknown setting, with the settings that are similar."""
    if key.casefold().replace("-", "_") == "api_key":
        return "store the API key with `sostrades auth login`: it is not a setting"
    return f"write {close[0]} instead of {key}" if close else "sostrades config list"
