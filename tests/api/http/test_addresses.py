"""Test a name with several addresses, of which the first does not answer, on real sockets."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme

from sostrades_cli.api.http.addresses import SLOW_CONNECT_S, AddressKeeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "twofold.example"
SILENT_S = 0.7
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def whole_request(connection: socket.socket) -> bytes:
    """Return a request with its body, which is one letter for a POST."""
    request = b""
    while not request.endswith(b"\r\n\r\nx" if request.startswith(b"POST") else b"\r\n\r\n"):
        request += connection.recv(65536)
    return request


@pytest.fixture
def heads() -> list[bytes]:
    """Return what the server receives."""
    return []


@pytest.fixture
def authority() -> trustme.CA:
    """Return an authority of this test."""
    return trustme.CA()


@pytest.fixture
def tls_context(request: pytest.FixtureRequest, authority: trustme.CA) -> ssl.SSLContext | None:
    """Return the TLS context of the server, or ``None`` for plain http."""
    if getattr(request, "param", "http") == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    return context


@pytest.fixture
def port(heads: list[bytes], tls_context: ssl.SSLContext | None) -> Iterator[int]:
    """Serve at 127.0.0.2, while nothing answers at the same port of 127.0.0.1."""
    with contextlib.ExitStack() as opened:
        server, silent = (opened.enter_context(socket.socket()) for _ in range(2))
        server.bind(("127.0.0.2", 0))
        server.listen()
        silent.bind(("127.0.0.1", server.getsockname()[1]))
        silent.listen(0)
        for _ in range(4):  # fill its queue: the system drops what comes after
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's own
            waiting.connect_ex(silent.getsockname())

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    plain, _ = server.accept()
                    with tls_context.wrap_socket(plain, server_side=True) if tls_context else plain as connection:
                        heads.append(whole_request(connection))
                        connection.sendall(ANSWER)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the name two addresses, the silent one first. Return the resolved names."""
    asked: list[str] = []
    real: Callable[..., list[Any]] = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> list[Any]:
        asked.append(host)
        addresses = ("127.0.0.1", "127.0.0.2") if host == NAME else (host,)
        return list(itertools.chain.from_iterable(real(address, *rest, **more) for address in addresses))

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


class Clock:
    """A clock that advances only while a connection to the silent address waits."""

    def __init__(self, resolved: list[str]) -> None:
        self._resolved = resolved

    def __call__(self) -> float:
        """Return the duration of the name lookups."""
        return self._resolved.count(NAME) * SILENT_S


def client_of(resolved: list[str], authority: trustme.CA | None = None) -> httpx.Client:
    """Return a client that keeps addresses and waits a tenth of a second for a connection, or longer for TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority is not None:
        authority.configure_trust(context)
    transport = AddressKeeper(httpx.HTTPTransport(context), Clock(resolved))
    return httpx.Client(
        transport=transport, timeout=httpx.Timeout(60.0, connect=0.1 if authority is None else 1.0), trust_env=False
    )


@pytest.mark.parametrize("tls_context", [pytest.param("http", marks=pytest.mark.slow), "https"], indirect=True)
def test_answering_address_is_kept(
    port: int, resolved: list[str], heads: list[bytes], tls_context: ssl.SSLContext | None, authority: trustme.CA
) -> None:
    """The silent one costs time once. Host header and certificate still have the name."""
    assert SILENT_S > SLOW_CONNECT_S
    url = f"{'https' if tls_context else 'http'}://{NAME}:{port}"
    with client_of(resolved, authority) as client:
        answers = [client.post(f"{url}/{number}", content=b"x") for number in range(4)]
    assert [answer.text for answer in answers] == ["ok"] * 4
    assert [answer.url.host for answer in answers] == [NAME] * 4
    assert resolved.count(NAME) == 1
    assert all(f"host: {NAME}:{port}".encode() in head.lower() for head in heads)


def test_kept_address_that_stops_answering_is_dropped(port: int, resolved: list[str]) -> None:
    with client_of(resolved) as client:
        client.get(f"http://{NAME}:{port}/")
        keeper = client._transport
        assert isinstance(keeper, AddressKeeper)
        keeper._address = "127.0.0.3"  # nothing listens there
        assert client.get(f"http://{NAME}:{port}/").text == "ok"
    assert resolved.count(NAME) == 2


def test_address_of_a_fast_connection_is_not_cached(port: int, resolved: list[str]) -> None:
    """Its connection can be reused, but one to the address would be a new one."""
    with client_of(resolved) as client:
        client.get(f"http://127.0.0.2:{port}/")
        assert isinstance(client._transport, AddressKeeper)
        assert client._transport._address is None
