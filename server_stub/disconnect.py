"""Detection of a client that closes its connection."""

import select
import socket
import time
from collections.abc import Mapping

_STEP_SECONDS = 0.05


def await_disconnect(environ: Mapping[str, object], limit: float) -> bool:
    """Hold a request until its client disconnects, for at most ``limit`` seconds. Without a socket, return at once."""
    connection = environ.get("werkzeug.socket")
    end = time.monotonic() + limit
    while isinstance(connection, socket.socket) and time.monotonic() < end:
        readable, _, _ = select.select([connection], [], [], _STEP_SECONDS)
        if readable and not _peek(connection):
            return True
        # The client has sent more data, so `select` would return at once.
        if readable:
            time.sleep(_STEP_SECONDS)
    return False


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return b""
