"""Names of servers with several addresses, some of which do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A slower connection tried another address first, and gave it up.
SLOW_CONNECT_S: Final = 0.5


class AddressKeeper(httpx.BaseTransport):
    """A transport that goes straight to the address that answered, once another one was tried in vain.

    Without it each new connection tries the addresses of the name in their order, and waits for the silent ones.
    """

    def __init__(self, transport: httpx.BaseTransport, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._monotonic = monotonic
        self._address: str | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the kept address; without one, or if it no longer answers, by the name."""
        address = self._address
        if address is not None:
            # The certificate is still checked against the name, which Host has already.
            extensions = {**request.extensions, "sni_hostname": request.url.host}
            url = request.url.copy_with(host=address)
            direct = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
            direct.extensions = extensions
            try:
                return self._transport.handle_request(direct)
            except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent
                self._address = None
        request.extensions = {**request.extensions, "trace": self._trace()}
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _trace(self) -> Callable[[str, Mapping[str, Any]], None]:
        """Return a trace for httpx that keeps the address of a slow connection."""
        started = self._monotonic()

        def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal started
            if event == "connection.connect_tcp.started":
                started = self._monotonic()
            elif event == "connection.connect_tcp.complete" and self._monotonic() - started > SLOW_CONNECT_S:
                self._keep(info["return_value"].get_extra_info("server_addr"))

        return trace

    def _keep(self, address: tuple[Any, ...] | None) -> None:
        # An address with a zone does not fit into a URL.
        if address and "%" not in str(address[0]):
            self._address = str(address[0])
