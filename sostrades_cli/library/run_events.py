"""The events of runs for programs, and the final states of several runs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import RunFailed
from sostrades_cli.library.dataframes import frame_from
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.output.run_troubles import NO_RUN, trouble_text
from sostrades_cli.run_events import MISS, POLL, STARTED, STATUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.run_events import Event


def reported_events(
    app: App, studies: Sequence[int], options: WatchOptions, first: RunStatus | None = None
) -> Iterator[Event]:
    """Yield the events of runs without requests that brought no change, and log problems and status changes."""
    for event in watch(app.context, studies, options, {} if first is None else {first.study: first}):
        # The live view of the command line needs these, but a program only wants changes.
        if event.name not in {POLL, MISS}:
            _log(app, event)
            yield event


def ends_table(
    ends_by_study: Mapping[int, Event], studies: Sequence[int], redact: Callable[[str], str]
) -> pd.DataFrame:
    """Return a row per study from its ``finished`` event; ``redact`` redacts the API key in the server's texts."""
    events = [ends_by_study[study] for study in studies]
    causes = [_cause(event) for event in events]
    return frame_from(
        {
            "study": list(studies),
            # Without a payload no poll was answered, so the status is unknown.
            "status": [(event.status or NO_RUN) if event.payload else None for event in events],
            "elapsed_s": [float(event.facts["elapsed_s"]) for event in events],
            "error": [type(event.error).__name__ if event.error else None for event in events],
            "cause": [redact(cause) if cause else None for cause in causes],
        }
    ).set_index("study")


def _cause(event: Event) -> str | None:
    if isinstance(event.error, RunFailed):
        return str(event.facts["cause"])
    return event.error.message if event.error else None


def _log(app: App, event: Event) -> None:
    if trouble := trouble_text(event):
        app.notes.notify(f"study {event.study}: {trouble}")
    elif event.name in {STARTED, STATUS}:
        app.notes.inform(f"study {event.study}: {event.status or 'no run'}")
