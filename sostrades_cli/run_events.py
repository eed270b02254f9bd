"""The events of runs, and the combined result of several runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.clock import RFC3339
from sostrades_cli.exit_codes import severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sostrades_cli.errors import SostradesError

# A load of the host of the server that is unknown.
NO_FIGURE: Final = "----"
# An answer of the server without a change: it updates the live view and is not printed.
POLL: Final = "poll"
# The statuses of a study without a run since its last change.
IDLE: Final = frozenset({"NOT EXECUTED", ""})
# The statuses of a study without an active run. Any other status may be one of a newer server.
ENDS: Final = IDLE | {"FINISHED", "FAILED", "STOPPED", "POD ERROR"}
# Another request without an answer during an outage. It is not an event for scripts, and the live view needs none.
MISS: Final = "miss"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a run.

    ``name`` is ``started``, ``status``, ``discipline``, ``outage``, ``recovered``, ``stalled``, ``finished``, ``poll``
    or ``miss``. ``facts`` are further fields of the event for scripts. ``payload`` is the server's status object.
    ``elapsed_s`` is the time watched, 0 if no run was observed. ``run_s`` is the time since the start of the run,
    ``None`` if it is unknown. ``error`` is the error of a ``finished`` event, ``None`` on success.
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
    run_s: float | None = None

    @property
    def is_active(self) -> bool:
        """Return whether the status is that of an active run."""
        return self.status not in ENDS

    @property
    def stamp(self) -> str:
        """Return the time in UTC as RFC 3339."""
        return self.time.strftime(RFC3339)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of the event for scripts."""
        return {"event": self.name, "time": self.stamp, "study": self.study, "status": self.status, **self.facts}


class RunSummary:
    """The errors of several runs, collected from their events."""

    def __init__(self) -> None:
        self._errors: list[SostradesError] = []
        self._count = 0

    def collect(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on, and collect the errors of ``finished`` events."""
        for event in events:
            if event.name == "finished":
                self._count += 1
                if event.error is not None:
                    self._errors.append(event.error)
            yield event

    def error(self) -> SostradesError | None:
        """Return the error of a single run, or the worst error of several with the details of all."""
        if not self._errors or self._count == 1:
            return self._errors[0] if self._errors else None
        return combined(self._errors, f"{len(self._errors)} of {self._count} studies did not finish successfully")


def combined(errors: Sequence[SostradesError], message: str) -> SostradesError:
    """Return the worst of several errors, which has the exit code, with the details of all."""
    worst = max(errors, key=severity)
    error = worst.reworded(message, detail="\n".join(map(_with_detail, errors)), study=None)
    # It would stand below the lines of all studies; each cause has its own.
    error.server = None
    error.causes = tuple(errors)
    return error


def _with_detail(error: SostradesError) -> str:
    """Return an error with its detail on the same line, or below it if that is a traceback."""
    if not error.detail:
        return error.message
    # On lines of their own, short details could belong to any study.
    separator = "\n" if "\n" in error.detail else " "
    return f"{error.message}:{separator}{error.detail}"
