"""Clocks: the stub computes what happens from the time, so a test can own the time."""

import threading
import time
from typing import Protocol

# The moment at which the recordings of the real server begin: 2026-11-22 22:40:48 UTC.
RECORDING_START = 1795387248.0


class Clock(Protocol):
    """What the stub needs to know about time."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...


class RealClock:
    """The time on the wall."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block for so many seconds."""
        time.sleep(max(0.0, seconds))


class ManualClock:
    """A time that passes only when it is told to; sleeping tells it."""

    def __init__(self, start: float = RECORDING_START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970, as far as this clock was advanced."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Advance at once instead of blocking."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        with self._lock:
            self._now += max(0.0, seconds)
