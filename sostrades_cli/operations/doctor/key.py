"""Check the API key: the keyring, the source of the key, and its acceptance by the server."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sostrades_cli.errors import KeyringError, SostradesError
from sostrades_cli.operations.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.client import Api
    from sostrades_cli.local.credential import Credential
    from sostrades_cli.local.key_sources import KeySources


def find_key(sources: KeySources) -> tuple[list[Check], Credential | None]:
    """Check the keyring and search for a key. The keyring may be missing if another source has the key."""
    try:
        credential = sources.find()
    except KeyringError as error:
        return [failed("keyring", error)], None
    except SostradesError as error:
        return [_keyring(sources, sources.configured), failed("key", error)], None
    return [_keyring(sources, credential.source), ok("key", f"from {credential.source}")], credential


def _keyring(sources: KeySources, source: str | None) -> Check:
    """Check the keyring even if it is not used, because ``auth login`` needs it."""
    token, error = sources.stored_in_keyring
    if error is None:
        return ok("keyring", "has the key of this profile" if token else "works, but has no key of this profile")
    # Containers usually have no keyring, and get the key from another source.
    advice = f"no action needed while the key comes from {source}" if source else error.hint
    return warning("keyring", error.message, advice)


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
