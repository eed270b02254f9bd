"""A run as it is shown: live on a terminal, a line per change in a pipe, events or a final state as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from sostrades_cli.output.events import LOOK, Event
from sostrades_cli.output.text import duration, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.render import Manner
    from sostrades_cli.output.results import Events

LINES = frozenset({"started", "status", "finished"})


def show(result: Events, manner: Manner, target: TextIO) -> SostradesError | None:
    """Show the events of a run and return the error of the last one."""
    if manner.format == "table" and target.isatty():
        from sostrades_cli.output.live import follow  # noqa: PLC0415 - start-up: rich, for terminals only

        return follow(result.events, target, names=result.names, color=manner.color)
    writer = {"ndjson": _write_events, "json": _write_final}.get(manner.format, _write_lines)
    return writer(result.events, target)


def _write_events(events: Iterator[Event], target: TextIO) -> SostradesError | None:
    error = None
    for event in events:
        if event.name != LOOK:
            target.write(f"{json.dumps(event.to_json())}\n")
            target.flush()
        error = event.error
    return error


def _write_final(events: Iterator[Event], target: TextIO) -> SostradesError | None:
    last = None
    for event in events:
        last = event
    if last is None:
        return None
    target.write(f"{json.dumps(last.payload, indent=2 if target.isatty() else None)}\n")
    return last.error


def _write_lines(events: Iterator[Event], target: TextIO) -> SostradesError | None:
    """Write a line for each change of the status; the end of a run is one line, not two."""
    error = None
    for event in events:
        error = event.error
        if event.name not in LINES or (event.name != "finished" and not _goes_on(event)):
            continue
        after = f"  after {duration(event.elapsed_s)}" if event.name == "finished" and event.elapsed_s else ""
        target.write(f"{event.stamp}  {event.study}  {visible(event.status) or 'NO RUN'}{after}\n")
        target.flush()
    return error


def _goes_on(event: Event) -> bool:
    """Tell whether more will come: an end is written by its ``finished`` event, with the time it took."""
    return event.status not in {"FINISHED", "FAILED", "STOPPED", "POD ERROR", "NOT EXECUTED", ""}
