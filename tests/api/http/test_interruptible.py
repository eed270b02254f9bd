"""Reads in slices, over real sockets and TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import httpcore
import httpx
import pytest
import trustme

from sostrades_cli.api.http.interruptible import SlicedStream, interruptible
from sostrades_cli.system import LONGEST_WAIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
LATE_S = 2.5 * LONGEST_WAIT_S


class Recorder(httpcore.NetworkStream):
    """A connection on which data arrive after some timeouts."""

    def __init__(self, timeouts: int) -> None:
        self.timeouts = timeouts
        self.slices: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Time out, or return data."""
        self.slices.append(timeout)
        if len(self.slices) <= self.timeouts:
            raise httpcore.ReadTimeout("timed out")
        return b"data"


@pytest.mark.parametrize("timeout_s", [60.0, None])
def test_data_after_some_slices_are_returned(timeout_s: float | None) -> None:
    stream = Recorder(timeouts=7)
    assert SlicedStream(stream).read(10, timeout_s) == b"data"
    assert stream.slices == [LONGEST_WAIT_S] * 8


def test_limit_of_a_read_stays() -> None:
    stream = Recorder(timeouts=1000)
    with pytest.raises(httpcore.ReadTimeout):
        SlicedStream(stream).read(10, 1.0)
    assert sum(filter(None, stream.slices)) == pytest.approx(1.0)


@pytest.fixture
def late_server() -> Iterator[Callable[[ssl.SSLContext | None], int]]:
    """Start a server that answers one request after a few slices, with or without TLS."""
    threads: list[threading.Thread] = []

    def start(context: ssl.SSLContext | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with listener, listener.accept()[0] as plain:
                connection = context.wrap_socket(plain, server_side=True) if context else plain
                with connection:
                    connection.recv(65536)
                    time.sleep(LATE_S)
                    # A part of an answer, and of a TLS record, may arrive in another slice.
                    connection.sendall(ANSWER[:20])
                    time.sleep(LATE_S)
                    connection.sendall(ANSWER[20:])

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join(10)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_late_answer_is_read_over_sockets_and_tls(
    late_server: Callable[[ssl.SSLContext | None], int], scheme: str
) -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    port = late_server(server if scheme == "https" else None)
    with httpx.Client(transport=interruptible(httpx.HTTPTransport(client), windows=True), trust_env=False) as session:
        assert session.get(f"{scheme}://localhost:{port}/", timeout=10).text == "done"


def test_other_systems_keep_their_network() -> None:
    with httpx.HTTPTransport() as transport:
        before = transport._pool._network_backend  # type: ignore[attr-defined] # httpx has no public way
        assert interruptible(transport, windows=False)._pool._network_backend is before  # type: ignore[attr-defined]
