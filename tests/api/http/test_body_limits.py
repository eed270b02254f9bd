"""Test bodies: encodings, transfer rates and memory limits."""

from __future__ import annotations

import gzip
import itertools
import zlib
from typing import TYPE_CHECKING

import httpx
import pytest

from sostrades_cli.api.http import body_limits
from sostrades_cli.errors import UnusableAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TEXT = b'{"a": [1, 2, 3]}' * 5000


class Pieces(httpx.SyncByteStream):
    """A body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def read(encoding: str, *pieces: bytes) -> bytes:
    """Return the body of an answer in chunks."""
    response = httpx.Response(200, headers={"content-encoding": encoding}, stream=Pieces(*pieces))
    return b"".join(body_limits.decoded(response, 30.0, lambda: 0.0))


def paced(pieces: Iterable[bytes], clock: Callable[[], float]) -> Iterator[bytes]:
    """Return chunks as a stream with a read timeout of 30 s yields them."""
    return iter(body_limits.PacedStream(Pieces(*pieces), 30.0, clock))


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("utf-8", TEXT),
        ("none", TEXT),
        ("binary, 8bit", TEXT),
        ("gzip, utf-8", gzip.compress(TEXT)),
        ("identity,,gzip,", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT) + bytes(1000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",  # gzip writes the time into its bytes
)
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_compressed_body_is_decoded(encoding: str, packed: bytes, size: int) -> None:
    assert read(encoding, *(packed[at : at + size] for at in range(0, len(packed), size))) == TEXT


@pytest.mark.parametrize(("encoding", "body"), [("gzip", b"no gzip"), ("deflate", b"\xffno")])
def test_body_with_another_encoding_is_a_decoding_error(encoding: str, body: bytes) -> None:
    with pytest.raises(httpx.DecodingError):
        read(encoding, body)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "compress", "x-gzip", "gzip, gzip"])
def test_unrequested_encoding_is_rejected(encoding: str) -> None:
    with pytest.raises(UnusableAnswer):
        read(encoding, gzip.compress(TEXT))


@pytest.mark.slow
def test_bomb_is_rejected_and_large_text_is_not() -> None:
    with pytest.raises(UnusableAnswer):
        read("gzip", gzip.compress(b"a" * 70_000_000, 1))
    lines = b"".join(b'"%07d": %d,' % (number, number * 7919) for number in range(4_000_000))
    assert len(read("gzip", gzip.compress(lines, 1))) == len(lines) > body_limits.SWELLING_FROM


def test_trickle_ends_and_slow_line_does_not() -> None:
    """99 bytes a second end the body within two timeouts, 100 bytes a second never do."""
    for size, ends in ((1000, False), (900, True)):
        clock = itertools.count(0.0, 10.0)  # 10 s of waiting for each piece, and 10 s of its reader
        pieces = paced([b"x" * size] * 99, lambda clock=clock: next(clock))  # type: ignore[misc] # mypy: a default
        if ends:
            with pytest.raises(httpx.ReadTimeout):
                list(pieces)
        else:
            assert len(list(pieces)) == 99


def test_time_of_the_caller_does_not_count() -> None:
    now = [0.0]
    for _ in paced([b"x"] * 5, lambda: now[0]):
        now[0] += 3600.0


def test_memory_has_a_limit() -> None:
    """A larger body is rejected while it is received."""
    with pytest.raises(UnusableAnswer, match="more than"):
        body_limits.in_memory(itertools.repeat(b"x" * 1000), 100_000)


@pytest.mark.parametrize("body", [b' \n{"a": 1}', b"\xef\xbb\xbf[]", b"17", b"null", b'"text"', b"", b"  "])
def test_possible_json_is_accepted(body: bytes) -> None:
    """Any beginning of JSON, after blanks or a byte order mark, or nothing so far."""
    assert b"".join(body_limits.like_json({}, [body])) == body


@pytest.mark.parametrize("body", [b"x", b"<html>", b"\x00\x01", b"  oops"])
def test_impossible_json_is_rejected_at_once(body: bytes) -> None:
    """The first letter decides, and nothing is passed on."""
    with pytest.raises(UnusableAnswer, match="not JSON"):
        next(iter(body_limits.like_json({}, [body])))
