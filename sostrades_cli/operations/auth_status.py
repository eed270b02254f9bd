"""State of the API key of each profile: its source, and the server's answer to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.errors import AccessError, KeyMissing, KeyringError, KeyringLocked, SostradesError
from sostrades_cli.local import credentials
from sostrades_cli.local.config_file import read_config
from sostrades_cli.local.server_address import checked_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.client import Api
    from sostrades_cli.local.config_file import Folders
    from sostrades_cli.local.credentials import KeyStore
    from sostrades_cli.local.settings import Settings


@dataclass(frozen=True, slots=True)
class KeyState:
    """The key of one profile. ``state`` is accepted, rejected, unverified, keyring locked, no keyring or absent."""

    profile: str
    host: str
    source: str
    state: str
    in_use: bool
    error: SostradesError | None = None


def key_states(
    settings: Settings, folders: Folders, keyring: KeyStore, connect: Callable[[str, tuple[str, ...]], Api]
) -> list[KeyState]:
    """Check the key of the profile in use, then the keys of all other profiles."""
    hosts = {settings.profile: settings.require_host()}
    profiles = read_config(folders).get("profiles", {})
    for name, table in profiles.items() if isinstance(profiles, dict) else ():
        host = table.get("host") if isinstance(table, dict) else None
        # The config file is edited by hand, so its tables may have any shape.
        if name not in hosts and isinstance(host, str):
            hosts[name] = checked_host(host, allow_http=True)
    return [
        # SOSTRADES_API_KEY applies to the profile in use only.
        _check_profile(profile, host, settings.api_key if profile == settings.profile else None, keyring, connect)
        if profile == settings.profile
        else _check_profile(profile, host, None, keyring, connect, in_use=False)
        for profile, host in hosts.items()
    ]


def _check_profile(
    profile: str,
    host: str,
    api_key: str | None,
    keyring: KeyStore,
    connect: Callable[[str, tuple[str, ...]], Api],
    *,
    in_use: bool = True,
) -> KeyState:
    # The default for an error before a source is known.
    source = "none"
    try:
        credential = credentials.find(credentials.KeyringEntry(profile, host), api_key, keyring)
        source = credential.source
        connect(host, credential.forms()).calculations.check_key()
    except SostradesError as error:
        # A bad key is a result of this check, so the other profiles follow.
        return KeyState(profile, host, source, _state(error), in_use, error)
    return KeyState(profile, host, source, "accepted", in_use)


def _state(error: SostradesError) -> str:
    if isinstance(error, KeyMissing):
        return "absent"
    if isinstance(error, KeyringError):
        return "keyring locked" if isinstance(error, KeyringLocked) else "no keyring"
    return "rejected" if isinstance(error, AccessError) else "unverified"
