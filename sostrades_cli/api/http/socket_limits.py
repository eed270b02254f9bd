"""The sockets below HTTP: at what pace bytes must come, and what may come before the head of an answer is whole.

The library that speaks HTTP listens to whatever comes: it waits for the end of a line that never comes, and for the
answer behind any number of interim ones.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from sostrades_cli.api.http.body_limits import PaceLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# More than httpcore asks a socket for, in bytes: each piece of an answer costs the same, whatever its size.
READ_AT_ONCE: Final = 512 * 1024
# One head has at most 100 kB, which is httpcore's limit.
MOST_OF_HEADS: Final = 256 * 1024
# For the head of an answer, interim ones before it included, in read time limits.
MOST_LIMITS: Final = 2.0
_START: Final = b"HTTP/"
NO_START: Final = "it begins with"
# Too few for a key that whoever answers repeats.
_SHOWN: Final = 12
_HEAD: Final = ".receive_response_headers."


class Head:
    """What has come of the head of one answer, and of interim answers before it."""

    def __init__(self) -> None:
        self._start = b""
        self._bytes = 0
        self._waited_s = 0.0

    def check(self) -> None:
        """Refuse to read on where so much has come already, and the head is not whole.

        Raises
        ------
        httpcore.RemoteProtocolError
            It has.

        """
        if self._bytes > MOST_OF_HEADS:
            raise httpcore.RemoteProtocolError(f"more than {MOST_OF_HEADS // 1024} kB before an answer")

    def take(self, result: bytes, waited_s: float, limit_s: float) -> None:
        """Take in what has come, and the seconds that were spent waiting for it.

        Raises
        ------
        httpcore.RemoteProtocolError
            It is no beginning of an answer.
        httpcore.ReadTimeout
            It has taken too long.

        """
        self._bytes += len(result)
        self._waited_s += waited_s
        if len(self._start) < len(_START):
            self._start += result[:_SHOWN]
            if not self._start.startswith(_START[: len(self._start)]):
                raise httpcore.RemoteProtocolError(f"{NO_START} {self._start[:_SHOWN].decode('latin-1')!r}")
        if self._waited_s > MOST_LIMITS * limit_s:
            raise httpcore.ReadTimeout("the head of an answer took more than twice the read time limit")


def watching_sockets(monotonic: Callable[[], float]) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what, as httpx's ``trace``, holds new connections to a pace, and heads to their limits."""
    # A thread waits for one head at a time, whatever connection it comes from.
    waiting = threading.local()

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            _watch(info["return_value"], monotonic, waiting)
        elif _HEAD in event:
            waiting.head = Head() if event.endswith(".started") else None

    return trace


def _watch(stream: Any, monotonic: Callable[[], float], waiting: threading.local) -> None:  # noqa: ANN401 - of a class that has no name
    read, write = stream.read, stream.write
    pace: PaceLimit | None = None

    def paced_read(max_bytes: int, timeout: float | None = None) -> bytes:
        nonlocal pace
        head: Head | None = getattr(waiting, "head", None)
        if head is not None:
            head.check()
        since = monotonic()
        found: bytes = read(max(max_bytes, READ_AT_ONCE), timeout)
        if timeout is None or not found:
            return found
        waited_s = monotonic() - since
        if head is not None:
            head.take(found, waited_s, timeout)
        pace = pace or PaceLimit(timeout, monotonic)
        try:
            pace.take(len(found), waited_s)
        except httpx.ReadTimeout as error:
            raise httpcore.ReadTimeout(str(error)) from error
        return found

    def fresh_write(buffer: bytes, timeout: float | None = None) -> None:
        nonlocal pace
        pace = None
        write(buffer, timeout)

    stream.read, stream.write = paced_read, fresh_write
