"""Authentication: the three forms of a key in the Authorization header, and all refusals."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from server_stub.errors import ApiError

_SCHEME = "Bearer "
_KEY = re.compile(r"[0-9a-fA-F]{32}")
_MISSING = "Missing Authorization header"


@dataclass(frozen=True)
class User:
    """A person with access."""

    name: str
    email: str


@dataclass(frozen=True)
class ApiKey:
    """A key of a user, or of a group with its members."""

    owner: User
    group: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Caller:
    """The user whose rights a request has, and whether it came with a group key."""

    user: User
    group: str | None


def identify(header: str | None, keys: Mapping[str, ApiKey], users: Mapping[str, User]) -> Caller:
    """Return the caller for an Authorization header, or refuse like the server."""
    key_text, email = _read_token(_token(header))
    key = keys.get(key_text)
    if key is None:
        raise ApiError(401, "Invalid api-key")
    if email is not None:
        _check_email(key, email, users)
    return Caller(key.owner, key.group)


def _token(header: str | None) -> str:
    # Some clients remove the blank before an empty token.
    if header == _SCHEME.strip():
        return ""
    if header is None or not header.startswith(_SCHEME):
        raise ApiError(401, _MISSING)
    return header.removeprefix(_SCHEME)


def _read_token(token: str) -> tuple[str, str | None]:
    # 32 hex digits are also valid base64, and the server takes them for the key itself.
    if _KEY.fullmatch(token):
        return token, None
    try:
        text = base64.b64decode(token, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise ApiError(401, "Invalid API key format") from error
    key, *rest = text.split(":")
    if len(rest) > 1:
        raise ApiError(401, "Invalid Authorization header format")
    return key, rest[0] if rest else None


def _check_email(key: ApiKey, email: str, users: Mapping[str, User]) -> None:
    if key.group is None:
        if email != key.owner.email:
            raise ApiError(403, "User identifier does not match API key owner")
    elif email not in users:
        raise ApiError(403, "User not found")
    elif email not in key.members:
        raise ApiError(403, "User unauthorized")
