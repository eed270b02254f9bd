"""Watch of runs to their end, for one study or a thousand in one process. Each study has its own polling interval."""

from __future__ import annotations

import heapq
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import RunFailed, SostradesError
from sostrades_cli.operations.calc.monitor import RunMonitor
from sostrades_cli.operations.history.runs import recorded_ends
from sostrades_cli.operations.thread_pool import ThreadPool
from sostrades_cli.run_events import STARTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

PARALLEL_POLLS: Final = 8
# The server's answer to a start.
ACCEPTED: Final = "PENDING"
NOTHING_STARTED: Final[Mapping[int, RunStatus | SostradesError]] = MappingProxyType({})


def watch(
    context: Context,
    studies: Sequence[int],
    options: WatchOptions,
    starts: Mapping[int, RunStatus | SostradesError] = NOTHING_STARTED,
) -> Iterator[Event]:
    """Yield the events of all studies until their runs have ended. The last event of each study is ``finished``.

    ``starts`` are the studies that were just started: the state from the server's answer, or the error.
    """
    for event in recorded_ends(context, _watch(context, studies, options, starts)):
        # The server has the study, even if this watch is interrupted, or there is no run.
        if event.name == STARTED:
            context.cache.mark_used(event.study)
        yield event


def watch_with_reports(
    context: Context,
    studies: Sequence[int],
    options: WatchOptions,
    starts: Mapping[int, RunStatus | SostradesError],
    command: str,
) -> Iterator[Event]:
    """Watch runs as ``watch`` does, and show logs of failed runs, write reports and notify the user.

    ``command`` is the title of the reports.
    """
    # Each layer passes an event on before it acts on it, so the outermost layer acts first: the output shows the end of
    # a run, then --on-finish runs, then the log of a failed run is shown. The reports are written after the last event.
    events = watch(context, studies, options, starts)
    if context.show_log is not None:
        from sostrades_cli.operations.calc.failed_log import with_failed_logs

        events = with_failed_logs(context, events)
    if options.reports is not None:
        from sostrades_cli.operations.calc.run_reports import reported

        events = reported(events, options.reports, command, studies, study_names(context, studies))
    if options.notify is not None:
        from sostrades_cli.operations.calc.notify import announced

        events = announced(events, options.notify)
    return events


def _watch(
    context: Context, studies: Sequence[int], options: WatchOptions, starts: Mapping[int, RunStatus | SostradesError]
) -> Iterator[Event]:
    monitors = {study: RunMonitor(context, study, options) for study in studies}
    for study, answer in starts.items():
        # An attached run is older than this watch, unless it is still PENDING.
        if isinstance(answer, RunStatus) and answer.status == ACCEPTED:
            yield from monitors[study].begin(answer)
        else:
            yield from _events_of(monitors[study], answer)
    if len(monitors) == 1:
        yield from _until_over(context, *monitors.values())
    else:
        yield from _until_all_over(context, monitors, options)


def study_names(context: Context, studies: Sequence[int]) -> dict[int, str]:
    """Return the cached names of studies by number."""
    return {study: name for study in studies if (name := context.cache.name(study))}


def _until_over(context: Context, monitor: RunMonitor) -> Iterator[Event]:
    """Watch one study in the calling thread, so that Ctrl-C also ends a request without an answer."""
    while not monitor.over:
        context.clock.sleep(max(0.0, monitor.due_s - context.clock.monotonic()))
        yield from _events_of(monitor, _poll(context, monitor))


def _events_of(monitor: RunMonitor, answer: RunStatus | SostradesError) -> Iterator[Event]:
    return monitor.take(answer) if isinstance(answer, RunStatus) else monitor.miss(answer)


def _until_all_over(context: Context, monitors: dict[int, RunMonitor], options: WatchOptions) -> Iterator[Event]:
    due = [(monitor.due_s, study) for study, monitor in monitors.items() if not monitor.over]
    heapq.heapify(due)
    # With several threads, a request without an answer does not delay the other studies.
    polls: ThreadPool[RunMonitor, RunStatus | SostradesError] = ThreadPool(
        lambda monitor: _poll(context, monitor), jobs=PARALLEL_POLLS
    )
    try:
        while due or polls.in_flight:
            while due and due[0][0] <= context.clock.monotonic():
                polls.begin(monitors[heapq.heappop(due)[1]])
            # Wait for an answer, but not past the next due poll.
            left_s = due[0][0] - context.clock.monotonic() if due else None
            if not polls.in_flight:
                context.clock.sleep(max(0.0, left_s or 0.0))
                continue
            done = polls.next(left_s)
            if done is None:
                continue
            monitor, answer = done
            failed = False
            for event in _events_of(monitor, answer):
                yield event
                failed = failed or isinstance(event.error, RunFailed)
            if failed and options.fail_fast:
                # Each study needs a `finished` event, because summaries count them.
                yield from (other.give_up() for other in monitors.values() if not other.over)
                return
            if not monitor.over:
                heapq.heappush(due, (monitor.due_s, monitor.study))
    finally:
        polls.close()


def _poll(context: Context, monitor: RunMonitor) -> RunStatus | SostradesError:
    """Poll once. The session retries only the first poll, because a wrong address should not count as an outage."""
    try:
        if monitor.last_status is None:
            return context.api.calculations.status(monitor.study)
        return context.api.calculations.poll(monitor.study, monitor.left_s())
    except SostradesError as error:
        return error
