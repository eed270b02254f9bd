"""Record the runs that this computer starts, and the ends of those that it watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase, phase_of
from sostrades_cli.clock import rfc3339
from sostrades_cli.errors import RunFailed, RunLost, UsageError, WriteFailed
from sostrades_cli.local.run_records import RunRecords

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.local.run_records import RunRecord
    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

LOST: Final = "LOST"
# No run ends sooner after its start, so another run cannot have been started since.
SHORTEST_RUN: Final = timedelta(seconds=4)


def records_of(context: Context, study: int) -> RunRecords:
    """Return the records of the runs of a study."""
    return RunRecords(context.state, context.api.session.host, study)


def record_start(context: Context, study: int) -> None:
    """Record that the server has accepted the start of a run."""
    try:
        records_of(context, study).add(started=rfc3339(context.clock.now()))
    except (UsageError, WriteFailed) as error:
        # The run has started, so this is no failure.
        context.notify(f"this run is not in `sostrades calc history`: {error.message}")


@dataclass(slots=True)
class _WatchedRun:
    """A run that is being watched: since when, whether it was active, and its start if the watch observed it."""

    since: datetime
    was_active: bool
    started: datetime | None = None


def recorded_ends(context: Context, events: Iterator[Event]) -> Iterator[Event]:
    """Pass events on, and record the end of each run that was watched to its end."""
    runs: dict[int, _WatchedRun] = {}
    for event in events:
        active = phase_of(event.status) in {Phase.ACTIVE, Phase.UNKNOWN}
        run = runs.setdefault(event.study, _WatchedRun(event.time, was_active=active))
        if active and not run.was_active:
            run.was_active, run.started = True, event.time
        # Before the event, because the consumer may stop after it.
        if event.name == "finished" and run.was_active and (outcome := _outcome_of(event)) is not None:
            _record_end(context, event, outcome, run)
        yield event


def _outcome_of(event: Event) -> str | None:
    """Return the outcome of a run, ``None`` if only the watch ended."""
    if isinstance(event.error, RunLost):
        return LOST
    return event.status if event.error is None or isinstance(event.error, RunFailed) else None


def _record_end(context: Context, event: Event, outcome: str, run: _WatchedRun) -> None:
    records = records_of(context, event.study)
    try:
        begun = _begun(records.all(), run)
        if begun is not None:
            records.end(begun.run, outcome, _duration_s(_start_of(begun), event.time))
            return
        start = rfc3339(run.started) if run.started is not None else None
        duration_s = _duration_s(run.started, event.time)
        records.add(started=start, duration_s=duration_s, outcome=outcome, started_here=False)
    except (UsageError, WriteFailed) as error:
        context.notify(f"the end of this run is not in `sostrades calc history`: {error.message}")


def _begun(records: Sequence[RunRecord], run: _WatchedRun) -> RunRecord | None:
    """Return the record of the start of a watched run, ``None`` if another computer started it."""
    last = records[-1] if records else None
    if last is None or last.outcome is not None or run.started is not None:
        return None
    start = _start_of(last)
    # Somebody else may have started another run since.
    return last if start is not None and run.since - start <= SHORTEST_RUN else None


def _start_of(record: RunRecord) -> datetime | None:
    try:
        return datetime.fromisoformat(record.started or "")
    except ValueError:
        return None


def _duration_s(start: datetime | None, end: datetime) -> float | None:
    if start is None:
        return None
    seconds = (end - start).total_seconds()
    # The clock of the computer may have been set back since.
    return round(seconds, 1) if seconds >= 0 else None
