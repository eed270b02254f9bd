"""Reads of the network in slices: on Windows, Ctrl-C does not interrupt a socket that waits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import httpcore

from sostrades_cli.system import WINDOWS, in_slices

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    import httpx


class SlicedStream(httpcore.NetworkStream):
    """A connection that reads in slices of its time limit."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has arrived.

        Raises
        ------
        httpcore.ReadTimeout
            Nothing arrived within ``timeout`` seconds.

        """
        for slice_s in in_slices(timeout):
            # A read that timed out has consumed nothing, also under TLS.
            with contextlib.suppress(httpcore.ReadTimeout):
                return self._stream.read(max_bytes, slice_s)
        raise httpcore.ReadTimeout("timed out")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write bytes."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Start TLS."""
        return SlicedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)


class SlicedBackend(httpcore.SyncBackend):
    """The network, with reads in slices."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a server."""
        return SlicedStream(super().connect_tcp(host, port, timeout, local_address, socket_options))


def interruptible(transport: httpx.HTTPTransport, *, windows: bool = WINDOWS) -> httpx.HTTPTransport:
    """Return a transport whose reads Ctrl-C can interrupt on every system."""
    if windows:
        # httpx has no public way to choose the network of httpcore.
        transport._pool._network_backend = SlicedBackend()  # noqa: SLF001
    return transport
