"""Test partial logs: the answer to a Range request must begin at the requested byte."""

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
    from collections.abc import Iterator

    from conftest import User


def log_from(user: User, offset: int, status: int, content_range: str | None) -> LogPart:
    """Request a log from a byte on, with this answer."""
    headers = {"content-type": "text/plain"} | ({"content-range": content_range} if content_range else {})
    network = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, content=b"line\n"))
    clock = WorldClock(user.world.clock)  # type: ignore[arg-type]
    connection = Connection("https://corp.example", transport=network)
    return Api(Session(connection, clock, lambda _: None)).studies.log_from(21, offset)


def test_part_begins_at_the_requested_byte(user: User) -> None:
    """A server may send the whole log instead."""
    assert log_from(user, 7, 206, "bytes 7-11/12") == LogPart(None, 12, 7, b"line\n")
    assert log_from(user, 7, 200, None) == LogPart(None, 5, 0, b"line\n")


@pytest.mark.parametrize("content_range", ["bytes 0-4/12", "bytes 70-74/90", "bytes */12", "lines 7-11/12", None])
def test_part_at_another_position_is_an_invalid_answer(user: User, content_range: str | None) -> None:
    with pytest.raises(UnusableAnswer, match="206"):
        log_from(user, 7, 206, content_range)


def test_unrequested_part_is_an_invalid_answer(user: User) -> None:
    with pytest.raises(UnusableAnswer, match="206"):
        log_from(user, 0, 206, "bytes 0-4/12")


@pytest.mark.parametrize(("header", "start"), [("bytes 17-20/21", 17), ("bytes 17-20/*", 17), ("bytes=1-2", None)])
def test_start_of_a_part_is_read_from_content_range(header: str, start: int | None) -> None:
    """Content-Range contains the first byte."""
    assert range_start(header) == start


def log_ends(user: User, log: bytes, *, ranges: bool) -> tuple[list[LogPart], int]:
    """Read the end of a log, then longer ends. Return them and the number of transferred bytes."""
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
def test_longer_ends_of_a_log_are_read_without_repeated_bytes(user: User, size: int) -> None:
    log = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    ends, sent = log_ends(user, log, ranges=True)
    assert all(end.content == log[end.start :] for end in ends)
    assert len(ends[-1].content) == sent == min(size, sum(ENDS))
    assert [len(end.content) for end in ends] == sorted({min(size, sum(ENDS[: n + 1])) for n in range(len(ends))})


def test_server_without_ranges_sends_the_log_once(user: User) -> None:
    log = b"line\n" * ENDS[0]
    ends, sent = log_ends(user, log, ranges=False)
    assert [(end.start, end.content) for end in ends] == [(0, log)]
    assert sent == len(log)


@pytest.mark.parametrize("offset", [0, 100])
def test_huge_log_of_a_server_without_ranges_is_read_up_to_the_requested_end(user: User, offset: int) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1_000
            yield b"x" * 1_000

    network = httpx.MockTransport(lambda _: httpx.Response(200, content=pieces()))
    clock = WorldClock(user.world.clock)  # type: ignore[arg-type]
    session = Session(Connection("https://corp.example", transport=network), clock, lambda _: None)
    part = Api(session).studies.log_from(21, offset, end=4_096)
    assert (part.start, part.content) == (0, b"x" * 4_096)
    assert taken < 10_000
    assert part.size > 4_096


def test_empty_log_has_one_end(user: User) -> None:
    ends, _ = log_ends(user, b"", ranges=True)
    assert [end.content for end in ends] == [b""]
