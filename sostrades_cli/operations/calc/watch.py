"""Watching runs to their end: one study or a thousand in one process, each looked at when it is due."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import RunFailed, SostradesError
from sostrades_cli.operations.calc.monitor import Watcher, Watching
from sostrades_cli.operations.thread_pool import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.context import Server
    from sostrades_cli.run_events import Event

LOOKS_AT_ONCE: Final = 8


def watch(server: Server, studies: Sequence[int], how: Watching, first: RunStatus | None = None) -> Iterator[Event]:
    """Yield the events of every study until all have ended; each ends with ``finished``.

    ``first`` is the state that the server gave when it accepted the start of the only study.
    """
    watchers = {study: Watcher(server, study, how) for study in studies}
    if first is not None:
        yield from watchers[first.study].take(first)
    yield from _until_all_over(server, watchers, how)


def study_names(server: Server, studies: Sequence[int]) -> dict[int, str]:
    """Return the studies' own names, by number, where an answer told them before."""
    return {study: name for study in studies if (name := server.memory.name(study))}


def _until_all_over(server: Server, watchers: dict[int, Watcher], how: Watching) -> Iterator[Event]:
    waiting = [(watcher.due_s, study) for study, watcher in watchers.items() if not watcher.over]
    heapq.heapify(waiting)
    looks = _looks(server, alone=len(watchers) == 1)
    try:
        while waiting or looks.in_flight:
            while waiting and waiting[0][0] <= server.clock.monotonic():
                looks.begin(watchers[heapq.heappop(waiting)[1]])
            left_s = waiting[0][0] - server.clock.monotonic() if waiting else None
            if not looks.in_flight:
                server.clock.sleep(max(0.0, left_s or 0.0))
                continue
            done = looks.next(left_s)
            if done is None:
                continue
            watcher, answer = done
            failed = False
            for event in watcher.take(answer) if isinstance(answer, RunStatus) else watcher.miss(answer):
                yield event
                failed = failed or isinstance(event.error, RunFailed)
            if failed and how.fail_fast:
                yield from (other.give_up() for other in watchers.values() if not other.over)
                return
            if not watcher.over:
                heapq.heappush(waiting, (watcher.due_s, watcher.study))
    finally:
        looks.close()


def _looks(server: Server, *, alone: bool) -> Workers[Watcher, RunStatus | SostradesError]:
    """Return what looks at studies: a few at once, so that one that hangs does not keep the others waiting.

    A study that is alone is looked at in this thread, so that Ctrl-C ends even a request that hangs.
    """
    return Workers(lambda watcher: _look(server, watcher), jobs=0 if alone else LOOKS_AT_ONCE)


def _look(server: Server, watcher: Watcher) -> RunStatus | SostradesError:
    """Ask once; only the first look is repeated by the session, for an address that may be wrong."""
    try:
        if watcher.seen is None:
            return server.api.calculations.status(watcher.study)
        return server.api.calculations.look(watcher.study, watcher.left_s())
    except SostradesError as error:
        return error
