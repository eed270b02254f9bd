"""Doing the same thing to many items, a few at once.

The threads are daemons: Python would wait for others at its end, and so Ctrl-C would wait for every request that
is in flight.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
_END = object()


class ThreadPool(Generic[Item, Outcome]):
    """A few threads that do the same thing to what they are given; with no ``jobs`` the caller's thread does it."""

    def __init__(self, work: Callable[[Item], Outcome], jobs: int) -> None:
        self.in_flight = 0
        self._work = work
        self._jobs = jobs
        self._threads = 0
        self._waiting: queue.SimpleQueue[Item | object] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Item, Outcome | None, BaseException | None]] = queue.SimpleQueue()

    def begin(self, item: Item) -> None:
        """Give an item to the first thread that is free."""
        self.in_flight += 1
        self._waiting.put(item)
        if self._threads < min(self._jobs, self.in_flight):
            self._threads += 1
            threading.Thread(target=self._serve, daemon=True).start()

    def next(self, timeout_s: float | None = None) -> tuple[Item, Outcome] | None:
        """Return an item with its outcome as soon as one is done, ``None`` where none is after ``timeout_s``.

        An exception of the work is raised here.
        """
        if not self._jobs:
            self._serve_one(self._waiting.get())  # type: ignore[arg-type] # nothing ends what runs here
        try:
            item, outcome, error = self._done.get(timeout=None if timeout_s is None else max(0.0, timeout_s))
        except queue.Empty:
            return None
        self.in_flight -= 1
        if error is not None:
            raise error
        return item, outcome  # type: ignore[return-value] # without an error there is an outcome

    def close(self) -> None:
        """Drop what has not begun, and let every thread end after what it does now."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        for _ in range(self._threads):
            self._waiting.put(_END)

    def _serve(self) -> None:
        while (item := self._waiting.get()) is not _END:
            self._serve_one(item)  # type: ignore[arg-type] # what is not the end is an item

    def _serve_one(self, item: Item) -> None:
        try:
            self._done.put((item, self._work(item), None))
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            self._done.put((item, None, error))


def in_parallel(work: Callable[[Item], Outcome], items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, Outcome]]:
    """Yield each item with its outcome, in the order in which they come.

    An exception of ``work`` is raised here; what has not begun by then, or when the caller stops listening, is
    not begun.
    """
    workers: ThreadPool[Item, Outcome] = ThreadPool(work, jobs)
    try:
        for item in items:
            workers.begin(item)
        while workers.in_flight:
            done = workers.next()
            if done is not None:
                yield done
    finally:
        workers.close()
