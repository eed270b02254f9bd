"""The proxy between this machine and a server, as the environment names it."""

from __future__ import annotations

from urllib.parse import urlsplit

from sostrades_cli.settings import is_loopback


def proxy_for(host: str) -> str | None:
    """Return the proxy that requests to an address go through, without its user and password."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - start-up

    parts = urlsplit(host)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    name = parts.hostname or ""
    if proxy is None or is_loopback(name) or proxy_bypass(name):
        return None
    try:
        at = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = at.port
    except ValueError:
        return "a proxy whose address cannot be read"
    return f"{at.scheme}://{at.hostname}{f':{port}' if port else ''}"
