"""Connections to servers with several addresses, some of which do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A slower connection probably tried another address first.
SLOW_CONNECT_S: Final = 0.5


class AddressKeeper(httpx.BaseTransport):
    """A transport that reuses the address that answered after another address failed.

    Without it each new connection tries the addresses of the name in order, and waits for the silent ones.
    """

    def __init__(self, transport: httpx.BaseTransport, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._monotonic = monotonic
        self._address: str | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the kept address, or by name if there is none or it no longer answers."""
        address = self._address
        if address is not None:
            # TLS must still check the certificate against the name; the Host header already has it.
            extensions = {**request.extensions, "sni_hostname": request.url.host}
            url = request.url.copy_with(host=address)
            direct = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
            direct.extensions = extensions
            try:
                return self._transport.handle_request(direct)
            except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent, so a second attempt is safe
                self._address = None
        request.extensions = {**request.extensions, "trace": self._trace()}
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _trace(self) -> Callable[[str, Mapping[str, Any]], None]:
        """Return a trace function for httpx that keeps the address of a slow connection."""
        started = self._monotonic()

        def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal started
            if event == "connection.connect_tcp.started":
                started = self._monotonic()
            elif event == "connection.connect_tcp.complete" and self._monotonic() - started > SLOW_CONNECT_S:
                self._keep(info["return_value"].get_extra_info("server_addr"))

        return trace

    def _keep(self, address: tuple[Any, ...] | None) -> None:
        # A URL cannot contain an IPv6 address with a zone.
        if address and "%" not in str(address[0]):
            self._address = str(address[0])
