"""The clock, passed in so that tests need not wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

# The format of a time in UTC, in whole seconds.
RFC3339: Final = "%Y-%m-%dT%H:%M:%SZ"


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
