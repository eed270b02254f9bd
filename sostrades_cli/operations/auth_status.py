"""Check the API key of each profile: its source, and the server's answer to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import (
    AccessError,
    KeyMissing,
    KeyringError,
    KeyringLocked,
    KeySourceError,
    SostradesError,
)
from sostrades_cli.local.key_files import KEYS
from sostrades_cli.local.server_address import checked_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sostrades_cli.api.client import Api
    from sostrades_cli.local.credential import Credential
    from sostrades_cli.local.key_sources import KeySources


NONE: Final = "none"  # the source of a key that is absent


@dataclass(frozen=True, slots=True)
class KeyState:
    """The key of a profile.

    ``state`` is accepted, rejected, unverified, keyring locked, no keyring, unusable or absent.
    """

    profile: str
    host: str
    source: str
    state: str
    in_use: bool
    error: SostradesError | None = None


def key_states(
    in_use: KeySources, config: Mapping[str, object], connect: Callable[[str, Credential], Api]
) -> list[KeyState]:
    """Check the key of the profile in use, then the keys of all other profiles."""
    states = [_check(in_use, connect, in_use=True)]
    profiles = config.get("profiles", {})
    for name, table in profiles.items() if isinstance(profiles, dict) else ():
        host = table.get("host") if isinstance(table, dict) else None
        # The config file is edited by hand, so its tables may have any shape.
        if name != in_use.entry.profile and isinstance(host, str):
            sources = in_use.of_profile(name, checked_host(host, allow_http=True), table)
            states.append(_check(sources, connect, in_use=False))
    return states


def _check(sources: KeySources, connect: Callable[[str, Credential], Api], *, in_use: bool) -> KeyState:
    profile, host = sources.entry
    source = sources.configured or NONE
    try:
        credential = sources.find()
        source = credential.source
        connect(host, credential).calculations.check_key()
    except SostradesError as error:
        # A bad key is a result of this check, so the other profiles follow.
        if isinstance(error, KeySourceError) and source == NONE:
            source = KEYS
        return KeyState(profile, host, source, _state(error), in_use, error)
    return KeyState(profile, host, source, "accepted", in_use)


def _state(error: SostradesError) -> str:
    if isinstance(error, KeyMissing):
        return "absent"
    if isinstance(error, KeyringError):
        return "keyring locked" if isinstance(error, KeyringLocked) else "no keyring"
    if isinstance(error, KeySourceError):
        return "unusable"
    return "rejected" if isinstance(error, AccessError) else "unverified"
