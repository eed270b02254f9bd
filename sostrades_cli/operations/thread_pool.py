"""A thread pool that does the same work on many items, a few at a time.

Its threads are daemons. Python waits for other threads at exit, so Ctrl-C would wait for every active request.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from sostrades_cli.system import in_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
_END = object()


class ThreadPool(Generic[Item, Outcome]):
    """A few threads that apply ``work`` to items. With ``jobs=0``, the calling thread does the work."""

    def __init__(self, work: Callable[[Item], Outcome], jobs: int) -> None:
        self.in_flight = 0
        self._work = work
        self._jobs = jobs
        self._threads = 0
        self._queue: queue.SimpleQueue[Item | object] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Item, Outcome | None, BaseException | None]] = queue.SimpleQueue()

    def begin(self, item: Item) -> None:
        """Queue an item for the next free thread."""
        self.in_flight += 1
        self._queue.put(item)
        if self._threads < min(self._jobs, self.in_flight):
            self._threads += 1
            # Threads start on demand, so a command with a single item starts a single thread.
            threading.Thread(target=self._run, daemon=True).start()

    def next(self, timeout_s: float | None = None) -> tuple[Item, Outcome] | None:
        """Return the next finished item with its outcome, or ``None`` after ``timeout_s`` seconds.

        An exception of the work is raised here.
        """
        if not self._jobs:
            self._process(self._queue.get())  # type: ignore[arg-type] # without threads there is no end marker
        # In slices, because Ctrl-C does not interrupt a wait on Windows.
        for slice_s in in_slices(timeout_s):
            with contextlib.suppress(queue.Empty):
                item, outcome, error = self._done.get(timeout=slice_s)
                break
        else:
            return None
        self.in_flight -= 1
        # An exception in a thread would otherwise only be printed.
        if error is not None:
            raise error
        return item, outcome  # type: ignore[return-value] # without an error there is an outcome

    def close(self) -> None:
        """Drop the waiting items. Each thread ends after its current item."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
        for _ in range(self._threads):
            # One end marker per thread, because each thread takes one marker.
            self._queue.put(_END)

    def _run(self) -> None:
        while (item := self._queue.get()) is not _END:
            self._process(item)  # type: ignore[arg-type] # everything except the end marker is an item

    def _process(self, item: Item) -> None:
        try:
            self._done.put((item, self._work(item), None))
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            self._done.put((item, None, error))


def in_parallel(work: Callable[[Item], Outcome], items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, Outcome]]:
    """Yield each item with its outcome, in order of completion.

    An exception of ``work`` is raised here. After that, or after the caller stops, no further item begins.
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
