"""Faults for the next requests to a world."""

import re
import threading
from dataclasses import dataclass, field

# Keys in the environment of a request: do not apply the change, and close without an answer.
DROP_UPDATE = "server_stub.drop_update"
GONE = "server_stub.gone"
KINDS = ("status", "slow", "cut", "drop", "hang", "body", "drop_update")


class ConnectionDropped(ConnectionError):
    """The connection is closed without an answer."""


@dataclass(frozen=True)
class Fault:
    """A fault, and the requests that it hits: the next ``count`` with this method and a matching path.

    ``path`` is a regular expression to search in the path. ``when`` decides whether the request takes effect before the
    fault (for ``status`` and ``drop``). ``seconds`` is the duration of ``slow`` and ``hang``, 1 and 120 if ``None``.
    """

    kind: str
    count: int = 1
    method: str | None = None
    path: str = ""
    status: int = 503
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    when: str = "before"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}, expected one of {', '.join(KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError(f"`when` must be 'before' or 'after', got {self.when!r}")
        if self.count < 1:
            raise ValueError("`count` must be at least 1")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"`path` is not a regular expression: {error}") from error

    def hits(self, method: str, path: str) -> bool:
        """Return whether the fault applies to a request."""
        return self.method in (None, method) and re.search(self.path, path) is not None


class Faults:
    """The armed faults, oldest first."""

    def __init__(self) -> None:
        self._armed: list[tuple[Fault, int]] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Arm a fault."""
        with self._lock:
            self._armed.append((fault, fault.count))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[tuple[Fault, int]]:
        """Return the faults with their remaining numbers of requests."""
        with self._lock:
            return list(self._armed)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault that applies to a request, and count it down."""
        with self._lock:
            for index, (fault, left) in enumerate(self._armed):
                if fault.hits(method, path):
                    # The last request removes the fault.
                    self._armed[index : index + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None
