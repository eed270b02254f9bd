"""The heartbeat of a watch: a line after a time without others, because CI systems stop jobs that write nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.output.text import running_time, visible
from sostrades_cli.run_events import MISS, OUTAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sostrades_cli.run_events import Event


class Heartbeat:
    """Writes a line about all runs after ``interval_s`` without another line, never if that is 0."""

    def __init__(self, interval_s: float, write: Callable[[str], None]) -> None:
        self._interval_s = interval_s
        self._write = write
        self._last: dict[int, Event] = {}
        self._written: datetime | None = None

    def take(self, event: Event, *, written: bool = False) -> None:
        """Take in an event; ``written`` says that it got a line of its own."""
        self._last[event.study] = event
        if self._written is None or written:
            self._written = event.time
        elif self._interval_s and (event.time - self._written).total_seconds() >= self._interval_s:
            self._write(f"{event.stamp}  {self._text()}")
            self._written = event.time

    def _text(self) -> str:
        """Return status, time and finished disciplines of the only run, or the numbers of several."""
        events = list(self._last.values())
        elapsed = running_time(max(event.elapsed_s if event.run_s is None else event.run_s for event in events))
        statuses = Counter(visible(event.status) or NO_RUN for event in events)
        if len(events) == 1:
            known = "no answer, last seen" if events[0].name in {OUTAGE, MISS} else "still"
            state = f"{events[0].study}  {known} {''.join(statuses)}"
        else:
            state = f"{len(events)} studies  {', '.join(f'{count} {status}' for status, count in statuses.items())}"
        return f"{state} after {elapsed}{_disciplines(events)}"


def _disciplines(events: list[Event]) -> str:
    """Return the number of finished disciplines; empty if the server reports none."""
    states = [state for event in events for state in without_root(event.disciplines)[1].values()]
    return f", {states.count('DONE')} of {len(states)} disciplines done" if states else ""
