"""Limits of a response body: its pace, its compression and its size in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import httpx

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# A server slower than this over a whole read time limit counts as silent.
LEAST_BYTES_PER_S: Final = 100
MOST_IN_MEMORY: Final = 500_000_000
# An error needs no more of the body than this, in bytes.
MOST_OF_AN_ERROR: Final = 256 * 1024
# Text compresses to a fiftieth at best, a decompression bomb to a thousandth.
MOST_SWELLING: Final = 200
# Small bodies may compress better, and do no harm.
SWELLING_FROM: Final = 64_000_000
ACCEPTED: Final = "gzip, deflate"
# Registered encodings. Some servers send other words here, such as a charset, without encoding the body.
_ENCODINGS: Final = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "x-compress", "x-gzip"}
    | {"zstd"}
)
_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_JSON_STARTS: Final = b'{["-0123456789tfn'


# Takes the headers and the chunks of a body, and passes the chunks on or raises an error.
Expecting: TypeAlias = "Callable[[Mapping[str, str], Iterable[bytes]], Iterable[bytes]]"


class TooSlowError(httpx.ReadTimeout):
    """The body of an answer comes too slowly."""


class PacedStream(httpx.SyncByteStream):
    """A response stream with a minimum rate; the time of its consumer does not count.

    The read time limit of httpx applies to each packet alone, so a byte now and then would block a command forever.
    """

    def __init__(self, stream: httpx.SyncByteStream, limit_s: float, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._limit_s = limit_s
        self._monotonic = monotonic

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks.

        Raises
        ------
        TooSlowError
            Too few bytes came within a read time limit.

        """
        pieces = iter(self._stream)
        waited_s, count = 0.0, 0
        while True:
            since = self._monotonic()
            piece = next(pieces, None)
            if piece is None:
                return
            waited_s, count = waited_s + self._monotonic() - since, count + len(piece)
            if waited_s >= self._limit_s:
                if count < LEAST_BYTES_PER_S * self._limit_s:
                    raise TooSlowError(f"fewer than {LEAST_BYTES_PER_S} bytes a second")
                waited_s, count = 0.0, 0
            yield piece

    def close(self) -> None:
        """Close the response."""
        self._stream.close()


def decoded(response: httpx.Response, limit_s: float, monotonic: Callable[[], float]) -> Iterator[bytes]:
    """Yield the body of a response, decompressed by httpx; ``limit_s`` is the read time limit.

    Raises
    ------
    UnusableAnswer
        The encoding was not requested, or the body is a decompression bomb.
    httpx.TransportError
        The connection broke, or the body comes too slowly.
    httpx.DecodingError
        The body does not have the encoding of its header.

    """
    listed = [word.strip().lower() for word in response.headers.get("content-encoding", "").split(",")]
    encodings = [word for word in listed if word in _ENCODINGS]
    # With two layers a small chunk could become gigabytes at once.
    if encodings not in ([], ["gzip"], ["deflate"]):
        raise unusable(f"an answer in an encoding that was not requested: {', '.join(encodings)[:80]!r}")
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - the client is not async
    response.stream = PacedStream(response.stream, limit_s, monotonic)
    count = 0
    for piece in response.iter_bytes():
        count += len(piece)
        received = response.num_bytes_downloaded
        if encodings and count > SWELLING_FROM and count > MOST_SWELLING * received:
            raise unusable(f"{received} compressed bytes that expand to more than {MOST_SWELLING} times their size")
        yield piece


def in_memory(chunks: Iterable[bytes], most: int = MOST_IN_MEMORY) -> bytes:
    """Join chunks.

    Raises
    ------
    UnusableAnswer
        The chunks exceed ``most`` bytes.

    """
    joined = bytearray()
    for chunk in chunks:
        joined += chunk
        if len(joined) > most:
            raise unusable(f"an answer of more than {most / 1e6:.0f} MB, which is the limit")
    return bytes(joined)


def beginning(chunks: Iterable[bytes], most: int = MOST_OF_AN_ERROR) -> bytes:
    """Join the first chunks, up to the one that exceeds ``most`` bytes."""
    joined = bytearray()
    for chunk in chunks:
        joined += chunk
        if len(joined) > most:
            break
    return bytes(joined)


def anything(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Pass every body on."""
    return chunks


def like_json(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass a body on if its first bytes can begin JSON.

    Raises
    ------
    UnusableAnswer
        The first bytes cannot begin JSON.

    """
    begun = False
    for chunk in chunks:
        if not begun:
            start = chunk.removeprefix(_BOM).lstrip(_BLANKS)[:1]
            if start and start not in _JSON_STARTS:
                raise unusable("an answer that is not JSON")
            begun = bool(start)
        yield chunk
