"""The lines of runs in a pipe: one for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from sostrades_cli.output.run_troubles import NO_RUN, SENTENCES, trouble_text
from sostrades_cli.output.text import duration, visible
from sostrades_cli.run_events import FINISHED, STARTED, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.output.heartbeat import Heartbeat
    from sostrades_cli.run_events import Event


def write_lines(events: Iterator[Event], target: TextIO, heartbeat: Heartbeat) -> None:
    """Write a line for each change."""
    for event in events:
        text = _line(event)
        if text is not None:
            target.write(f"{event.stamp}  {event.study}  {text}\n")
            target.flush()
        heartbeat.take(event, written=text is not None)


def _line(event: Event) -> str | None:
    """Return the line of an event; ``None`` if the event has no line."""
    status = visible(event.status) or NO_RUN
    if event.name in {STARTED, STATUS}:
        # The `finished` event follows and has the line for an end.
        return status if event.is_active else None
    if event.name == FINISHED:
        return _end(event, status)
    return trouble_text(event) if event.name in SENTENCES else None


def _end(event: Event, status: str) -> str | None:
    """Return the line of an end; without any answer about the study there is only an error."""
    elapsed_s = event.elapsed_s if event.run_s is None else event.run_s
    after = f"  after {duration(elapsed_s)}" if elapsed_s >= 1 else ""
    return f"{status}{after}" if event.payload else None
