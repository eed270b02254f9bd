"""The progress of a watched run: its time, and how long its disciplines have been in their states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.output.answer_pace import AnswerPace
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.text import duration, running_time
from sostrades_cli.run_events import FINISHED, MISS, OUTAGE, STALLED
from sostrades_cli.run_phase import Phase, phase_of

if TYPE_CHECKING:
    from sostrades_cli.run_events import Event

PENDING: Final = "PENDING"
DONE: Final = "DONE"
# A run that takes longer than the earlier ones is not complete before it ends.
MOST_BEFORE_END: Final = 0.99
# Disciplines that are PENDING for so long in a run may stay so to its end.
STILL_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Discipline:
    """A discipline: its state, and since when it has been in it. Times are on the monotonic clock.

    ``began_s`` is the time when it left PENDING. ``is_observed`` and ``is_begin_observed`` are false if that was before
    the watch. ``took_s`` is the duration of a discipline that ended during the watch. ``is_short`` means that it began
    and ended between two answers of the server.
    """

    state: str
    since_s: float
    began_s: float | None = None
    is_observed: bool = True
    is_begin_observed: bool = True
    took_s: float | None = None
    is_short: bool = False

    def time(self, now_s: float) -> str:
        """Return the time in the state, or the duration of an ended discipline."""
        if self.took_s is None:
            state_s = now_s - self.since_s
            return running_time(state_s) if self.is_observed else _at_least(state_s)
        if self.is_short:
            return f"under {duration(math.ceil(self.took_s) or 1)}"
        return duration(self.took_s) if self.is_begin_observed else _at_least(self.took_s)


class RunProgress:
    """The state of one run for display.

    ``name`` is the study's own name. If it is unknown, it follows from the answers of the server. ``usual_s`` is the
    usual duration of the study's runs, ``None`` if unknown.
    """

    def __init__(self, event: Event, now_s: float, name: str = "", usual_s: float | None = None) -> None:
        self.event = event
        self.name = self._known_name = name
        self.usual_s = usual_s
        self._first_s = now_s
        self._pace = AnswerPace(now_s)
        self.answers = 0
        self.is_since_start = False
        self.is_outage = False
        self._origin_s: float | None = None
        self._stopped_s: float | None = None
        self._share: float | None = None
        self._running_s: float | None = None
        self._stalled: tuple[str, str, str] | None = None
        self._disciplines: dict[str, Discipline] = {}

    def take(self, event: Event, now_s: float) -> None:
        """Update the state with an event."""
        self._take_time(event, now_s)
        self._take_disciplines(event, now_s)
        figures = (event.status, event.cpu, event.memory)
        if event.name == STALLED:
            self._stalled = figures
        # Any change of status or load ends a stall.
        elif self._stalled != figures:
            self._stalled = None
        is_silent = event.name in {OUTAGE, MISS}
        self.is_outage = is_silent or (self.is_outage and event.name == FINISHED)
        if not is_silent:
            self._pace.take(now_s)
            self.answers += 1
        self.event = event
        if not is_silent:
            self._take_share()

    @property
    def is_over(self) -> bool:
        """Return whether the watch of the run has ended."""
        return self.event.name == FINISHED

    @property
    def is_active(self) -> bool:
        """Return whether the run continues."""
        return self.event.is_active and not self.is_over

    @property
    def is_stalled(self) -> bool:
        """Return whether nothing moves in the run."""
        return self._stalled is not None

    @property
    def had_run(self) -> bool:
        """Return whether a run was observed."""
        return self._origin_s is not None

    def elapsed_s(self, now_s: float) -> float:
        """Return the time of the run, or the time of the wait for a run. It never goes back during a run."""
        end_s = now_s if self._stopped_s is None else self._stopped_s
        return max(0.0, end_s - (self._first_s if self._origin_s is None else self._origin_s))

    def time(self, now_s: float) -> str:
        """Return ``elapsed_s`` in readable form."""
        elapsed_s = self.elapsed_s(now_s)
        return running_time(elapsed_s) if self._stopped_s is None else duration(elapsed_s)

    def left_s(self, now_s: float) -> float | None:
        """Return the remaining time by the duration of earlier runs, 0 if it takes longer, ``None`` if unknown."""
        if self.usual_s is None or not self.is_active or not self.is_since_start or self.event.status == PENDING:
            return None
        return max(0.0, self.usual_s - self.elapsed_s(now_s))

    def disciplines(self) -> dict[str, Discipline]:
        """Return the disciplines by name, in the order of the server."""
        return dict(self._disciplines)  # a copy, because another thread draws

    @property
    def answered_s(self) -> float:
        """The time of the last answer."""
        return self._pace.answered_s

    def silence_s(self, now_s: float, most_s: float) -> float | None:
        """Return the time without an answer, ``None`` while the next answer is not late, or after the end."""
        if self.is_outage:
            return now_s - self.answered_s
        return None if self.is_over else self._pace.silence_s(now_s, most_s)

    @property
    def share(self) -> float | None:
        """Return the completed share of the run at the last answer, ``None`` if unknown. It never goes back."""
        return self._share

    def _take_share(self) -> None:
        share = self._present_share()
        is_same_run = self.event.status != PENDING and phase_of(self.event.status) is not Phase.IDLE
        if not is_same_run:
            self._running_s = None
        elif self._running_s is None:
            self._running_s = self.answered_s
        before = self._share if is_same_run else None
        self._share = before if share is None else max(share, before or 0.0)

    def _present_share(self) -> float | None:
        """Return the completed share of the run.

        Some servers report all disciplines as PENDING until the end. Then the time of earlier runs decides, but only
        after a while: each run begins like this, and its wait for the start says nothing about its progress.
        """
        if self.event.status == "FINISHED":
            return 1.0
        if self.event.status == PENDING:
            return None
        states = [discipline.state for discipline in self.disciplines().values()]
        if any(state != PENDING for state in states):
            return states.count(DONE) / len(states)
        is_still = self._running_s is not None and self.answered_s - self._running_s >= STILL_S
        if states and is_still and self.usual_s and self.is_since_start:
            return min(MOST_BEFORE_END, self.elapsed_s(self.answered_s) / self.usual_s)
        return None

    def _take_time(self, event: Event, now_s: float) -> None:
        if event.is_active and event.name != FINISHED:
            self._stopped_s = None
        elif self._stopped_s is None and (self.had_run or event.name == FINISHED):
            self._stopped_s = now_s
        if event.run_s is not None:
            self.is_since_start = True
            origin_s = now_s - event.run_s
        elif event.is_active:
            origin_s = now_s - event.elapsed_s
        else:
            return
        # An earlier start is more exact: it is from the log, and the first one may be the start of the watch.
        if self._origin_s is None or (origin_s < self._origin_s and self._stopped_s is None):
            self._origin_s = origin_s

    def _take_disciplines(self, event: Event, now_s: float) -> None:
        name, states = without_root(event.disciplines, self._known_name)
        self.name = name or self.name
        if phase_of(event.status) is Phase.IDLE:
            states = {}  # a changed study keeps the states of its last run
        before = self._disciplines
        if not states.keys() >= before.keys():
            before = {}  # a new run
        is_first = not self.answers
        after: dict[str, Discipline] = {}
        for name, state in states.items():
            known = before.get(name)
            if known is None:
                began_s = None if state == PENDING else now_s
                after[name] = Discipline(state, now_s, began_s, not is_first, not is_first)
            elif known.state == state:
                after[name] = known
            else:
                after[name] = self._ended(known, now_s) if state == DONE else _changed(known, state, now_s)
        self._disciplines = after

    def _ended(self, known: Discipline, now_s: float) -> Discipline:
        began_s = self.answered_s if known.began_s is None else known.began_s
        return Discipline(
            DONE,
            now_s,
            began_s,
            is_begin_observed=known.is_begin_observed,
            took_s=now_s - began_s,
            is_short=known.began_s is None,
        )


def _at_least(seconds: float) -> str:
    """Return a time that began before the watch. It is a lower limit, which says nothing in the first second."""
    return f"over {running_time(seconds)}" if seconds >= 1 else ""


def _changed(known: Discipline, state: str, now_s: float) -> Discipline:
    if state == PENDING:
        return Discipline(PENDING, now_s)
    # A discipline in a loop begins anew.
    if known.state in {PENDING, DONE}:
        return Discipline(state, now_s, now_s)
    return Discipline(state, now_s, known.began_s, is_begin_observed=known.is_begin_observed)
