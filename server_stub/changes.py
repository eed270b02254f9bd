"""Pending changes of a study. A second change before the next load can destroy the first."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from server_stub.values import Value


@dataclass(frozen=True)
class Change:
    """A change that no load has read yet: its time, and whether it was an upload."""

    at: float
    uploaded: bool


@dataclass
class Changes:
    """The accepted changes of a study that are not applied yet, with their times."""

    # Set when an upload follows an unread change in JSON. Then every request that needs the study in memory hangs.
    stuck: bool = False
    _waiting: list[tuple[float, Mapping[str, Value]]] = field(default_factory=list)
    _unread: Change | None = None

    def __bool__(self) -> bool:
        """Return whether a change is pending."""
        return bool(self._waiting)

    def record(self, change: Change, seconds: float) -> bool:
        """Record a change. Return whether it destroys an unread change that came less than ``seconds`` before."""
        last, self._unread = self._unread, change
        if last is None or change.at - last.at >= seconds:
            return False
        self.stuck = self.stuck or (change.uploaded and not last.uploaded)
        return True

    def read(self) -> None:
        """Mark every change as read by a load."""
        self._unread = None

    def add(self, due: float, values: Mapping[str, Value]) -> None:
        """Schedule values for a time."""
        self._waiting.append((due, values))

    def replace(self, due: float, values: Mapping[str, Value]) -> None:
        """Schedule values in place of all pending ones."""
        self._waiting = [(due, values)]

    @property
    def due(self) -> float:
        """The time of the next change."""
        return self._waiting[0][0] if self._waiting else math.inf

    def take(self) -> Mapping[str, Value]:
        """Remove the next change and return its values."""
        return self._waiting.pop(0)[1]

    def applied_to(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values after all pending changes."""
        latest = dict(values)
        for _, waiting in self._waiting:
            latest.update(waiting)
        return latest
