"""The execution of a sweep: the cases are spread over its studies, and the original values are always restored."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from sostrades_cli.errors import (
    RunActive,
    RunFailed,
    ServerFault,
    SostradesError,
    Unreachable,
    UsageError,
    WriteFailed,
    stopped_by,
)
from sostrades_cli.operations.calc.sweep.original_values import restore_each
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, ENDED, FAILED, STARTED, CaseResult
from sostrades_cli.operations.thread_pool import ThreadPool
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Case, Cases
    from sostrades_cli.operations.calc.sweep.collect import Collection
    from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
    from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
    from sostrades_cli.operations.calc.sweep.worker import SweepWorker
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class ProgressListener(Protocol):
    """Receives the progress of a sweep."""

    def __call__(self, result: CaseResult) -> None:
        """Handle a case that started or ended."""


class CaseSource(Protocol):
    """Where the cases of a sweep come from: a table, an iterator, or a search."""

    @property
    def total(self) -> int:
        """The number of cases that are known, with those that have ended."""

    @property
    def is_total_known(self) -> bool:
        """Whether no case can come in addition to the total."""

    @property
    def can_resume(self) -> bool:
        """Whether the source yields the same cases again after an interruption."""

    @property
    def noun(self) -> str:
        """The word for a case in messages."""

    @property
    def headline(self) -> str:
        """The most important result so far, to show while the cases run; empty if there is none."""

    def read(self, context: Context, study: int, own_name: str, *, resumed: bool) -> Cases:
        """Return the validated columns, with the rows that are known."""

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        """Yield the cases that have not ended. The next one is requested when a study is free."""

    def take(self, result: CaseResult) -> None:
        """Handle the result of a case that ended."""


@dataclass(slots=True)
class SweepRunner:
    """A prepared sweep, the result of each case so far, and whether the original values are restored.

    ``cases`` has the rows that are known. ``ended`` is the number of cases that ended. ``originals`` are the workers,
    or only the original values of a study if the sweep is already complete.
    """

    study: int
    source: CaseSource
    cases: Cases
    collection: Collection
    options: WatchOptions
    log: ProgressLog
    fail_fast: bool = False
    workers: Sequence[SweepWorker] = ()
    originals: Sequence[OriginalValues] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    results: dict[str, CaseResult] = field(default_factory=dict)
    ended: int = 0
    is_restored: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the cases that are known so far."""
        return list(dict.fromkeys([*(case.name for case in self.cases.rows), *self.results]))

    @property
    def noun(self) -> str:
        """The word for a case in messages."""
        return self.source.noun

    @property
    def headline(self) -> str:
        """The most important result so far; empty if there is none."""
        return self.source.headline

    @property
    def total(self) -> int:
        """The number of cases."""
        return self.source.total

    @property
    def is_complete(self) -> bool:
        """Return whether every case ended."""
        return self.ended >= self.total

    @property
    def restored(self) -> str:
        """The note about the original values."""
        return _restored(self.originals)

    def final_notes(self, kept: int | None = None) -> Iterator[str]:
        """Yield the notes about the values and results that the studies have now; ``kept`` has other values."""
        originals = [original for original in self.originals if original.study != kept]
        if originals:
            yield _restored(originals)
        yield from _outdated(originals)

    @property
    def _next(self) -> str:
        """The hint after an interruption."""
        if self.source.can_resume:
            return "run the same command with --resume to continue"
        return f"read the results so far in {self.log.path}"

    def take_earlier(self, results: Mapping[str, CaseResult]) -> None:
        """Take in the results of the interrupted sweep."""
        self.results.update(results)
        self.ended = sum(result.state in ENDED for result in results.values())

    def run(self, listener: ProgressListener) -> None:
        """Run the remaining cases, then restore the original values, also after an interruption.

        Raises
        ------
        SostradesError
            The sweep did not complete. Ended cases are in the progress log.

        """
        try:
            with self._restored_at_end():
                self._run_cases(listener)
        except KeyboardInterrupt as error:
            raise self._stopped(error) from error
        except SostradesError as error:
            # Without restored values, resuming would start from those of a case.
            if isinstance(error, RunActive):
                error.hint = f"wait for the end with `sostrades calc watch {error.study or self.study}`"
            if self.is_restored:
                error.add_detail(self.restored)
                self._add_outdated(error)
                # A server that failed has the hint to run the command again, which would start anew.
                is_failed = isinstance(error, ServerFault | Unreachable)
                error.hint = f"{error.hint}. Then {self._next}" if error.hint and not is_failed else self._next
            raise

    @contextlib.contextmanager
    def _restored_at_end(self) -> Iterator[None]:
        # Not an except clause: the values must be restored after a bug, too.
        try:
            yield
        finally:
            self._abandon()
            restore_each(self.originals)
            self.is_restored = True

    def _run_cases(self, listener: ProgressListener) -> None:
        waiting = self.source.upcoming(self.results)
        idle = deque(self.workers)
        # A single study needs no thread, and Ctrl-C then interrupts its request at once.
        pool: ThreadPool[tuple[SweepWorker, Case], CaseResult] = ThreadPool(
            self._run_case, 0 if len(self.workers) == 1 else len(self.workers)
        )
        try:
            while True:
                while idle and (case := next(waiting, None)) is not None:
                    worker = idle.popleft()
                    started = CaseResult(case.name, STARTED, worker.study)
                    self._record(started)
                    listener(started)
                    pool.begin((worker, case))
                if not pool.in_flight:
                    break
                answer = pool.next()
                if answer is None:
                    continue
                (worker, _), result = answer
                self._record(result)
                self.source.take(result)
                listener(result)
                if result.state == FAILED and self.fail_fast:
                    raise self._failed_fast(result)
                idle.append(worker)
        finally:
            pool.close()

    def _run_case(self, item: tuple[SweepWorker, Case]) -> CaseResult:
        worker, case = item
        try:
            return worker.run(case, self.options, self.collection, self.log.folder)
        except UsageError as error:
            # Only the cases of a table are validated before the first run.
            error.add_detail(f"in {case.label}")
            raise

    def is_ended(self, case: Case) -> bool:
        """Return whether a case ended."""
        return case.name in self.results and self.results[case.name].state in ENDED

    def _record(self, result: CaseResult) -> None:
        # The log comes first: a case that is not in the log did not end.
        self.log.append(result)
        self.results[result.case] = result
        # Counted here, because the progress of each case shows the number.
        self.ended += result.state in ENDED

    def _abandon(self) -> None:
        """Mark running cases as abandoned, and prevent the start of others."""
        self.stop.set()
        self.collection.parts.close()
        for result in [result for result in self.results.values() if result.state == STARTED]:
            self.results[result.case] = CaseResult(result.case, ABANDONED, result.study)
            # Even with a full disk the original values must be restored.
            with contextlib.suppress(WriteFailed, UsageError):
                self.log.append(self.results[result.case])

    def _stopped(self, error: BaseException) -> SostradesError:
        kind, word = stopped_by(error)
        stopped = kind(
            f"{word} after {self.ended} of {counted(self.total, self.noun)}, {self.restored}",
            hint=self._next,
            study=self.study,
        )
        self._add_outdated(stopped)
        return stopped

    def _add_outdated(self, error: SostradesError) -> None:
        for note in _outdated(self.originals):
            error.add_detail(note)

    def _failed_fast(self, result: CaseResult) -> RunFailed:
        return RunFailed(
            f"stopped because {self.noun} {result.case} failed (--fail-fast)",
            detail=result.cause,
            hint="correct the case, or run the command without --fail-fast",
            study=result.study,
        )


def _restored(originals: Sequence[OriginalValues]) -> str:
    return f"restored the original values of {_studies([original.study for original in originals])}"


def _outdated(originals: Sequence[OriginalValues]) -> Iterator[str]:
    """Yield a note if the outputs of studies are those of a case, not of their own values."""
    numbers = [original.study for original in originals if original.lacks_results]
    if numbers:
        have = "has no results of its" if len(numbers) == 1 else "have no results of their"
        yield f"{_studies(numbers)} {have} own values now: sostrades calc run {' '.join(map(str, numbers))}"


def _studies(numbers: Sequence[int]) -> str:
    return f"{'study' if len(numbers) == 1 else 'studies'} {', '.join(map(str, numbers))}"


def inputs_digest(listed: ListedParameters, swept: Sequence[str]) -> str | None:
    """Return the sha-256 of the values that are not swept, ``None`` if the server cannot load the study."""
    if not listed.valued:
        return None
    # A parameter without a value may be an output of a later run. Tables are not in a load.
    parameters = [p for _, p in sorted(listed.parameters.items()) if p.value is not None and not p.is_table]
    values = [(listed.key(p.name), repr(p.value)) for p in parameters if listed.key(p.name) not in swept]
    return sha256(json.dumps(values).encode()).hexdigest()
