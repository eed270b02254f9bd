"""Record the runs that this computer starts, and the ends of those that it watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase, phase_of
from sostrades_cli.clock import rfc3339
from sostrades_cli.errors import RunFailed, RunLost, UsageError, WriteFailed
from sostrades_cli.local.run_records import RunRecords
from sostrades_cli.operations.history.log_times import log_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.local.run_records import RunRecord
    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

LOST: Final = "LOST"
# No run ends sooner after its start, so another run cannot have been started since.
SHORTEST_RUN: Final = timedelta(seconds=4)
# Of the computer and the server, with the delay of a start.
CLOCK_DIFFERENCE: Final = timedelta(seconds=60)


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
        if event.name == "finished" and (outcome := _outcome_of(event)) is not None:
            try:
                _record_end(context, event, outcome, run)
            except (UsageError, WriteFailed) as error:
                context.notify(f"the end of this run is not in `sostrades calc history`: {error.message}")
        yield event


def _outcome_of(event: Event) -> str | None:
    """Return the outcome of a run, ``None`` if only the watch ended."""
    if isinstance(event.error, RunLost):
        return LOST
    return event.status if event.error is None or isinstance(event.error, RunFailed) else None


def _record_end(context: Context, event: Event, outcome: str, run: _WatchedRun) -> None:
    records = records_of(context, event.study)
    last = next(reversed(records.all()), None)
    begun_at = _start_of(last) if last is not None and last.outcome is None else None
    if last is not None and begun_at is not None and run.started is None:
        if run.was_active and run.since - begun_at <= SHORTEST_RUN:
            records.complete(last.run, outcome=outcome, **_span(begun_at, event.time))
            return
        # Somebody else may have started another run since: the log of the study tells.
        times = log_times(context, event.study)
        if times is not None and abs(times.first - begun_at) <= CLOCK_DIFFERENCE:
            records.complete(last.run, outcome=outcome, **_span(times.first, times.last))
            return
    if run.was_active:
        started = rfc3339(run.started) if run.started is not None else None
        records.add(started=started, outcome=outcome, started_here=False, **_span(run.started, event.time))


def _start_of(record: RunRecord) -> datetime | None:
    try:
        return datetime.fromisoformat(record.started or "")
    except ValueError:
        return None


def _span(start: datetime | None, end: datetime) -> dict[str, str | float | None]:
    """Return the end and the duration of a run, as fields of its record."""
    seconds = (end - start).total_seconds() if start is not None else None
    # The clock of the computer may have been set back since.
    return {
        "ended": rfc3339(end),
        "duration_s": round(seconds, 1) if seconds is not None and seconds >= 0 else None,
    }
