"""Heads of answers: what may come before one is whole, and for how long."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import httpcore
import pytest

from sostrades_cli.api.http.socket_limits import MOST_OF_HEADS, READ_AT_ONCE, watching_sockets

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT_S = 30.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


class Socket(httpcore.NetworkStream):
    """A connection that brings pieces, each after some seconds, and counts them."""

    def __init__(self, pieces: Iterable[bytes], every_s: float) -> None:
        self._pieces = iter(pieces)
        self._every_s = every_s
        self.now_s = 0.0
        self.read_bytes = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bring the next piece."""
        piece = next(self._pieces, b"")
        assert len(piece) <= max_bytes
        self.now_s += self._every_s
        self.read_bytes += len(piece)
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take a request."""

    def close(self) -> None:
        """Close."""

    def get_extra_info(self, info: str) -> Any:
        """Tell nothing."""


class Backend(httpcore.NetworkBackend):
    """A network with one connection."""

    def __init__(self, only: Socket) -> None:
        self._only = only

    def connect_tcp(self, *_: Any, **__: Any) -> Socket:
        """Connect."""
        return self._only


def answered(pieces: Iterable[bytes], every_s: float = 0.0) -> tuple[bytes | Exception, Socket]:
    """Return the body of the last of two answers on a connection, or what was raised."""
    connection = Socket(itertools.chain([ANSWER], pieces), every_s)
    extensions = {"timeout": {"read": LIMIT_S}, "trace": watching_sockets(lambda: connection.now_s)}
    with httpcore.ConnectionPool(network_backend=Backend(connection)) as pool:
        assert pool.request("GET", "http://sos.example/", extensions=extensions).content == b"{}"
        try:
            return pool.request("GET", "http://sos.example/", extensions=extensions).content, connection
        except (httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return error, connection


@pytest.mark.parametrize("at_once", [1, 1000])
def test_interim_answers_without_end_are_no_answer(at_once: int) -> None:
    """After 256 kB of them nothing more is read."""
    found, connection = answered(itertools.repeat(INTERIM * at_once, 4 * MOST_OF_HEADS // len(INTERIM)))
    assert isinstance(found, httpcore.RemoteProtocolError)
    assert "before an answer" in str(found)
    assert connection.read_bytes < MOST_OF_HEADS + 2 * at_once * len(INTERIM)


def test_interim_answers_do_not_make_time() -> None:
    """Those that come fast enough to be no trickle end in three read time limits, too."""
    found, connection = answered(itertools.repeat(INTERIM * 30), every_s=7.0)
    assert isinstance(found, httpcore.ReadTimeout)
    assert connection.now_s <= 3 * LIMIT_S


@pytest.mark.parametrize("before", [b"", INTERIM, INTERIM * 3])
@pytest.mark.parametrize("size", [1, 4, 7, 1000])
def test_an_answer_passes_however_it_is_cut(before: bytes, size: int) -> None:
    """Interim answers before it, and any pieces, are as good as one piece."""
    whole = before + ANSWER
    assert answered(whole[at : at + size] for at in range(0, len(whole), size))[0] == b"{}"


def test_a_large_body_behind_a_head_is_no_long_head() -> None:
    """What came with the head in one piece counts for nothing."""
    body = b"x" * (READ_AT_ONCE - 100)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) * 3)
    assert answered([head + body, body, body], every_s=LIMIT_S * 0.9)[0] == body * 3


@pytest.mark.parametrize(
    "banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x03\x00\x02\x02F", b"220 mail", b"H", b"HTTX/1.1"]
)
def test_what_does_not_begin_like_http_is_refused_at_once(banner: bytes) -> None:
    """A banner is not waited on for a line that never comes; a beginning that may become HTTP is."""
    found, connection = answered([banner, *[b"x"] * 3])
    assert isinstance(found, httpcore.RemoteProtocolError)
    assert connection.read_bytes - len(ANSWER) == (len(banner) if banner != b"H" else 2)
    assert "it begins with" in str(found)
