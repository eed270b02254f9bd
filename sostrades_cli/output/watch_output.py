"""Output of runs: live on a terminal, a line per change in a pipe, events or final states as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from sostrades_cli.output.heartbeat import Heartbeat
from sostrades_cli.output.results import Text
from sostrades_cli.output.watch_lines import write_lines
from sostrades_cli.run_events import MISS, POLL, Event, RunSummary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.output.streams import Events


def show(result: Events, options: RenderOptions, target: TextIO) -> SostradesError | None:
    """Write the events of runs, and return the combined error."""
    ends = RunSummary(result.studies)
    events = ends.collect(result.events)
    if options.format == "ndjson":
        _write_events(events, target, options)
    elif options.quiet:
        for _ in events:
            pass
    elif options.format == "table" and options.redraws and not options.notes.verbose and target.isatty():
        from sostrades_cli.output.watch_live import show_live

        show_live(events, target, result, options)
    else:
        write_lines(events, target, Heartbeat(result.heartbeat_s, options.notes.inform))
    return ends.error()


def final(result: Events, notes: Messages) -> Text:
    """Follow runs to their ends, and return the result of ``-F json``."""
    ends = RunSummary(result.studies)
    payload = _final(ends.collect(result.events), result.studies, notes)
    return Text("", payload, failure=ends.error())


def _write_events(events: Iterator[Event], target: TextIO, options: RenderOptions) -> None:
    """Write each event, or the result of a query for it; a query without a result writes no line."""
    from sostrades_cli.output.query import raw_lines, search

    for event in events:
        if event.name not in {POLL, MISS}:
            document = event.to_json() if options.query is None else search(options.query, event.to_json())
            if document is not None:
                lines = raw_lines(document) if options.raw else [json.dumps(document)]
                target.writelines(f"{line}\n" for line in lines)
                target.flush()


def _final(events: Iterator[Event], studies: Sequence[int], notes: Messages) -> Any:  # noqa: ANN401 - the server's JSON
    """Return the server's object of a study, or a list for several in the requested order; ``None`` without any."""
    watched = f"stud{'y' if len(studies) == 1 else 'ies'} {', '.join(map(str, studies))}"
    # Nothing else is written before the end.
    with notes.waiting(f"Watching {watched}"):
        last = {event.study: event.payload for event in events}
    payloads = [last[study] for study in studies or last if last.get(study)]
    if not payloads:
        return None
    return payloads[0] if len(studies or last) == 1 else payloads
