"""Doing the same thing to many items, a few at once.

The threads are daemons: Python would wait for others at its end, and so Ctrl-C would wait for every request that
is in flight.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def in_parallel(work: Callable[[Item], Outcome], items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, Outcome]]:
    """Yield each item with its outcome, in the order in which they come.

    An exception of ``work`` is raised here; what has not begun by then, or when the caller stops listening, is
    not begun.
    """
    waiting = list(items)[::-1]
    total = len(waiting)
    done: queue.SimpleQueue[tuple[Item, Outcome | None, BaseException | None]] = queue.SimpleQueue()

    def serve() -> None:
        while True:
            try:
                item = waiting.pop()  # a list's pop is atomic
            except IndexError:
                return
            try:
                done.put((item, work(item), None))
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                done.put((item, None, error))

    for _ in range(min(jobs, total)):
        threading.Thread(target=serve, daemon=True).start()
    try:
        for _ in range(total):
            item, outcome, error = done.get()
            if error is not None:
                raise error
            yield item, outcome  # type: ignore[misc] # without an error there is an outcome
    finally:
        waiting.clear()
