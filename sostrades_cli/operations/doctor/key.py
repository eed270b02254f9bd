"""The API key: keyring, source of the key, and its acceptance by the server."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sostrades_cli.errors import KeyringError, SostradesError
from sostrades_cli.local import credentials
from sostrades_cli.operations.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.client import Api
    from sostrades_cli.local.credentials import Credential, KeyringEntry, KeyStore


def look_for(entry: KeyringEntry, api_key: str | None, keyring: KeyStore) -> tuple[list[Check], Credential | None]:
    """Check the keyring and search for a key. The keyring may be missing if the environment has the key."""
    # Check the keyring even if it is not used, because `auth login` needs it.
    checks = [_keyring(entry, api_key, keyring)]
    try:
        credential = credentials.find(entry, api_key, keyring)
    except KeyringError:
        return checks, None  # the keyring check reports it already
    except SostradesError as error:
        return [*checks, failed("key", error)], None
    return [*checks, ok("key", f"from {credential.source}")], credential


def _keyring(entry: KeyringEntry, api_key: str | None, keyring: KeyStore) -> Check:
    try:
        stored = credentials.stored(entry, api_key, keyring)
    except KeyringError as error:
        if not api_key:
            return failed("keyring", error)
        # Common in containers, where the key comes from the environment.
        return warning("keyring", error.message, "no action needed while SOSTRADES_API_KEY is set")
    return ok("keyring", "has the key of this profile" if stored else "works, but has no key of this profile")


def accepted(api: Api) -> Iterator[Check]:
    """Check whether the server accepts the key, and in which form."""
    try:
        api.calculations.check_key()
    except SostradesError as error:
        yield failed("key accepted", error)
        return
    yield ok("key accepted", _form(api.session.accepted_form or ""))


def _form(token: str) -> str:
    try:
        decoded = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return "sent unchanged (versions 5.3.3 and later)"
    # A plain key of 32 hexadecimal digits is valid base64, too, but does not decode to text.
    if not decoded.isprintable():
        return "sent unchanged (versions 5.3.3 and later)"
    return "sent as base64 with an e-mail address" if ":" in decoded else "sent as base64 (all versions)"
