"""The key: the keyring, where the key comes from, and whether the server accepts it."""

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
    """Look at the keyring and for a key; the keyring may be missing where the environment has the key."""
    checks = [_keyring(entry, api_key, keyring)]
    try:
        found = credentials.find(entry, api_key, keyring)
    except KeyringError:
        return checks, None  # told already
    except SostradesError as error:
        return [*checks, failed("key", error)], None
    return [*checks, ok("key", f"from {found.source}")], found


def _keyring(entry: KeyringEntry, api_key: str | None, keyring: KeyStore) -> Check:
    try:
        stored = credentials.stored(entry, api_key, keyring)
    except KeyringError as error:
        if not api_key:
            return failed("keyring", error)
        return warning("keyring", error.message, "nothing to do while SOSTRADES_API_KEY is set")
    return ok("keyring", "holds this profile's key" if stored else "works; no key of this profile is in it")


def accepted(api: Api) -> Iterator[Check]:
    """Ask whether the server accepts the key, and in which form."""
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
        return "as it is (5.3.3 and later)"
    # 32 hexadecimal digits are base64 of something, too, but of no text.
    if not decoded.isprintable():
        return "as it is (5.3.3 and later)"
    return "as base64 with an e-mail" if ":" in decoded else "as base64 (every version)"
