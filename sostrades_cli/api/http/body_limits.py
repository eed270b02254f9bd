"""Limits of a response body: its pace, its compression and its size in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import httpx

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# A line that is slower than this over a whole read time limit is as good as silent.
LEAST_BYTES_PER_S: Final = 100
MOST_IN_MEMORY: Final = 500_000_000
# Nobody reads more of an error than this, in bytes.
MOST_OF_AN_ERROR: Final = 256 * 1024
# Text shrinks to a fiftieth at best; a decompression bomb to a thousandth.
MOST_SWELLING: Final = 200
SWELLING_FROM: Final = 64_000_000
ACCEPTED: Final = "gzip, deflate"
# Registered encodings. Other words, such as the name of a charset, say nothing about the bytes.
_ENCODINGS: Final = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "x-compress", "x-gzip"}
    | {"zstd"}
)
_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_JSON_STARTS: Final = b'{["-0123456789tfn'


# Takes the headers and the pieces of a body, and passes them on or refuses them.
Expecting: TypeAlias = "Callable[[Mapping[str, str], Iterable[bytes]], Iterable[bytes]]"


class TooSlowError(httpx.ReadTimeout):
    """The body of an answer comes too slowly."""


class PacedStream(httpx.SyncByteStream):
    """The stream of a response that must keep a least pace; the time of its reader does not count.

    The read time limit of httpx holds for each packet alone, so a byte now and then would keep a command forever.
    """

    def __init__(self, stream: httpx.SyncByteStream, limit_s: float, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._limit_s = limit_s
        self._monotonic = monotonic

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces.

        Raises
        ------
        TooSlowError
            Too few bytes came in a read time limit.

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
        The encoding was not asked for, or the body is a decompression bomb.
    httpx.TransportError
        The body broke off, or comes too slowly.
    httpx.DecodingError
        The body does not have the encoding of its header.

    """
    named = [word.strip().lower() for word in response.headers.get("content-encoding", "").split(",")]
    encodings = [word for word in named if word in _ENCODINGS]
    # Two layers would let a small piece become gigabytes at once.
    if encodings not in ([], ["gzip"], ["deflate"]):
        raise unusable(f"with an encoding that was not asked for: {', '.join(encodings)[:80]!r}")
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - the client is no async one
    response.stream = PacedStream(response.stream, limit_s, monotonic)
    count = 0
    for piece in response.iter_bytes():
        count += len(piece)
        received = response.num_bytes_downloaded
        if encodings and count > SWELLING_FROM and count > MOST_SWELLING * received:
            raise unusable(f"{received} bytes that swell to more than {MOST_SWELLING} times their size")
        yield piece


def in_memory(chunks: Iterable[bytes], most: int = MOST_IN_MEMORY) -> bytes:
    """Join pieces.

    Raises
    ------
    UnusableAnswer
        They are more than ``most`` bytes.

    """
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            raise unusable(f"more than {most / 1e6:.0f} MB")
    return bytes(kept)


def beginning(chunks: Iterable[bytes], most: int = MOST_OF_AN_ERROR) -> bytes:
    """Join the first pieces, up to the one that exceeds ``most`` bytes."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            break
    return bytes(kept)


def anything(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Pass every body on."""
    return chunks


def like_json(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass a body on, unless its first bytes cannot begin JSON.

    Raises
    ------
    UnusableAnswer
        They cannot.

    """
    begun = False
    for chunk in chunks:
        if not begun:
            start = chunk.removeprefix(_BOM).lstrip(_BLANKS)[:1]
            if start and start not in _JSON_STARTS:
                raise unusable("something that is not JSON")
            begun = bool(start)
        yield chunk
