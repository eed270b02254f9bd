"""The address of a server: its canonical form, and checks of host names."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from sostrades_cli.errors import InvalidSetting

API_SUFFIX: Final = "/api/v0"
_SCHEMES: Final = frozenset({"http", "https"})
# The patterns of hints are not compiled at import, because nearly every address is valid.
# Everything before the host: one or more schemes, and slashes.
_BEFORE_NAME: Final = r"(?:[A-Za-z][A-Za-z0-9+.-]*://|https?:|/)*"
# Characters that a host name cannot have. Letters beyond ASCII are allowed.
_NOT_IN_NAMES: Final = re.compile(r"[\s\"'<>\\^`{|}]")
_NO_PATH: Final = r"[\s\"'<>\\^`{|}?#]"
# Hints only suggest plain host names, perhaps with a port.
_NAME: Final = r"[^\W_](?:[\w.-]*[^\W_])?"
_PORT: Final = r":(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3})$"
LONGEST_HOST_NAME: Final = 253
LONGEST_LABEL: Final = 63
_FOUR_NUMBERS: Final = re.compile(r"\d+(?:\.\d+){3}")
_ENCODED: Final = "xn--"


def checked_host(text: str, *, allow_http: bool) -> str:
    """Return the canonical form of a server address: scheme, host, port and path, no final slash.

    Raises
    ------
    InvalidSetting
        The text is not an http(s) address, contains a password or a query, or would send the key unencrypted.

    """
    # Errors must not repeat a password.
    shown = text if "@" not in text else text.rsplit("@", 1)[1]
    try:
        parts = urlsplit(text.strip())
        name, port = parts.hostname, parts.port
        if name:
            require_usable(name)
    except ValueError as error:  # includes the errors of idna
        raise InvalidSetting(f"invalid server address {shown!r:.300} ({error})", hint=_meant(shown)) from error
    other_brackets = "[" in parts.netloc and ":" not in (name or "")  # RFC 3986 reserves them for future versions of IP
    if parts.scheme not in _SCHEMES or not name or name in _SCHEMES or other_brackets:
        raise InvalidSetting(f"invalid server address {shown!r}", hint=_meant(shown))
    if _NOT_IN_NAMES.search(parts.netloc):
        raise InvalidSetting(f"invalid server address {shown!r}", hint=_meant(shown))
    if parts.username is not None or parts.password is not None:
        example = _meant(f"{parts.scheme}://{shown}").rpartition(" ")[2]
        raise InvalidSetting("a server address must not contain a user or a password", hint=f"remove them: {example}")
    if parts.query or parts.fragment:
        raise InvalidSetting(
            f"a server address has no ? and no #: {shown!r}", hint="remove everything from the ? or # on"
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(name):
        raise InvalidSetting(
            f"{shown} would send the key unencrypted",
            hint="use https://, or add --allow-http if you trust the network",
        )
    host = f"[{name}]" if ":" in name else name
    netloc = host if port is None else f"{host}:{port}"
    path = parts.path.rstrip("/").removesuffix(API_SUFFIX).rstrip("/")
    return urlunsplit((parts.scheme, netloc, path, "", ""))


def _meant(text: str) -> str:
    """Return a hint with a suggested address, or with an example."""
    rest = re.sub(_BEFORE_NAME, "", text.strip(), count=1)
    name = rest.partition("/")[0]
    host = name.rpartition(":")[0] if re.search(_PORT, name) else name
    if not re.fullmatch(_NAME, host) or host.lower() in _SCHEMES or re.search(_NO_PATH, rest) or not is_usable(host):
        return "give an address such as https://corp.example"
    scheme = "http" if is_loopback(host) and not text.lower().startswith("https:") else "https"
    return f"{'correct it, perhaps to' if ':/' in text else 'add the scheme:'} {scheme}://{rest}"


def require_usable(name: str) -> None:
    """Raise an error for a name that no resolver accepts.

    Raises
    ------
    ValueError
        The name has labels of a wrong length, or invalid characters.

    """
    if ":" in name or _FOUR_NUMBERS.fullmatch(name):
        ipaddress.ip_address(name)
        return
    labels = name.removesuffix(".").split(".")
    if not all(labels):
        raise ValueError("a part between two dots is empty")
    if len(name) > LONGEST_HOST_NAME or max(map(len, labels)) > LONGEST_LABEL:
        raise ValueError(f"a name has at most {LONGEST_HOST_NAME} characters, and {LONGEST_LABEL} between two dots")
    if not name.isascii() or name.startswith(_ENCODED):
        import idna

        idna.encode(name)


def is_usable(name: str) -> bool:
    """Return whether a name can be resolved."""
    try:
        require_usable(name)
    except ValueError:
        return False
    return True


def is_loopback(hostname: str) -> bool:
    """Return whether a host name means this machine."""
    if hostname == "localhost" or hostname.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
