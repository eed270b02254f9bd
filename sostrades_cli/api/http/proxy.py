"""The proxy between this machine and a server, as the environment names it."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sostrades_cli.local.server_address import is_loopback

PORTS: Final = {"http": 80, "https": 443}
# A name or an address, and a port; an address of IPv6 has one only behind its brackets.
_WITH_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:]*):(\d+)")


def proxy_url(host: str) -> str | None:
    """Return the proxy that requests to an address go through, as the environment or the system says."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - start-up

    parts = urlsplit(host)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    name = parts.hostname or ""
    # A proxy on the way to this machine itself would only be another reader of the key.
    if not proxy or is_loopback(name):
        return None
    entries = proxies.get("no", "")
    if is_excluded(parts, entries) if entries else proxy_bypass(name):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def proxy_for(host: str) -> str | None:
    """Return the proxy that requests to an address go through, without its user and password."""
    proxy = proxy_url(host)
    if proxy is None:
        return None
    try:
        at = urlsplit(proxy)
        port = at.port
    except ValueError:
        return "a proxy whose address cannot be read"
    return f"{at.scheme}://{at.hostname}{f':{port}' if port else ''}"


def is_excluded(address: SplitResult, entries: str) -> bool:
    """Return whether NO_PROXY excludes an address, as curl and Go read its entries.

    An entry is a name, which stands for all names below it as well, an address, a network such as ``10.0.0.0/8``, or a
    name with wildcards; each may have a port. An entry that is none of these excludes nothing.
    """
    name = (address.hostname or "").rstrip(".")
    port = address.port or PORTS.get(address.scheme)
    return any(_matches(entry, name, port) for entry in re.split(r"[,\s]+", entries.lower()) if entry)


def _matches(entry: str, name: str, port: int | None) -> bool:
    entry = entry.rpartition("://")[2]
    found = _WITH_PORT.fullmatch(entry)
    if found and int(found[2]) != port:
        return False
    pattern = (found[1] if found else entry).translate({ord("["): None, ord("]"): None}).rstrip("./")
    if "*" in pattern:
        return fnmatch.fnmatchcase(name, pattern)
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(pattern, strict=False)
    except ValueError:  # one of them is a name
        domain = pattern.removeprefix(".")
        return bool(domain) and f".{name}".endswith(f".{domain}")
