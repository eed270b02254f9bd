"""Watching runs to their end: one study or a thousand in one process, each looked at when it is due."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import RunFailed, SostradesError
from sostrades_cli.operations.watcher import Watcher, Watching
from sostrades_cli.operations.workers import in_parallel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.server import Server
    from sostrades_cli.output.events import Event

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
    """Return the studies' own names, by number, where their parameters were seen before."""
    firsts = {study: next(iter(server.memory.recall(study)), "").partition(".")[0] for study in studies}
    return {study: name for study, name in firsts.items() if name}


def _until_all_over(server: Server, watchers: dict[int, Watcher], how: Watching) -> Iterator[Event]:
    waiting = [(watcher.due_s, study) for study, watcher in watchers.items() if not watcher.over]
    heapq.heapify(waiting)
    while waiting:
        now_s = server.clock.monotonic()
        if waiting[0][0] > now_s:
            server.clock.sleep(waiting[0][0] - now_s)
        due = _due(waiting, server.clock.monotonic())
        for watcher, answer in _looks(server, [watchers[study] for study in due]):
            events = watcher.take(answer) if isinstance(answer, RunStatus) else watcher.miss(answer)
            for event in events:
                yield event
                if how.fail_fast and isinstance(event.error, RunFailed):
                    return
            if not watcher.over:
                heapq.heappush(waiting, (watcher.due_s, watcher.study))


def _due(waiting: list[tuple[float, int]], now_s: float) -> list[int]:
    """Take the studies whose time has come off the heap: at least the first, however clocks round."""
    due = [heapq.heappop(waiting)[1]]
    while waiting and waiting[0][0] <= now_s:
        due.append(heapq.heappop(waiting)[1])
    return due


def _looks(server: Server, due: Sequence[Watcher]) -> Iterator[tuple[Watcher, RunStatus | SostradesError]]:
    """Look at each; a single one in this thread, so that Ctrl-C ends even a request that hangs."""
    if len(due) == 1:
        yield due[0], _look(server, due[0])
        return
    yield from in_parallel(lambda watcher: _look(server, watcher), due, LOOKS_AT_ONCE)


def _look(server: Server, watcher: Watcher) -> RunStatus | SostradesError:
    """Ask once; only the first look is repeated by the session, for an address that may be wrong."""
    try:
        if watcher.seen is None:
            return server.api.calculations.status(watcher.study)
        return server.api.calculations.look(watcher.study)
    except SostradesError as error:
        return error
