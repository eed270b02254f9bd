"""Time, passed in so that tests need not wait for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the tool asks of time."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        time.sleep(seconds)
