"""Define a request hit by a fault, and a kind of fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import WorldClock

Play: TypeAlias = "Callable[[Exchange], httpx.Response]"


class NeverEndsError(AssertionError):
    """The client would read forever."""


@dataclass
class Exchange:
    """One request hit by a fault. ``answer`` executes it and returns the good answer, ``taken`` counts bytes."""

    request: httpx.Request
    answer: Callable[[], httpx.Response]
    clock: WorldClock
    taken: int = 0

    @property
    def token(self) -> str:
        """The key as the client sent it, which a bad server repeats."""
        return self.request.headers.get("Authorization", "").removeprefix("Bearer ")

    @property
    def limit_s(self) -> float:
        """The read timeout of the client."""
        return float(self.request.extensions["timeout"]["read"])


@dataclass(frozen=True)
class Kind:
    """A kind: the column of the table that it is counted in, and how it is played.

    ``done`` says that the request is carried out although its answer is bad.
    """

    name: str
    column: str
    play: Play
    done: bool = False

    @property
    def needs_json(self) -> bool:
        """Return whether the fault only applies to JSON."""
        return self.name in {"a key twice", "a huge key", "a deep key"}

    @property
    def needs_body(self) -> bool:
        """Return whether the fault is in the body of an answer, which HEAD does not have."""
        return self.column in {"cut", "drip", "wrong JSON", "no JSON", "bomb"}


class Pieces(httpx.SyncByteStream):
    """A body in pieces, counted as they are read."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]], exchange: Exchange) -> None:
        self._pieces = pieces
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            self._exchange.taken += len(piece)
            yield piece


def body_of(response: httpx.Response) -> bytes:
    """Return the body of a good answer."""
    return b"".join(response.stream)  # type: ignore[arg-type] # the stub's are in memory
