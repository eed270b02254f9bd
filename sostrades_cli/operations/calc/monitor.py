"""Watch of one study: a state machine that takes in polls and failures, and emits events."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import RunFailed, SostradesError, Unreachable, WaitTimeout
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.operations.calc.outcome import another_run, not_started, run_error, unproven_end
from sostrades_cli.operations.calc.run_age import run_age_s
from sostrades_cli.run_events import (
    DISCIPLINE,
    FINISHED,
    MISS,
    NO_FIGURE,
    OUTAGE,
    POLL,
    RECOVERED,
    STALLED,
    STARTED,
    STATUS,
    Event,
)
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context

SHORTEST_INTERVAL_S: Final = 1.0
LONGEST_INTERVAL_S: Final = 10.0
# Poll every 2 s after one minute and every 10 s after five minutes: about 3 % of the elapsed time.
SHARE_OF_ELAPSED: Final = 1 / 30
LONGEST_IN_OUTAGE_S: Final = 5.0
# The outcome of a watch that ended before the first answer. A study without a run has the outcome "".
NO_ANSWER: Final = "UNKNOWN"
SHORTEST_POLL_S: Final = 0.1
# Tolerance between the timeout of a request and the time limit of the watch.
SLACK_S: Final = 0.01
FAILED: Final = "FAILED"
RUNNING: Final = "RUNNING"
# How long to poll a FAILED without a cpu figure, in seconds: a process starts 4 to 10 s after its request.
SPURIOUS_FAILURE_LIMIT_S: Final = 15.0
# The server updates cpu and memory of an active process every 2 s.
FIGURES_STILL_S: Final = 2.5
# These figures normally change every 2 s, so the log size is only requested after a longer standstill.
LOG_SIZE_AFTER_S: Final = 10.0


def watch_interval_s(elapsed_s: float) -> float:
    """Return the polling interval for a run that has been watched for ``elapsed_s`` seconds."""
    return min(LONGEST_INTERVAL_S, max(SHORTEST_INTERVAL_S, elapsed_s * SHARE_OF_ELAPSED))


class RunMonitor:
    """The watch of one study. ``due_s`` is the time of the next poll, on the monotonic clock."""

    def __init__(self, context: Context, study: int, options: WatchOptions) -> None:
        self.study = study
        self.last_status: RunStatus | None = None
        self.over = False
        self.began_s = self.due_s = context.clock.monotonic()
        self._context = context
        self._options = options
        self._had_run = False
        self._spurious = SpuriousFailure()
        self._stall = StallDetector(options.stall_warning_s)
        self._outage_since_s: float | None = None
        self._execution: str | None = None
        self._started_s: float | None = None
        self._is_own = False
        # The time of the request that started the run, and whether an outage followed before RUNNING was observed.
        self._requested_s: float | None = None
        self._ran = self._had_early_outage = False

    def begin(self, status: RunStatus) -> Iterator[Event]:
        """Take in the server's answer to the start of the run."""
        self._started_s, self._is_own, self._requested_s = self.began_s, True, status.requested_s
        yield from self.take(status)

    def take(self, status: RunStatus) -> Iterator[Event]:
        """Take in a state from the server."""
        before, self.last_status = self.last_status, status
        # A different final state than before belongs to a run that started and ended between two polls.
        ended = before is not None and status.phase in {Phase.GOOD, Phase.BAD} and status.payload != before.payload
        self._had_run = self._had_run or ended or status.phase in {Phase.ACTIVE, Phase.UNKNOWN}
        self._ran = self._ran or status.status == RUNNING
        elapsed_s, run_s = self._elapsed_s(), self._run_s()
        if self._outage_since_s is not None:
            yield self._event(RECOVERED, {"outage_s": round(self._now_s() - self._outage_since_s, 1)})
            self._outage_since_s = None
            # An outage is not a stall of the run.
            self._stall = StallDetector(self._options.stall_warning_s)
        # Before the outcome, so that the last changes come before `finished`.
        yield from self._changes(before, status)
        self._notice_execution(before, status)
        if self._notice_start(before, status):
            yield self._event(POLL)
        stalled_s = self._stall.reached(self._context, status, self._now_s())
        if stalled_s is not None:
            yield self._event(STALLED, {"still_s": round(stalled_s, 1)})
        if before is None and status.status == FAILED and not self._is_own:
            self._notice_age()
        spurious = self._spurious.remains(status, elapsed_s)
        if self._ended(status, elapsed_s) and not spurious:
            yield replace(self._finish(self._outcome(status), elapsed_s), run_s=run_s)
        else:
            adaptive = self._options.adaptive or watch_interval_s
            yield from self._schedule(self._options.interval_s or adaptive(elapsed_s))

    def miss(self, error: SostradesError) -> Iterator[Event]:
        """Take in a failed poll: wait during an outage, end the watch after any other error.

        An outage at the first poll ends the watch, too. The session has retried that request, and the address may be
        wrong.
        """
        if self.last_status is None or not (error.transient or isinstance(error, Unreachable)):
            if self.last_status is not None:
                state = self.last_status.status or "no run"
                error.add_detail(f"last known state: {state}. A run continues on the server")
            yield self._finish(error)
            return
        now_s = self._now_s()
        if self._outage_since_s is None:
            if self._left_s() <= SLACK_S:
                # This poll was cut short by our own time limit, so it is not an outage.
                yield self._finish(self._time_over(known="was last seen"))
                return
            # Each outage is reported once, and measured from its first failed poll.
            self._outage_since_s, self._had_early_outage = now_s, self._had_early_outage or not self._ran
            yield self._event(OUTAGE, {"reason": error.message})
        else:
            yield self._event(MISS)
        if now_s - self._outage_since_s >= self._options.max_outage_s:
            yield self._finish(self._outage_too_long(error))
            return
        # Shorter pauses than for a long run, to notice the recovery soon.
        pause_s = min(LONGEST_IN_OUTAGE_S, self._options.interval_s or watch_interval_s(self._elapsed_s()))
        yield from self._schedule(pause_s)

    def give_up(self) -> Event:
        """End the watch of an active run because another run failed."""
        return self._finish(
            WaitTimeout(
                f"stopped watching study {self.study}, its run continues on the server",
                hint=f"sostrades calc watch {self.study}",
                study=self.study,
            )
        )

    def left_s(self) -> float:
        """Return the time limit for the next poll, in seconds."""
        return max(SHORTEST_POLL_S, self._left_s())

    def _notice_execution(self, before: RunStatus | None, status: RunStatus) -> None:
        """Store the name of the running execution, once. A study has one number, but each of its runs has a name."""
        if self._execution is None and status.status == RUNNING and (before is None or before.status != RUNNING):
            # The log belongs to this execution only once it runs.
            self._execution = execution_name(self._context, self.study)

    def _notice_start(self, before: RunStatus | None, status: RunStatus) -> bool:
        """Return whether the start of the run is known from now on, from a change of the status or from its log."""
        was_active = before is not None and before.phase in {Phase.ACTIVE, Phase.UNKNOWN}
        if self._is_own or status.phase is not Phase.ACTIVE:
            return False
        if before is not None and not was_active:
            self._started_s = self._now_s()
        # The log belongs to this run only once it runs. It is read once, also for a run that this computer has started:
        # somebody else may have started another one since, and the status does not tell them apart.
        if status.status == RUNNING and (before is None or before.status != RUNNING):
            age_s = run_age_s(self._context, self.study)
            if age_s is not None:
                self._started_s = self._now_s() - age_s
        return self._started_s is not None

    def _notice_age(self) -> None:
        """Accept the failure of an old run at once. A run without a process has no log yet."""
        age_s = run_age_s(self._context, self.study)
        if age_s is not None and age_s >= SPURIOUS_FAILURE_LIMIT_S:
            self._spurious.rule_out()

    def _outcome(self, status: RunStatus) -> SostradesError | None:
        if self._options.wait_start_s and not self._had_run:
            return not_started(status, self._options.wait_start_s)
        if self._execution is not None and status.phase in {Phase.GOOD, Phase.BAD}:
            # Another name means that the end belongs to another run.
            last_execution = execution_name(self._context, self.study)
            if last_execution is not None and last_execution != self._execution:
                return another_run(status)
        # A server that restarts may have lost the started run, and show the outcome of an earlier one.
        if self._requested_s is not None and self._had_early_outage and not self._ran:
            lost = unproven_end(self._context, status, self._requested_s)
            if lost is not None:
                return lost
        if status.phase is Phase.GOOD:
            return None
        return run_error(self._context, status, had_run=self._had_run)

    def _changes(self, before: RunStatus | None, status: RunStatus) -> Iterator[Event]:
        """Yield the differences between two states, then a poll event, which only the live view shows."""
        if before is None:
            yield self._event(STARTED)
            return
        if status.status != before.status:
            yield self._event(STATUS)
        for name, state in status.disciplines.items():
            if before.disciplines.get(name, "PENDING") != state:
                yield self._event(DISCIPLINE, {"discipline": name, "status": state})
        yield self._event(POLL)

    def _ended(self, status: RunStatus, elapsed_s: float) -> bool:
        if not self._had_run and elapsed_s < self._options.wait_start_s:
            return False
        return status.phase not in {Phase.ACTIVE, Phase.UNKNOWN}

    def _schedule(self, wait_s: float) -> Iterator[Event]:
        """Set the time of the next poll, or end the watch if no time is left."""
        left_s = self._left_s()
        if left_s <= 0:
            known = "is still" if self._outage_since_s is None else "was last seen"
            yield self._finish(self._time_over(known))
            return
        self.due_s = self._now_s() + min(wait_s, left_s)

    def _left_s(self) -> float:
        return math.inf if self._options.timeout_s is None else self._options.timeout_s - self._elapsed_s()

    def _time_over(self, known: str) -> SostradesError | None:
        """Distinguish an active run from one whose failure was still uncertain."""
        if self.last_status is not None and self.last_status.phase is Phase.BAD:
            return run_error(self._context, self.last_status, had_run=True)
        state = self.last_status.status if self.last_status and self.last_status.status else "without a run"
        detail, hint = None, f"sostrades calc watch {self.study}"
        if self._stall.is_reported:
            # A run whose process died, for example with the server, keeps its status for ever.
            detail = "nothing in its run changes any more"
            hint = f"if its process has died, stop the run in the web page: `sostrades study open {self.study}`"
        return WaitTimeout(
            f"timed out after {self._options.timeout_s:g} s: study {self.study} {known} {state}",
            detail=detail,
            hint=hint,
            study=self.study,
        )

    def _outage_too_long(self, error: SostradesError) -> Unreachable:
        state = self.last_status.status if self.last_status else "unknown"
        return Unreachable(
            f"no contact for {self._options.max_outage_s:g} s while watching study {self.study}: {error.message}",
            detail=f"last known state: {state}. A run continues on the server",
            hint=f"sostrades calc watch {self.study} --max-outage 1h",
            study=self.study,
            server=error.server,
        )

    def _finish(self, error: SostradesError | None, elapsed_s: float | None = None) -> Event:
        """Return the last event. ``elapsed_s`` is the time of the end, before the search for its cause."""
        self.over = True
        elapsed_s = self._elapsed_s() if elapsed_s is None else elapsed_s
        facts: dict[str, object] = {
            "outcome": self.last_status.status if self.last_status else NO_ANSWER,
            "exit_code": int(exit_code_of(error)),
            "elapsed_s": round(elapsed_s, 1),
        }
        # Other ends, such as a timeout, are no failures of the run and have no cause.
        if isinstance(error, RunFailed):
            facts["cause"] = error.detail or "unknown"
        return replace(self._event(FINISHED, facts, error), elapsed_s=elapsed_s if self._had_run else 0.0)

    def _event(self, name: str, facts: dict[str, object] | None = None, error: SostradesError | None = None) -> Event:
        last_status = self.last_status or RunStatus(self.study, "", {}, "", "----", "----", {})
        return Event(
            name,
            self._context.clock.now(),
            self.study,
            last_status.status,
            last_status.disciplines,
            last_status.cpu,
            last_status.memory,
            self._elapsed_s() if self._had_run else 0.0,
            last_status.payload,
            facts or {},
            error,
            self._run_s(),
        )

    def _now_s(self) -> float:
        return self._context.clock.monotonic()

    def _run_s(self) -> float | None:
        return None if self._started_s is None else self._now_s() - self._started_s

    def _elapsed_s(self) -> float:
        return self._now_s() - self.began_s


def execution_name(context: Context, study: int) -> str | None:
    """Return the name of the last execution from its log, or ``None`` if the log cannot be read."""
    try:
        return context.api.studies.log_head(study)[0]
    except SostradesError:
        return None


class SpuriousFailure:
    """Distinguish a spurious failure (a FAILED that later becomes RUNNING) from the end of a run.

    An execute while PENDING sets the status to FAILED at once. After 3.5 s it is still FAILED, without a cpu figure;
    after 12 s it is RUNNING. Therefore a FAILED without an earlier RUNNING is polled until cpu and memory stop
    changing.
    """

    def __init__(self) -> None:
        self._ran = self._is_old = False
        self._since: float | None = None
        self._figures: tuple[str, str] | None = None
        self._unchanged_since = 0.0

    def rule_out(self) -> None:
        """Accept the present FAILED, because its process began long ago."""
        self._is_old = True

    def remains(self, status: RunStatus, now_s: float) -> bool:
        """Take in a state, and return whether its FAILED may still become RUNNING."""
        if status.status != FAILED:
            self._ran, self._is_old = self._ran or status.status == RUNNING, False
            self._since = self._figures = None
            return False
        if self._since is None:
            self._since = now_s
        if (status.cpu, status.memory) != self._figures:
            self._figures, self._unchanged_since = (status.cpu, status.memory), now_s
        # After RUNNING, a failure is final.
        if self._ran or self._is_old or now_s - self._since >= SPURIOUS_FAILURE_LIMIT_S:
            return False
        # Without a figure, the process of the run has not begun to work.
        return status.cpu == NO_FIGURE or now_s - self._unchanged_since < FIGURES_STILL_S


class StallDetector:
    """Measure how long a run is stalled: no change of statuses, cpu, memory or, after a while, the log size."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._figures: object = None
        self._since_s = 0.0
        # The size of the log at the start of the measured time, and when to read it if it is unknown.
        self._log_size: int | None = None
        self._next_read_s = 0.0
        self.is_reported = False

    def reached(self, context: Context, status: RunStatus, now_s: float) -> float | None:
        """Take in a state, and return the stalled time in seconds, once per stall."""
        figures = (status.status, tuple(status.disciplines.items()), status.cpu, status.memory)
        if figures != self._figures or status.phase is not Phase.ACTIVE:
            self._figures, self._since_s, self._log_size, self.is_reported = figures, now_s, None, False
            # Most runs change something within this time, and reading the size takes a request.
            self._next_read_s = now_s + min(LOG_SIZE_AFTER_S, self._limit_s / 10)
            return None
        if self.is_reported:
            return None
        if self._log_size is None and now_s >= self._next_read_s:
            self._log_size = _log_size(context, status.study)
            self._next_read_s = now_s + self._limit_s / 10
        if now_s - self._since_s < self._limit_s:
            return None
        size = _log_size(context, status.study)
        # A discipline may take hours, and only its log shows that it works. An unknown size shows nothing.
        if None not in {size, self._log_size} and size != self._log_size:
            self._since_s, self._log_size = now_s, size
            return None
        self.is_reported = True
        return now_s - self._since_s


def _log_size(context: Context, study: int) -> int | None:
    """Return the size of the log of the last execution, or ``None`` if the log cannot be read."""
    try:
        return context.api.studies.log_head(study)[1]
    except SostradesError:
        return None
