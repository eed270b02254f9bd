"""Changes on their way into a study: a load reads them, and one that comes before that destroys the last."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from server_stub.values import Value


@dataclass(frozen=True)
class Change:
    """A change that no load has read yet: when it came, and whether it was an upload."""

    at: float
    uploaded: bool


@dataclass
class Changes:
    """The changes of one study that are taken in but not applied yet, with the moment of each."""

    # Set when an upload met a change in JSON: whatever needs the study in memory waits for ever.
    stuck: bool = False
    _waiting: list[tuple[float, Mapping[str, Value]]] = field(default_factory=list)
    _unread: Change | None = None

    def __bool__(self) -> bool:
        """Say whether any is on its way."""
        return bool(self._waiting)

    def meet(self, change: Change, seconds: float) -> bool:
        """Note a change; say whether it destroys one that came less than so many seconds ago and is unread."""
        last, self._unread = self._unread, change
        if last is None or change.at - last.at >= seconds:
            return False
        self.stuck = self.stuck or (change.uploaded and not last.uploaded)
        return True

    def read(self) -> None:
        """Know that a load has read everything."""
        self._unread = None

    def add(self, due: float, values: Mapping[str, Value]) -> None:
        """Let values arrive at a moment."""
        self._waiting.append((due, values))

    def replace(self, due: float, values: Mapping[str, Value]) -> None:
        """Let values arrive in place of all that wait."""
        self._waiting = [(due, values)]

    @property
    def due(self) -> float:
        """When the next one arrives."""
        return self._waiting[0][0] if self._waiting else math.inf

    def take(self) -> Mapping[str, Value]:
        """Take the next one out."""
        return self._waiting.pop(0)[1]

    def applied_to(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Give the values as they will be."""
        latest = dict(values)
        for _, waiting in self._waiting:
            latest.update(waiting)
        return latest
