"""Bodies: how they are uncompressed, at what pace they must come, and how much of them is kept."""

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
    from collections.abc import Iterator

TEXT = b'{"a": [1, 2, 3]}' * 5000


class Pieces(httpx.SyncByteStream):
    """A body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def read(coding: str, *pieces: bytes) -> bytes:
    """Return the body of an answer that comes in pieces."""
    response = httpx.Response(200, headers={"content-encoding": coding}, stream=Pieces(*pieces))
    return b"".join(body_limits.decoded(response, body_limits.PaceLimit(30.0, lambda: 0.0)))


def bare(text: bytes) -> bytes:
    """Return a deflate stream without its container."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare(TEXT)),
        ("utf-8", TEXT),
        ("none", TEXT),
        ("binary, 8bit", TEXT),
        ("gzip, utf-8", gzip.compress(TEXT)),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("identity,,gzip,", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT) + bytes(1000)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + bytes(9) + b"garbage"),
        ("deflate", zlib.compress(TEXT) + bytes(1000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",  # gzip writes the time into its bytes
)
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_what_is_compressed_comes_out_whole(coding: str, packed: bytes, size: int) -> None:
    """However it is packed and cut into pieces, the text is the same."""
    assert read(coding, *(packed[at : at + size] for at in range(0, len(packed), size))) == TEXT


def test_steps_are_small() -> None:
    """A piece that swells a thousand times comes out in steps, none larger than 256 kB."""
    response = httpx.Response(
        200, headers={"content-encoding": "gzip"}, stream=Pieces(gzip.compress(b"a" * 10_000_000))
    )
    steps = list(body_limits.decoded(response, body_limits.PaceLimit(30.0, lambda: 0.0)))
    assert (sum(map(len, steps)), max(map(len, steps))) == (10_000_000, 256 * 1024)


def test_a_compressed_body_that_breaks_off_is_cut() -> None:
    """Half of a compressed file is a cut answer, not a short one."""
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        read("gzip", gzip.compress(TEXT)[:-9])


@pytest.mark.parametrize(("coding", "body"), [("gzip", b"no gzip"), ("deflate", b"\xffno")])
def test_what_is_not_compressed_as_it_says_cannot_be_read(coding: str, body: bytes) -> None:
    """A body that is something else than its header says is an error of the answer."""
    with pytest.raises(httpx.DecodingError):
        read(coding, body)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress"])
def test_an_encoding_that_was_not_asked_for_is_refused(coding: str) -> None:
    """Nothing but gzip and deflate is unpacked."""
    with pytest.raises(UnusableAnswer, match="not asked for"):
        read(coding, gzip.compress(TEXT))


def test_a_bomb_is_refused_and_a_large_text_is_not() -> None:
    """Beyond 64 MB more than 200 times the size is a bomb; the same size of text that shrinks less is none."""
    with pytest.raises(UnusableAnswer, match="swell"):
        read("gzip", gzip.compress(b"a" * 70_000_000, 1))
    lines = b"".join(b'"%07d": %d,' % (number, number * 7919) for number in range(200_000))
    assert (
        len(read("gzip", *itertools.repeat(gzip.compress(lines, 1), 20))) == 20 * len(lines) > body_limits.SWELLING_FROM
    )


def test_a_bomb_in_two_layers_is_refused() -> None:
    """What comes out is measured by what came from the network, not by the layer before."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    inner = b"".join([*(packer.compress(b"a" * 1_000_000) for _ in range(70)), packer.flush()])
    with pytest.raises(UnusableAnswer, match="swell"):
        read("gzip, gzip", gzip.compress(inner))


def test_a_body_that_is_packed_again_and_again_is_refused() -> None:
    with pytest.raises(UnusableAnswer):
        read(", ".join(["gzip"] * 10_000), TEXT)


def test_what_stands_behind_compressed_data_has_a_limit() -> None:
    with pytest.raises(UnusableAnswer):
        read("gzip", gzip.compress(TEXT), *itertools.repeat(bytes(100_000), 20))


def test_a_trickle_ends_and_a_slow_line_does_not() -> None:
    """Less than 100 bytes a second over the limit is too slow; 100 bytes a second is not, for however long."""
    pace = body_limits.PaceLimit(30.0, lambda: 0.0)
    for _ in range(99):
        pace.take(1000, 10.0)
    for _ in range(2):
        pace.take(900, 10.0)
    with pytest.raises(httpx.ReadTimeout):
        pace.take(900, 10.0)


def test_the_time_of_the_reader_does_not_count() -> None:
    """A reader who takes an hour for each piece does not make the server slow."""
    clock = itertools.count(0.0, 0.001)
    now = [0.0]
    pieces = body_limits.paced([b"x"] * 5, body_limits.PaceLimit(30.0, lambda: now[0] + next(clock)))
    for _ in pieces:
        now[0] += 3600.0


def test_memory_has_a_limit() -> None:
    """What is more than is kept in memory is refused while it comes."""
    with pytest.raises(UnusableAnswer, match="more than"):
        body_limits.in_memory(itertools.repeat(b"x" * 1000), 100_000)


@pytest.mark.parametrize("body", [b' \n{"a": 1}', b"\xef\xbb\xbf[]", b"17", b"null", b'"text"', b"", b"  "])
def test_what_may_become_json_passes(body: bytes) -> None:
    """Any beginning of JSON passes, after blanks or a byte order mark; so does nothing, which is told later."""
    assert b"".join(body_limits.like_json({}, [body])) == body


@pytest.mark.parametrize("body", [b"x", b"<html>", b"\x00\x01", b"  oops"])
def test_what_cannot_become_json_is_refused_at_once(body: bytes) -> None:
    """Its first letter tells; nothing of it is passed on."""
    with pytest.raises(UnusableAnswer, match="not JSON"):
        next(iter(body_limits.like_json({}, [body])))
