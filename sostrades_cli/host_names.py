"""Names of machines: which of them can be looked up at all."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

LONGEST_NAME: Final = 253
LONGEST_LABEL: Final = 63
_FOUR_NUMBERS: Final = re.compile(r"\d+(?:\.\d+){3}")
_ENCODED: Final = "xn--"


def require_usable(name: str) -> None:
    """Refuse a name that no resolver takes, so that it is not looked up.

    Raises
    ------
    ValueError
        It is not an address, and has labels of a wrong length or letters that names cannot have.

    """
    if ":" in name or _FOUR_NUMBERS.fullmatch(name):
        ipaddress.ip_address(name)
        return
    labels = name.removesuffix(".").split(".")
    if not all(labels):
        raise ValueError("nothing stands before or between two of its dots")
    if len(name) > LONGEST_NAME or max(map(len, labels)) > LONGEST_LABEL:
        raise ValueError(f"a name has {LONGEST_NAME} characters at most, {LONGEST_LABEL} between two dots")
    if not name.isascii() or name.startswith(_ENCODED):
        import idna  # noqa: PLC0415 - start-up: most names are plain ASCII

        idna.encode(name)


def is_usable(name: str) -> bool:
    """Return whether a name can be looked up."""
    try:
        require_usable(name)
    except ValueError:
        return False
    return True


def is_loopback(hostname: str) -> bool:
    """Return whether a host name stands for this machine."""
    if hostname == "localhost" or hostname.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
