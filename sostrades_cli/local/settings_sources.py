"""Where settings come from: every source of each, the strongest first, and which of them holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidSetting
from sostrades_cli.local.config_file import line_of_setting
from sostrades_cli.local.settings import (
    CA_FALLBACKS,
    CA_VARIABLE,
    DEFAULT_PROFILE,
    FORMATS,
    checked_host,
    conflict_of_hosts,
    profile_name,
    profile_table,
)
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.local.config_file import Folders
    from sostrades_cli.local.settings import Flags


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its flag, its variable, whether config.toml may hold it, and what holds where no source says.

    ``fallbacks`` are variables of other tools, which are weaker than config.toml.
    """

    flag: str | None
    field: str | None
    variable: str | None
    stored: bool
    default: str
    fallbacks: tuple[str, ...] = ()


KEYS: Final = {
    "host": Setting("--host", "host", "SOSTRADES_HOST", stored=True, default=""),
    "profile": Setting("--profile", "profile", "SOSTRADES_PROFILE", stored=False, default=DEFAULT_PROFILE),
    "format": Setting("--format", "format", "SOSTRADES_FORMAT", stored=True, default="table on a terminal, else tsv"),
    "ca_bundle": Setting(None, None, CA_VARIABLE, stored=True, default="that of the system", fallbacks=CA_FALLBACKS),
    "client_cert": Setting(None, None, "SOSTRADES_CLIENT_CERT", stored=True, default=""),
    "client_key": Setting(None, None, "SOSTRADES_CLIENT_KEY", stored=True, default=""),
    "allow_http": Setting("--allow-http", "allow_http", "SOSTRADES_ALLOW_HTTP", stored=True, default="false"),
    "read_timeout": Setting("--read-timeout", "read_timeout_s", None, stored=False, default="that of each request"),
}
STORED: Final = tuple(key for key, setting in KEYS.items() if setting.stored)
FILES: Final = ("ca_bundle", "client_cert", "client_key")
_YES_NO: Final = {
    "true": True,
    "yes": True,
    "1": True,
    "on": True,
    "false": False,
    "no": False,
    "0": False,
    "off": False,
}


@dataclass(frozen=True, slots=True)
class SettingSource:
    """A source of a setting: where it is, what it says, ``None`` where it says nothing, and whether it holds."""

    key: str
    place: str
    value: str | None
    holds: bool


def explain(
    key: str, flags: Flags, environ: Mapping[str, str], config: Mapping[str, object], folders: Folders
) -> list[SettingSource]:
    """Return the sources of a setting, the strongest first; the first that says something holds.

    Where a profile that was asked for and the environment name two servers, neither address holds.

    Raises
    ------
    InvalidSetting
        There is no such setting.

    """
    setting = _setting(key)
    profile = profile_name(flags, environ)
    found: list[tuple[str, str | None]] = []
    if setting.flag and setting.field:
        found.append((setting.flag, _said(getattr(flags, setting.field))))
    if setting.variable:
        found.append((setting.variable, environ.get(setting.variable) or None))
    stored = profile_table(config, profile, asked=False)
    if setting.stored:
        value = _said(stored.get(key))
        line = line_of_setting(folders, profile, key)
        where = f"{folders.config / 'config.toml'}{f', line {line}' if line else ''}"
        found.append((f"profile {profile} of {where}", value))
    found += [(variable, environ.get(variable) or None) for variable in setting.fallbacks]
    found.append(("default", setting.default or None))
    undecided = key == "host" and _undecided(flags, environ, stored)
    winner = None if undecided else next((place for place, value in found if value is not None), None)
    return [SettingSource(key, place, value, holds=place == winner) for place, value in found]


def _undecided(flags: Flags, environ: Mapping[str, str], stored: Mapping[str, object]) -> bool:
    try:
        return conflict_of_hosts(flags, environ, stored) is not None
    except InvalidSetting:  # one is no address: that is told by what uses it
        return False


def holding(sources: list[SettingSource]) -> SettingSource | None:
    """Return the source that holds."""
    return next((source for source in sources if source.holds), None)


def require_stored_setting(key: str) -> None:
    """Refuse a setting that config.toml does not hold.

    Raises
    ------
    InvalidSetting
        There is no such setting, or it is given in other ways.

    """
    setting = _setting(key, STORED)
    if not setting.stored:
        ways = [way for way in (setting.flag, setting.variable) if way]
        raise InvalidSetting(
            f"{key} is not kept in config.toml",
            detail=f"kept are: {', '.join(STORED)}",
            hint=f"say it with each command: {', or set '.join(ways)}",
        )


def checked_value(key: str, text: str, *, allow_http: bool) -> str | bool:
    """Return a value as config.toml holds it.

    Raises
    ------
    InvalidSetting
        It cannot have this value.

    """
    if key == "host":
        return checked_host(text, allow_http=allow_http)
    if key == "format" and text not in FORMATS:
        raise InvalidSetting(f"no output format {text!r}", hint=f"choose one of {', '.join(FORMATS)}")
    if key == "allow_http":
        if text.lower() not in _YES_NO:
            raise InvalidSetting(f"{text!r} is neither yes nor no", hint="sostrades config set allow_http yes")
        return _YES_NO[text.lower()]
    if not text.strip():
        raise InvalidSetting(f"{key} would be empty", hint=f"sostrades config set {key} --unset removes it")
    if key in FILES:
        _check_readable(key, text)
    return text


def _check_readable(key: str, name: str) -> None:
    """Refuse a file that could not be read later, when a server is to be asked."""
    try:
        Path(name).expanduser().open("rb").close()
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no such home
        why = error.strerror if isinstance(error, OSError) else error
        raise InvalidSetting(f"{key}: {name} cannot be read: {why}", hint="look at its name and permissions") from error


def _said(value: object) -> str | None:
    """Return what a source says as text; a flag that was not given says nothing."""
    if value is None or value is False:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(key: str, offered: Iterable[str] = KEYS) -> Setting:
    if key not in KEYS:
        close = closest(key, offered)
        raise InvalidSetting(
            f"there is no setting {key}",
            detail=f"settings are: {', '.join(offered)}",
            hint=f"did you mean {close[0]}?" if close else "sostrades config list",
        )
    return KEYS[key]
