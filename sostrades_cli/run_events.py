"""The events of a run as they are shown and printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sostrades_cli.errors import SostradesError

# A look at the server without news: it moves a live view and is printed nowhere.
LOOK: Final = "look"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run, or was found out about it.

    ``name`` is ``started``, ``status``, ``discipline``, ``outage``, ``recovered``, ``stalled``, ``finished`` or
    ``look``; ``facts`` are the further fields of that event as scripts read them; ``payload`` is the server's
    status object; ``elapsed_s`` is 0 where no run was seen going on. ``error`` is what a ``finished`` event
    stands for, ``None`` if all is well.
    """

    name: str
    time: datetime
    study: int
    status: str
    disciplines: Mapping[str, str]
    cpu: str
    memory: str
    elapsed_s: float
    payload: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    error: SostradesError | None = None

    @property
    def stamp(self) -> str:
        """Return the time in UTC as RFC 3339."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def to_json(self) -> dict[str, Any]:
        """Return the event as scripts read it."""
        return {"event": self.name, "time": self.stamp, "study": self.study, "status": self.status, **self.facts}
