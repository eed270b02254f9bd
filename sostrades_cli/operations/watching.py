"""Watching a run to its end, as a stream of events."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase, RunStatus
from sostrades_cli.errors import Interrupted, NeverRan, PatienceOver, Refused, RunFailed, SostradesError, Terminated
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.operations.doubt import Doubt
from sostrades_cli.operations.logs import last_traceback
from sostrades_cli.output.events import LOOK, Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sostrades_cli.operations.server import Server

FIRST_INTERVAL_S: Final = 1.0
LONGEST_INTERVAL_S: Final = 10.0
# A run of a minute is asked every 2 s, one of ten minutes every 10 s: about 3 % of the time passed.
SHARE_OF_ELAPSED: Final = 1 / 30


@dataclass(frozen=True, slots=True)
class Watching:
    """How to watch: seconds, ``None`` for no limit and for an interval that adapts."""

    timeout_s: float | None = None
    interval_s: float | None = None


def watch(server: Server, study: int, how: Watching, first: RunStatus | None = None) -> Iterator[Event]:
    """Yield events until the run has ended or time is over; the last one is ``finished``.

    ``first`` is the state that the server gave when it accepted the start.
    """
    try:
        yield from _watch(server, study, how, first)
    except (KeyboardInterrupt, Terminated) as error:
        kind = Terminated if isinstance(error, Terminated) else Interrupted
        raise kind(
            f"stopped watching study {study}; the server goes on", hint=f"sostrades calc watch {study}", study=study
        ) from error


def _watch(server: Server, study: int, how: Watching, first: RunStatus | None) -> Iterator[Event]:
    clock = server.clock
    began = clock.monotonic()
    origin = seen = first or server.api.calculations.status(study)
    doubt = Doubt()
    yield _event(server, "started", seen, 0.0)
    while True:
        elapsed_s = clock.monotonic() - began
        ended = seen.phase not in {Phase.ACTIVE, Phase.UNKNOWN}
        doubtful = doubt.remains(seen, elapsed_s)
        if ended and not doubtful:
            yield _finished(server, seen, elapsed_s, _outcome(server, seen, origin))
            return
        wait_s = how.interval_s or interval_s(elapsed_s)
        if how.timeout_s is not None:
            wait_s = min(wait_s, how.timeout_s - elapsed_s)
        if wait_s <= 0:
            error = _outcome(server, seen, origin) if ended else _timed_out(study, how.timeout_s or 0.0)
            yield _finished(server, seen, elapsed_s, error)
            return
        clock.sleep(wait_s)
        before, seen = seen, server.api.calculations.status(study)
        yield from _changes(server, before, seen, clock.monotonic() - began)


def study_names(server: Server, study: int) -> dict[int, str]:
    """Return the study's own name, by number, where its parameters were seen before."""
    name = next(iter(server.memory.recall(study)), "").partition(".")[0]
    return {study: name} if name else {}


def interval_s(elapsed_s: float) -> float:
    """Return how long to wait before the next look at a run that has been watched for so long."""
    return min(LONGEST_INTERVAL_S, max(FIRST_INTERVAL_S, elapsed_s * SHARE_OF_ELAPSED))


def _changes(server: Server, before: RunStatus, seen: RunStatus, elapsed_s: float) -> Iterator[Event]:
    """Yield what differs; a look without news is an event too, which only a live view shows."""
    if seen.status != before.status:
        yield _event(server, "status", seen, elapsed_s)
    moved = {name: state for name, state in seen.disciplines.items() if before.disciplines.get(name) != state}
    for name, state in moved.items():
        if state != "PENDING" or name in before.disciplines:
            yield _event(server, "discipline", seen, elapsed_s, {"discipline": name, "status": state})
    yield _event(server, LOOK, seen, elapsed_s)


def _outcome(server: Server, seen: RunStatus, first: RunStatus) -> SostradesError | None:
    if seen.phase is Phase.GOOD:
        return None
    if seen.phase is Phase.BAD:
        return _failed(server, seen)
    if first.phase is Phase.IDLE:
        return NeverRan(
            f"study {seen.study} has no run to watch",
            detail="it was changed since its last run" if seen.status else "it never ran",
            hint=f"sostrades calc run {seen.study}",
            study=seen.study,
        )
    return Refused(
        f"the run of study {seen.study} is lost: someone changed the study while it was running",
        detail=f"the server shows {seen.status or 'no status'}; what is still calculated will not be kept",
        hint=f"sostrades calc run {seen.study}",
        study=seen.study,
    )


def _failed(server: Server, seen: RunStatus) -> RunFailed:
    return RunFailed(
        f"the run of study {seen.study} ended {seen.status}",
        detail=_cause(server, seen),
        hint=f"sostrades study logs {seen.study}",
        study=seen.study,
    )


def _cause(server: Server, seen: RunStatus) -> str | None:
    """Find why a run failed: the server's message, else the last traceback of the log."""
    if seen.error_message:
        return seen.error_message
    try:
        log = server.api.studies.log(seen.study)
    except SostradesError as error:
        # The run has failed whether or not its log can be had: that must not hide the outcome.
        return f"its log cannot be read: {error.message}"
    return last_traceback(log.decode("utf-8", "replace"))


def _timed_out(study: int, timeout_s: float) -> PatienceOver:
    return PatienceOver(
        f"study {study} is still running after {timeout_s:g} s; the run goes on",
        hint=f"sostrades calc watch {study}",
        study=study,
    )


def _finished(server: Server, seen: RunStatus, elapsed_s: float, error: SostradesError | None) -> Event:
    facts: dict[str, object] = {
        "outcome": seen.status,
        "exit_code": int(exit_code_of(error)),
        "elapsed_s": round(elapsed_s, 1),
    }
    if isinstance(error, RunFailed):
        facts["cause"] = error.detail or "unknown"
    return _event(server, "finished", seen, elapsed_s, facts, error)


def _event(
    server: Server,
    name: str,
    seen: RunStatus,
    elapsed_s: float,
    facts: Mapping[str, object] = MappingProxyType({}),
    error: SostradesError | None = None,
) -> Event:
    return Event(
        name,
        server.clock.now(),
        seen.study,
        seen.status,
        seen.disciplines,
        seen.cpu,
        seen.memory,
        elapsed_s,
        seen.payload,
        dict(facts),
        error,
    )
