"""Parts of a log: what was asked for by Range is what must come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import WorldClock

from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.studies import ENDS, LogPart, range_start
from sostrades_cli.errors import UnusableAnswer

if TYPE_CHECKING:
    from conftest import User


def log_from(user: User, offset: int, status: int, content_range: str | None) -> LogPart:
    """Ask for a log from a byte on, and get this answer."""
    headers = {"content-type": "text/plain"} | ({"content-range": content_range} if content_range else {})
    network = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, content=b"line\n"))
    clock = WorldClock(user.world.clock)  # type: ignore[arg-type]
    connection = Connection("https://corp.example", transport=network)
    return Api(Session(connection, clock, lambda _: None)).studies.log_from(21, offset)


def test_a_part_begins_where_it_was_asked_to(user: User) -> None:
    """A part from that byte on is one; the whole log, which a server may send instead, begins at 0."""
    assert log_from(user, 7, 206, "bytes 7-11/12") == LogPart(None, 12, 7, b"line\n")
    assert log_from(user, 7, 200, None) == LogPart(None, 5, 0, b"line\n")


@pytest.mark.parametrize("content_range", ["bytes 0-4/12", "bytes 70-74/90", "bytes */12", "lines 7-11/12", None])
def test_another_part_than_was_asked_for_is_no_answer(user: User, content_range: str | None) -> None:
    """What begins elsewhere, or does not say where, would be printed in the wrong place."""
    with pytest.raises(UnusableAnswer, match="206"):
        log_from(user, 7, 206, content_range)


def test_a_part_where_all_was_asked_for_is_no_answer(user: User) -> None:
    """Without a Range there is no part."""
    with pytest.raises(UnusableAnswer, match="206"):
        log_from(user, 0, 206, "bytes 0-4/12")


@pytest.mark.parametrize(("header", "start"), [("bytes 17-20/21", 17), ("bytes 17-20/*", 17), ("bytes=1-2", None)])
def test_where_a_part_begins(header: str, start: int | None) -> None:
    """Content-Range names the first byte."""
    assert range_start(header) == start


def log_ends(user: User, log: bytes, *, ranges: bool) -> tuple[list[LogPart], int]:
    """Read the end of a log, then longer ends; return them and how many bytes of bodies were sent."""
    sent = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        headers = {"content-type": "application/octet-stream", "content-disposition": "inline; filename=sc21-sce1.log"}
        if request.method == "HEAD":
            return httpx.Response(200, headers={**headers, "content-length": str(len(log))})
        span = request.headers.get("range")
        if span is None or not ranges:
            sent += len(log)
            return httpx.Response(200, headers=headers, content=log)
        first, last = (int(end) for end in span.removeprefix("bytes=").split("-"))
        part = log[first : last + 1]
        sent += len(part)
        return httpx.Response(
            206, headers={**headers, "content-range": f"bytes {first}-{last}/{len(log)}"}, content=part
        )

    clock = WorldClock(user.world.clock)  # type: ignore[arg-type]
    connection = Connection("https://corp.example", transport=httpx.MockTransport(answer))
    return list(Api(Session(connection, clock, lambda _: None)).studies.log_ends(21)), sent


@pytest.mark.parametrize("size", [1, ENDS[0], ENDS[0] + 1, ENDS[0] + ENDS[1], sum(ENDS) + 1])
def test_longer_ends_of_a_log_are_read_without_reading_a_byte_twice(user: User, size: int) -> None:
    """Each end is the one before with more in front of it; the last one is whole, or as long as is ever read."""
    log = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    ends, sent = log_ends(user, log, ranges=True)
    assert all(end.content == log[end.start :] for end in ends)
    assert len(ends[-1].content) == sent == min(size, sum(ENDS))
    assert [len(end.content) for end in ends] == sorted({min(size, sum(ENDS[: n + 1])) for n in range(len(ends))})


def test_a_server_that_ignores_the_range_sends_the_whole_log_once(user: User) -> None:
    """Its answer is the whole log, which is the last end."""
    log = b"line\n" * ENDS[0]
    ends, sent = log_ends(user, log, ranges=False)
    assert [(end.start, end.content) for end in ends] == [(0, log)]
    assert sent == len(log)


def test_an_empty_log_has_one_end(user: User) -> None:
    """There is nothing to read back for."""
    ends, _ = log_ends(user, b"", ranges=True)
    assert [end.content for end in ends] == [b""]
