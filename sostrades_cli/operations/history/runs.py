"""Record the runs that this computer starts, and the ends of those that it watches."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.clock import RFC3339
from sostrades_cli.errors import RunFailed, RunLost, SostradesError, UsageError, WriteFailed
from sostrades_cli.local.run_records import RunRecords
from sostrades_cli.operations.calc.run_age import log_ages
from sostrades_cli.run_events import FINISHED
from sostrades_cli.run_phase import Phase, phase_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.local.run_records import RunRecord
    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

LOST: Final = "LOST"
# A log begins so long after the start of its run, at most.
DELAY: Final = timedelta(seconds=60)
# How imprecise the times of two watches of the same run are. No run is shorter.
LATE: Final = timedelta(seconds=4)


def records_of(context: Context, study: int) -> RunRecords:
    """Return the records of the runs of a study."""
    return RunRecords(context.state, context.api.session.host, study)


def record_start(context: Context, study: int) -> None:
    """Record that the server has accepted the start of a run."""
    try:
        records_of(context, study).add(started=context.clock.now().strftime(RFC3339))
    except (UsageError, WriteFailed) as error:
        # The run has started, so this is not a failure.
        _notify(context, error)


def recorded_ends(context: Context, events: Iterator[Event]) -> Iterator[Event]:
    """Pass events on, and record the end of each run that was watched to its end."""
    active: set[int] = set()
    for event in events:
        if phase_of(event.status) in {Phase.ACTIVE, Phase.UNKNOWN}:
            active.add(event.study)
        # Before the event, because the consumer may stop after it.
        if event.name == FINISHED and (outcome := _outcome_of(event)) is not None:
            try:
                _record_end(context, event, outcome, was_active=event.study in active)
            except (UsageError, WriteFailed) as error:
                _notify(context, error)
        yield event


def record_past_ends(context: Context, states: Iterable[RunStatus]) -> None:
    """Record the ends of runs that were not watched, if they are the last runs of their studies."""
    for state in states:
        if state.phase not in {Phase.GOOD, Phase.BAD}:
            continue
        try:
            _record_past_end(context, state.study, state.status, context.clock.now())
        except (UsageError, WriteFailed) as error:
            _notify(context, error)


def record_case(context: Context, study: int, case_s: float) -> None:
    """Record how long a case of a sweep took whose run is the last one of the study."""
    records = records_of(context, study)
    # The next estimate is less exact without it, which is not a failure.
    with contextlib.suppress(UsageError, WriteFailed):
        if last := records.recent()[-1:]:
            records.complete(last[0].run, case_s=case_s)


def _notify(context: Context, error: SostradesError) -> None:
    # Once per command: each case of a sweep is a run, and a full disk stays full.
    context.notify_once("calc history", f"`sostrades calc history` is incomplete: {error.message}")


def _outcome_of(event: Event) -> str | None:
    """Return the outcome of a run, ``None`` if only the watch ended."""
    if isinstance(event.error, RunLost):
        return LOST
    return event.status if event.error is None or isinstance(event.error, RunFailed) else None


def _record_end(context: Context, event: Event, outcome: str, *, was_active: bool) -> None:
    if not was_active:
        _record_past_end(context, event.study, outcome, event.time)
        return
    records, end = records_of(context, event.study), event.time
    start = None if event.run_s is None else end - timedelta(seconds=event.run_s)
    same = _record_of(records.recent(), start, end)
    if same is not None and same.outcome is None:
        records.complete(same.run, outcome=outcome, **_span(_exact_start(_time(same.started), start), end))
    elif same is None:
        started = start.strftime(RFC3339) if start is not None else None
        records.add(started=started, outcome=outcome, started_here=False, **_span(start, end))


def _record_past_end(context: Context, study: int, outcome: str, now: datetime) -> None:
    """Complete the record of the last run, which ended unwatched. Its log has the times."""
    records = records_of(context, study)
    known = records.recent()
    if not known or known[-1].outcome is not None:
        return
    try:
        ages = log_ages(context, study)
    except SostradesError:
        return  # the next command completes the record
    if ages is None:
        return
    start, end = (now - timedelta(seconds=age_s) for age_s in ages)
    same = _record_of(known, start, end)
    if same is not None and same.outcome is None:
        records.complete(same.run, outcome=outcome, **_span(_time(same.started), end))


def _exact_start(recorded: datetime | None, observed: datetime | None) -> datetime | None:
    """Return the start that the watch has observed, because the recorded one has whole seconds only.

    A start that is much later is the beginning of the log, not that of the run.
    """
    if recorded is not None and observed is not None and abs(observed - recorded) <= LATE:
        return observed
    return recorded


def _record_of(records: Sequence[RunRecord], start: datetime | None, end: datetime) -> RunRecord | None:
    """Return the record of a run, also if another watch has completed it; ``None`` if there is none.

    Somebody else may have started the run, even shortly after one of this computer.
    """
    for record in reversed(records):
        # The server gives a run no number, so only the times tell which record is that of a run.
        begun_at, ended_at = _time(record.started), _time(record.ended)
        if start is None:
            return record if ended_at is not None and abs(end - ended_at) <= LATE else None
        if begun_at is not None and begun_at <= start + LATE:
            fits = start - begun_at <= DELAY and (ended_at is None or start < ended_at)
            return record if fits else None
    return None


def _time(stamp: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(stamp or "")
    except ValueError:
        return None
    # The file may have been edited, and times without a zone cannot be compared.
    return time if time.tzinfo is not None else None


def _span(start: datetime | None, end: datetime) -> dict[str, str | float | None]:
    """Return the end and the duration of a run, as fields of its record."""
    seconds = (end - start).total_seconds() if start is not None else None
    # The clock of the computer may have been set back since.
    return {
        "ended": end.strftime(RFC3339),
        "duration_s": round(seconds, 1) if seconds is not None and seconds >= 0 else None,
    }
