"""The body of an answer: at what pace it must come, how far it may swell, and how much of it is kept in memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# What is slower than this over a whole read time limit is no slow line, but a server that keeps a client busy.
LEAST_BYTES_PER_S: Final = 100
# What is kept in memory, in bytes: the load of a million parameters is half of it.
MOST_IN_MEMORY: Final = 500_000_000
# Nobody reads more of an error than this, in bytes.
MOST_OF_AN_ERROR: Final = 256 * 1024
# True text shrinks to a fiftieth; a file that was made to burst, to a thousandth.
MOST_SWELLING: Final = 200
SWELLING_FROM: Final = 64_000_000
_STEP: Final = 256 * 1024
# What zlib calls the containers of RFC 1952 and 1950, and the bare stream that some servers send as deflate.
_GZIP, _ZLIB, _BARE = 31, 15, -15
_WINDOWS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_STARTS: Final = {_GZIP: b"\x1f", _ZLIB: b"\x78"}
# The other encodings of the register, without which a body cannot be read.
_UNREADABLE: Final = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd"}
)
MOST_PACKINGS: Final = 3
MOST_IGNORED: Final = 1_000_000
ACCEPTED: Final = "gzip, deflate"
_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_JSON_STARTS: Final = b'{["-0123456789tfn'


# Takes the headers and the pieces of a body, and passes them on or refuses them.
Expecting: TypeAlias = "Callable[[Mapping[str, str], Iterable[bytes]], Iterable[bytes]]"


class PaceLimit:
    """Notices what trickles: over each read time limit that is spent waiting, a least number of bytes must come."""

    def __init__(self, limit_s: float, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self._limit_s = limit_s
        self._waited_s = 0.0
        self._bytes = 0

    def take(self, count: int, waited_s: float) -> None:
        """Count bytes and the seconds that were spent waiting for them.

        Raises
        ------
        httpx.ReadTimeout
            They were too few for too long.

        """
        self._bytes += count
        self._waited_s += waited_s
        if self._waited_s < self._limit_s:
            return
        if self._bytes < LEAST_BYTES_PER_S * self._limit_s:
            raise httpx.ReadTimeout(f"fewer than {LEAST_BYTES_PER_S} bytes a second")
        self._waited_s, self._bytes = 0.0, 0


def paced(pieces: Iterable[bytes], pace: PaceLimit) -> Iterator[bytes]:
    """Pass pieces on as long as they come fast enough; the time that their reader takes does not count."""
    waiting = iter(pieces)
    while True:
        since = pace.monotonic()
        piece = next(waiting, None)
        if piece is None:
            return
        pace.take(len(piece), pace.monotonic() - since)
        yield piece


def decoded(response: httpx.Response, pace: PaceLimit) -> Iterator[bytes]:
    """Yield the body of an answer, uncompressed in small steps.

    Raises
    ------
    UnusableAnswer
        It is compressed in a way that was not asked for, or made to burst.
    httpx.TransportError
        It broke off, or comes too slowly.
    httpx.DecodingError
        It is not compressed as it says.

    """
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - the client is no async one
    named = [one.strip().lower() for one in response.headers.get("content-encoding", "").split(",")]
    unreadable = [one for one in named if one in _UNREADABLE]
    if unreadable:
        raise unusable(f"with an encoding that was not asked for: {', '.join(unreadable)[:80]!r}")
    # What is no encoding, such as the name of a charset, says nothing about the bytes; curl and requests ignore it too.
    packings = [one for one in named if one in _WINDOWS]
    if len(packings) > MOST_PACKINGS:
        raise unusable(f"that is compressed {len(packings)} times")
    swelling = SizeLimit()
    pieces = swelling.received(paced(response.stream, pace))
    for packing in reversed(packings):
        pieces = _unpacked(pieces, _WINDOWS[packing], swelling)
    return pieces


class SizeLimit:
    """How much of a body was received, against which what it is uncompressed to is measured."""

    def __init__(self) -> None:
        self._received = 0

    def received(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Count pieces that come from the network."""
        for piece in pieces:
            self._received += len(piece)
            yield piece

    def check(self, count: int) -> None:
        """Refuse a body that was made to burst, whichever of its layers does it.

        Raises
        ------
        UnusableAnswer
            ``count`` bytes are too many.

        """
        if count > SWELLING_FROM and count > MOST_SWELLING * self._received:
            raise unusable(f"{self._received} bytes that swell to more than {MOST_SWELLING} times their size")


def _unpacked(pieces: Iterable[bytes], window: int, swelling: SizeLimit) -> Iterator[bytes]:
    went = ignored = 0
    unpacker = None
    begun = False
    for piece in pieces:
        rest = piece
        while rest:
            # Some servers fill up what they send; gzip itself ignores what stands behind its data, too.
            if unpacker is None and begun and not rest.startswith(_STARTS[window]):
                ignored += len(rest)
                if ignored > MOST_IGNORED:
                    raise unusable(f"more than {MOST_IGNORED / 1e6:.0f} MB behind its compressed data")
                break
            if unpacker is None:
                unpacker = zlib.decompressobj(_BARE if window == _ZLIB and not _is_zlib(rest) else window)
                begun = True
            for plain in _steps(unpacker, rest):
                went += len(plain)
                swelling.check(went)
                yield plain
            # After the end of one there may be another; that is how some servers send pieces.
            rest, unpacker = (unpacker.unused_data, None) if unpacker.eof else (b"", unpacker)
    if unpacker is not None:
        raise httpx.RemoteProtocolError("compressed data broke off without a complete message body")


def _steps(unpacker: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """Uncompress in steps, none of which is larger than ``_STEP``."""
    full = True
    while packed or full:
        try:
            plain = unpacker.decompress(packed, _STEP)
        except zlib.error as error:
            raise httpx.DecodingError(f"it is not compressed as it says: {error}") from error
        packed, full = unpacker.unconsumed_tail, len(plain) == _STEP
        if plain:
            yield plain
        if unpacker.eof:
            return


def _is_zlib(piece: bytes) -> bool:
    """Tell a container of RFC 1950 by its first two bytes."""
    return piece[:1] == b"\x78" and (len(piece) < 2 or int.from_bytes(piece[:2]) % 31 == 0)  # noqa: PLR2004


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
    """Join the first pieces, until they are ``most`` bytes; nobody reads more of an error."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            break
    return bytes(kept)


def anything(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Pass everything on."""
    return chunks


def like_json(_headers: Mapping[str, str], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass pieces on, unless the first of them show that they cannot become JSON.

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
