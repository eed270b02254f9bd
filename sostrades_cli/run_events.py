"""The events of runs, and the error of several runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.clock import RFC3339
from sostrades_cli.exit_codes import combined_error
from sostrades_cli.run_phase import MAY_BE_ACTIVE, phase_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sostrades_cli.errors import SostradesError

# What the server sends in place of a cpu or memory figure of its host that it does not know.
NO_FIGURE: Final = "----"
# The names of events for scripts.
STARTED: Final = "started"
STATUS: Final = "status"
DISCIPLINE: Final = "discipline"
OUTAGE: Final = "outage"
RECOVERED: Final = "recovered"
STALLED: Final = "stalled"
FINISHED: Final = "finished"
# An answer of the server without a change: it updates the live view and is not printed.
POLL: Final = "poll"
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
        """Whether the run may be active, by its status."""
        return phase_of(self.status) in MAY_BE_ACTIVE

    @property
    def stamp(self) -> str:
        """Return the time in UTC as RFC 3339."""
        return self.time.strftime(RFC3339)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of the event for scripts."""
        return {"event": self.name, "time": self.stamp, "study": self.study, "status": self.status, **self.facts}


class RunSummary:
    """The errors of several runs, collected from their events.

    ``studies`` is the order of the errors. Without it, that is the order in which the runs end.
    """

    def __init__(self, studies: Sequence[int] = ()) -> None:
        self._studies = studies
        # The error of each run that has ended, `None` for a success.
        self._ends: dict[int, SostradesError | None] = {}

    def collect(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on, and collect the errors of ``finished`` events."""
        for event in events:
            if event.name == FINISHED:
                self._ends[event.study] = event.error
            yield event

    def error(self) -> SostradesError | None:
        """Return the error of a single run, or the worst error of several with the details of all."""
        ended = [self._ends[study] for study in self._studies or self._ends if study in self._ends]
        errors = [error for error in ended if error is not None]
        if not errors or len(ended) == 1:
            return errors[0] if errors else None
        return combined_error(errors, f"{len(errors)} of {len(ended)} studies did not finish successfully")
