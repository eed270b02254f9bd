"""The proxy for a server, from the environment."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sostrades_cli.local.server_address import is_loopback

PORTS: Final = {"http": 80, "https": 443}
# A name or an address, and a port. An IPv6 address has a port only after brackets.
_WITH_PORT: Final = r"(\[[^\]]*\]|[^:]*):(\d+)"


def proxy_url(host: str) -> str | None:
    """Return the proxy for an address, from the environment or the system's settings."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(host)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    name = parts.hostname or ""
    # A proxy in front of this machine itself has no use and could read the key.
    if not proxy or is_loopback(name):
        return None
    entries = proxies.get("no", "")
    # Without NO_PROXY, the exceptions are those of the system's settings.
    if is_excluded(parts, entries) if entries else proxy_bypass(name):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def proxy_for(host: str) -> str | None:
    """Return the proxy for an address, without its user and password."""
    proxy = proxy_url(host)
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        port = parts.port
    except ValueError:
        return "a proxy with an invalid address"
    return f"{parts.scheme}://{parts.hostname}{f':{port}' if port else ''}"


def require_library(proxy: str) -> None:
    """Refuse a SOCKS proxy if its library is not installed.

    Raises
    ------
    ExtraMissing
        The library is missing; the hint is the command that installs it.

    """
    if proxy.lower().startswith("socks"):
        from sostrades_cli.optional_deps import require

        require("socksio", extra="socks", purpose="a SOCKS proxy")


def is_excluded(address: SplitResult, entries: str) -> bool:
    """Return whether NO_PROXY excludes an address; entries are read as by curl and Go.

    An entry is a name (with its subdomains), an address, a network such as ``10.0.0.0/8``, or a name with wildcards.
    Each may have a port. Any other entry is ignored.
    """
    name = (address.hostname or "").rstrip(".")
    port = address.port or PORTS.get(address.scheme)
    return any(_matches(entry, name, port) for entry in re.split(r"[,\s]+", entries.lower()) if entry)


def _matches(entry: str, name: str, port: int | None) -> bool:
    # Some people write an address with its scheme.
    entry = entry.rpartition("://")[2]
    match = re.fullmatch(_WITH_PORT, entry)
    if match and int(match[2]) != port:
        return False
    # An IPv6 address may have brackets.
    pattern = (match[1] if match else entry).translate({ord("["): None, ord("]"): None}).rstrip("./")
    if "*" in pattern:
        return fnmatch.fnmatchcase(name, pattern)
    try:
        # Not strict, so that 10.1.2.3/8 means 10.0.0.0/8.
        return ipaddress.ip_address(name) in ipaddress.ip_network(pattern, strict=False)
    except ValueError:  # a name, not an address
        # `.corp.example` and `corp.example` mean the same, subdomains included.
        domain = pattern.removeprefix(".")
        return bool(domain) and f".{name}".endswith(f".{domain}")
