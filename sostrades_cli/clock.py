"""The clock, passed in so that tests need not wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


def rfc3339(time_of_day: datetime) -> str:
    """Return a time in UTC as RFC 3339, in whole seconds."""
    return time_of_day.strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock(Protocol):
    """The operations of a clock that the tool needs."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
