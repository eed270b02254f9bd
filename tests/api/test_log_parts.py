"""Parts of a log: what was asked for by Range is what must come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import WorldClock

from sostrades_cli.api.client import Api
from sostrades_cli.api.header_values import range_start
from sostrades_cli.api.session import Session
from sostrades_cli.api.studies import LogPart
from sostrades_cli.api.transport import Connection
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
