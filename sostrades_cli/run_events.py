"""The events of runs, and the outcome of several runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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


class RunSummary:
    """The outcome of several runs, collected while their events pass."""

    def __init__(self) -> None:
        self._errors: list[SostradesError] = []
        self._count = 0

    def noted(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on, and collect the errors of those that finish."""
        for event in events:
            if event.name == "finished":
                self._count += 1
                if event.error is not None:
                    self._errors.append(event.error)
            yield event

    def error(self) -> SostradesError | None:
        """Return the error of a single run, or the worst of several with the details of each."""
        if not self._errors or self._count == 1:
            return self._errors[0] if self._errors else None
        worst = max(self._errors, key=severity)
        details = [f"{error.message}\n{error.detail}" if error.detail else error.message for error in self._errors]
        return worst.reworded(
            f"{len(self._errors)} of {self._count} studies did not finish well", detail="\n".join(details)
        )
