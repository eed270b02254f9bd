"""The aliases of a profile: short names for studies."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeGuard

from sostrades_cli.errors import InvalidSetting
from sostrades_cli.local.server_address import checked_host
from sostrades_cli.local.settings import profile_table

if TYPE_CHECKING:
    from collections.abc import Mapping


def stored_aliases(config: Mapping[str, object], profile: str) -> dict[str, object]:
    """Return a profile's aliases as they are in config.toml, valid or not."""
    aliases = profile_table(config, profile, required=False).get("aliases", {})
    return aliases if isinstance(aliases, dict) else {}


def aliases_of(config: Mapping[str, object], profile: str) -> dict[str, int]:
    """Return a profile's names for studies, without those that ``alias_faults`` reports."""
    # One bad line must not take the other aliases away.
    return {name: study for name, study in stored_aliases(config, profile).items() if _is_study(study)}


def other_server(config: Mapping[str, object], profile: str, host: str | None) -> str | None:
    """Return the server of a profile if it is not ``host``, the server in use, else ``None``.

    The aliases of the profile stand for studies of its server.
    """
    own = profile_table(config, profile, required=False).get("host")
    if host is None or not isinstance(own, str) or not own.strip():
        return None
    # An invalid address is certainly not the one in use.
    with contextlib.suppress(InvalidSetting):
        own = checked_host(own, allow_http=True)
    return own if own != host else None


def usable_aliases(config: Mapping[str, object], profile: str, host: str | None) -> dict[str, int]:
    """Return a profile's aliases, none of them if ``host``, the server in use, is another one than the profile's."""
    return aliases_of(config, profile) if other_server(config, profile, host) is None else {}


def alias_faults(config: Mapping[str, object], profile: str) -> list[InvalidSetting]:
    """Return an error for each alias of a profile that is not the number of a study."""
    aliases = profile_table(config, profile, required=False).get("aliases", {})
    if not isinstance(aliases, dict):
        return [
            InvalidSetting(
                "the aliases in config.toml are not a table", hint=f"write them below [profiles.{profile}.aliases]"
            )
        ]
    return [
        InvalidSetting(
            f"the alias {name!r} in config.toml must be the number of a study, got {study!r}",
            hint=f"write {name} = NUMBER",
        )
        for name, study in aliases.items()
        if not _is_study(study)
    ]


def _is_study(value: object) -> TypeGuard[int]:
    # In Python a bool is an int, too.
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
