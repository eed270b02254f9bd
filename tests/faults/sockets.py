"""Serve the same network over real sockets: a server that reads requests byte by byte, and misbehaves on the wire."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx
from conftest import HOST

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from faults.network import Faulty

# The client's own limit in these tests, in seconds; the server is silent for longer.
LIMIT_S: Final = 0.1
# What the stub behind it takes for the limit: its own time passes by leaps.
PATIENT_S: Final = 300.0
# No HTTP; the blank line ends what h11 takes for a head.
BANNER: Final = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
_RESET: Final = struct.pack("ii", 1, 0)
_OWN: Final = frozenset({"content-length", "transfer-encoding", "connection"})


@dataclass
class Wire:
    """A server on the loopback interface in front of a ``Faulty`` network."""

    network: Faulty
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        scheme, name = ("https", "localhost") if self.context else ("http", "127.0.0.1")
        self.url = f"{scheme}://{name}:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening: new connections are refused."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whatever the client does, such as going away, is its own affair.
        with contextlib.suppress(OSError, EOFError), connection:
            connection.settimeout(20.0)
            plain = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            with plain:
                while self._exchange(plain):
                    pass

    def _exchange(self, connection: socket.socket) -> bool:
        """Answer one request, and return whether the connection is still usable."""
        request = _read(connection)
        try:
            response = self.network.handle_request(request)
        except httpx.ReadTimeout:
            connection.recv(1)  # until the client gives up
            return False
        except httpx.TransportError as error:
            if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
                connection.sendall(BANNER)
                return False
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        return self._answer(connection, request, response)

    def _answer(self, connection: socket.socket, request: httpx.Request, response: httpx.Response) -> bool:
        lines = [f"HTTP/1.1 {response.status_code} Whatever"]
        lines += [f"{k}: {v.replace(HOST, self.url)}" for k, v in response.headers.items() if k.lower() not in _OWN]
        stream = response.stream
        if isinstance(stream, httpx.ByteStream):
            body = b"".join(stream)
            length = response.headers.get("content-length", str(len(body)))
            connection.sendall("\r\n".join([*lines, f"content-length: {length}", "", ""]).encode())
            connection.sendall(b"" if request.method == "HEAD" else body)
            return True
        promised = response.headers.get("content-length")
        lines.append(f"content-length: {int(promised) + 7}" if promised else "connection: close")
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        with contextlib.suppress(httpx.RemoteProtocolError):
            for piece in stream:  # type: ignore[union-attr] # the kinds make no async ones
                connection.sendall(piece)
        return False


def _read(connection: socket.socket) -> httpx.Request:
    """Read a request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = [(name, text.strip()) for name, _, text in (line.partition(":") for line in lines)]
    length = int({name.lower(): text for name, text in headers}.get("content-length", "0"))
    while len(body) < length:
        body += _some(connection)
    return httpx.Request(
        method, f"{HOST}{path}", headers=headers, content=body, extensions={"timeout": {"read": PATIENT_S}}
    )


def _some(connection: socket.socket) -> bytes:
    result = connection.recv(65536)
    if not result:
        raise EOFError
    return result


@contextlib.contextmanager
def served(network: Faulty, context: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Serve a network until the block ends."""
    wire = Wire(network, context)
    try:
        yield wire
    finally:
        wire.close()
