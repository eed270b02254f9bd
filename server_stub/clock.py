"""Clocks. Every event of the stub depends only on the time, so tests control it with a clock."""

import threading
import time
from typing import Protocol

# The recordings of the real server start at 2026-11-22 22:40:48 UTC.
RECORDING_START = 1795387248.0


class Clock(Protocol):
    """The time source of the stub."""

    def now(self) -> float:
        """Return seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""
        ...


class RealClock:
    """The system clock."""

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        time.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that only moves when it is advanced. Sleeping advances it."""

    def __init__(self, start: float = RECORDING_START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return seconds since 1970."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the clock without waiting."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        with self._lock:
            self._now += max(0.0, seconds)
