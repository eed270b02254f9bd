"""Faults that can be switched on for the next requests to a world."""

import re
import threading
from dataclasses import dataclass, field

# Notes in the environment of a request: do not apply it; close without the answer.
DROP_UPDATE = "server_stub.drop_update"
GONE = "server_stub.gone"
KINDS = ("status", "slow", "cut", "drop", "hang", "body", "drop_update")


class ConnectionDropped(ConnectionError):
    """The connection is closed without an answer."""


@dataclass(frozen=True)
class Fault:
    """A fault and the requests that it hits: the next `count` with this method and a matching path.

    `path` is a regular expression searched in the path. `when` says whether the request is carried
    out before it is answered with the fault (`status`, `drop`).
    """

    kind: str
    count: int = 1
    method: str | None = None
    path: str = ""
    status: int = 503
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 1.0
    when: str = "before"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}, known are {', '.join(KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError(f"`when` is before or after, not {self.when!r}")
        if self.count < 1:
            raise ValueError("`count` is at least 1")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"`path` is no regular expression: {error}") from error

    def hits(self, method: str, path: str) -> bool:
        """Say whether a request is one that the fault is for."""
        return self.method in (None, method) and re.search(self.path, path) is not None


class Faults:
    """The faults that are armed, oldest first."""

    def __init__(self) -> None:
        self._armed: list[tuple[Fault, int]] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Switch a fault on."""
        with self._lock:
            self._armed.append((fault, fault.count))

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[tuple[Fault, int]]:
        """List the faults with the number of requests that each will still hit."""
        with self._lock:
            return list(self._armed)

    def take(self, method: str, path: str) -> Fault | None:
        """Use up one hit of the first fault that a request matches."""
        with self._lock:
            for index, (fault, left) in enumerate(self._armed):
                if fault.hits(method, path):
                    self._armed[index : index + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None
