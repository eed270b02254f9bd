"""Watching runs to their end: one study or a thousand in one process, each looked at when it is due."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import RunFailed, SostradesError
from sostrades_cli.operations.calc.monitor import RunMonitor, WatchOptions
from sostrades_cli.operations.thread_pool import ThreadPool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

LOOKS_AT_ONCE: Final = 8


def watch(
    context: Context, studies: Sequence[int], options: WatchOptions, first: RunStatus | None = None
) -> Iterator[Event]:
    """Yield the events of every study until all have ended; each ends with ``finished``.

    ``first`` is the state that the server gave when it accepted the start of the only study.
    """
    monitors = {study: RunMonitor(context, study, options) for study in studies}
    if first is not None:
        yield from monitors[first.study].take(first)
    if len(monitors) == 1:
        yield from _until_over(context, *monitors.values())
    else:
        yield from _until_all_over(context, monitors, options)


def study_names(context: Context, studies: Sequence[int]) -> dict[int, str]:
    """Return the studies' own names, by number, where an answer told them before."""
    return {study: name for study in studies if (name := context.cache.name(study))}


def _until_over(context: Context, monitor: RunMonitor) -> Iterator[Event]:
    """Watch one study in this thread, so that Ctrl-C ends even a request that hangs."""
    while not monitor.over:
        context.clock.sleep(max(0.0, monitor.due_s - context.clock.monotonic()))
        yield from _taken(monitor, _look(context, monitor))


def _taken(monitor: RunMonitor, answer: RunStatus | SostradesError) -> Iterator[Event]:
    return monitor.take(answer) if isinstance(answer, RunStatus) else monitor.miss(answer)


def _until_all_over(context: Context, monitors: dict[int, RunMonitor], options: WatchOptions) -> Iterator[Event]:
    waiting = [(monitor.due_s, study) for study, monitor in monitors.items() if not monitor.over]
    heapq.heapify(waiting)
    # A few requests at a time: one that hangs does not delay the others.
    looks: ThreadPool[RunMonitor, RunStatus | SostradesError] = ThreadPool(
        lambda monitor: _look(context, monitor), jobs=LOOKS_AT_ONCE
    )
    try:
        while waiting or looks.in_flight:
            while waiting and waiting[0][0] <= context.clock.monotonic():
                looks.begin(monitors[heapq.heappop(waiting)[1]])
            left_s = waiting[0][0] - context.clock.monotonic() if waiting else None
            if not looks.in_flight:
                context.clock.sleep(max(0.0, left_s or 0.0))
                continue
            done = looks.next(left_s)
            if done is None:
                continue
            monitor, answer = done
            failed = False
            for event in _taken(monitor, answer):
                yield event
                failed = failed or isinstance(event.error, RunFailed)
            if failed and options.fail_fast:
                yield from (other.give_up() for other in monitors.values() if not other.over)
                return
            if not monitor.over:
                heapq.heappush(waiting, (monitor.due_s, monitor.study))
    finally:
        looks.close()


def _look(context: Context, monitor: RunMonitor) -> RunStatus | SostradesError:
    """Ask once; only the first look is repeated by the session, for an address that may be wrong."""
    try:
        if monitor.seen is None:
            return context.api.calculations.status(monitor.study)
        return context.api.calculations.look(monitor.study, monitor.left_s())
    except SostradesError as error:
        return error
