"""Execute a sweep: spread the cases over its studies, and always restore the original values."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from sostrades_cli.errors import (
    NotFound,
    RunActive,
    RunFailed,
    ServerFault,
    SostradesError,
    Unreachable,
    UsageError,
    WaitTimeout,
    WriteFailed,
    stopped_by,
)
from sostrades_cli.files.write_errors import is_full_disk
from sostrades_cli.operations.calc.sweep.baseline import RestoredStudy
from sostrades_cli.operations.calc.sweep.original_values import named_studies, restore_each
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, ENDED, FAILED, STARTED, CaseResult
from sostrades_cli.operations.thread_pool import ThreadPool
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sostrades_cli.operations.calc.sweep.cases import Case, Cases
    from sostrades_cli.operations.calc.sweep.collect import Collection
    from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
    from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
    from sostrades_cli.operations.calc.sweep.worker import SweepWorker
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class ProgressListener(Protocol):
    """A function that receives the progress of a sweep."""

    def __call__(self, result: CaseResult) -> None:
        """Handle a case that started or ended."""


class CaseSource(Protocol):
    """A source of cases: a table, an iterator, or a search."""

    @property
    def total(self) -> int:
        """The number of known cases, including those that have ended."""

    @property
    def is_total_known(self) -> bool:
        """Whether ``total`` is final. An iterator may yield further cases."""

    @property
    def can_resume(self) -> bool:
        """Whether the source yields the same cases again after an interruption."""

    @property
    def noun(self) -> str:
        """The word for a case in messages."""

    @property
    def headline(self) -> str:
        """The most important result so far, shown while the cases run. Empty if there is none."""

    def read(self, context: Context, study: int, own_name: str, *, resumed: bool) -> Cases:
        """Return the validated columns, with the rows that are already known."""

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        """Yield the cases that have not ended. The next case is requested when a study is free."""

    def take(self, result: CaseResult) -> None:
        """Handle the result of a case that ended."""


@dataclass(slots=True)
class SweepRunner:
    """A prepared sweep, the result of each case so far, and whether the original values are restored.

    ``cases`` has the rows that are known. ``ended`` is the number of cases that ended. ``originals`` are the workers.
    If the sweep is already complete, there are no workers, and ``originals`` has the original values of a study.
    ``earlier`` are the studies of an interrupted sweep that were restored before the first case. In a
    block of ``outage_limit``, reads wait for the end of an outage.
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
    earlier: list[RestoredStudy] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    results: dict[str, CaseResult] = field(default_factory=dict)
    ended: int = 0
    is_restored: bool = False
    outage_limit: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext

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
        """The most important result so far, empty if there is none."""
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
        return _restored(self._all_restored)

    @property
    def _all_restored(self) -> list[RestoredStudy]:
        """The studies with their original values, those of the interrupted sweep last."""
        # A study that was restored before the first case, and then had none, has lost its results, too.
        lacking = {restored.study for restored in self.earlier if restored.lacks_results}
        own = {o.study: RestoredStudy(o.study, o.lacks_results or o.study in lacking) for o in self.originals}
        return [*own.values(), *(restored for restored in self.earlier if restored.study not in own)]

    def final_notes(self, kept: int | None = None) -> Iterator[str]:
        """Yield notes about the values and results that the studies have now. Study ``kept`` has the best values."""
        restored = [item for item in self._all_restored if item.study != kept]
        if restored:
            yield _restored(restored)
        yield from _outdated(restored)

    @property
    def _next(self) -> str:
        """The hint after an interruption."""
        if self.source.can_resume:
            return "run the same command with --resume to continue"
        return f"read the results so far in {self.log.path}"

    def take_earlier(self, results: Mapping[str, CaseResult]) -> None:
        """Add the results of the interrupted sweep."""
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
            with self._restored_at_end(), self.outage_limit():
                self._run_cases(listener)
        except KeyboardInterrupt as error:
            raise self._stopped(error) from error
        except SostradesError as error:
            # Without restored values, resuming would start from those of a case.
            if isinstance(error, RunActive):
                error.hint = f"wait for the end with `sostrades calc watch {error.study or self.study}`"
            if not self.is_restored:
                error.add_detail(f"{self.ended} of {counted(self.total, self.noun)} ended", first=True)
            else:
                error.add_detail(self.restored)
                self._add_outdated(error)
                error.hint = self._hint(error)
            raise

    def _hint(self, error: SostradesError) -> str:
        """Return the hint of an error after which the original values are restored."""
        if isinstance(error, NotFound) and error.hint:
            # Another key of an output is another sweep, which cannot be resumed.
            return f"{error.hint}. Then correct the key, and start again with --overwrite"
        if isinstance(error, WriteFailed) and self.source.can_resume:
            # Its own hint may be another folder, in which there is nothing to resume.
            full = is_full_disk(error.__cause__)
            remedy = "free space on the disk" if full else "check the free space and the permissions"
            return f"{remedy}. Then {self._next}"
        # A server that failed has the hint to run the command again, which would start again. After a timeout, the
        # restored values have discarded the results of the active run, so it must not be watched.
        is_outdated = isinstance(error, ServerFault | Unreachable | WaitTimeout)
        return f"{error.hint}. Then {self._next}" if error.hint and not is_outdated else self._next

    @contextlib.contextmanager
    def _restored_at_end(self) -> Iterator[None]:
        stopped: KeyboardInterrupt | None = None
        # `finally` restores the values after an unexpected exception, too.
        try:
            yield
        except KeyboardInterrupt as error:
            stopped = error
            raise
        finally:
            self._abandon()
            # A user who stops the command does not want to wait for the end of an outage.
            with self.outage_limit() if stopped is None else contextlib.nullcontext():
                restore_each(self.originals, stopped)
            self.is_restored = True

    def _run_cases(self, listener: ProgressListener) -> None:
        waiting = self.source.upcoming(self.results)
        idle = deque(self.workers)
        # A single study needs no thread, and Ctrl-C can interrupt its request at once.
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
        except (UsageError, NotFound) as error:
            # Only the cases of a table, and entries of dicts with a value, are validated before the first run.
            error.add_detail(f"in {case.label}")
            raise

    def is_ended(self, case: Case) -> bool:
        """Return whether a case ended."""
        return case.name in self.results and self.results[case.name].state in ENDED

    def _record(self, result: CaseResult) -> None:
        # The log is written first. If that fails, the case has not ended.
        self.log.append(result)
        self.results[result.case] = result
        # The number is shown with each case, so it is not counted again for each of them.
        self.ended += result.state in ENDED

    def _abandon(self) -> None:
        """Mark running cases as abandoned, and prevent the start of others."""
        self.stop.set()
        self.collection.parts.close()
        for result in [result for result in self.results.values() if result.state == STARTED]:
            self.results[result.case] = CaseResult(result.case, ABANDONED, result.study)
            # The original values must be restored even if the disk is full.
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
        for note in _outdated(self._all_restored):
            error.add_detail(note)

    def _failed_fast(self, result: CaseResult) -> RunFailed:
        return RunFailed(
            f"stopped because {self.noun} {result.case} failed (--fail-fast)",
            detail=result.cause,
            hint="correct the case, or run the command without --fail-fast",
            study=result.study,
        )


def _restored(studies: Sequence[RestoredStudy]) -> str:
    return f"restored the original values of {named_studies([restored.study for restored in studies])}"


def _outdated(studies: Sequence[RestoredStudy]) -> Iterator[str]:
    """Yield a note if the outputs of studies belong to a case, not to their original values."""
    outdated = [restored.study for restored in studies if restored.lacks_results]
    if outdated:
        have = "has no results of its" if len(outdated) == 1 else "have no results of their"
        numbers = " ".join(map(str, outdated))
        yield f"{named_studies(outdated)} {have} own values now: sostrades calc run {numbers}"


def inputs_digest(listed: ListedParameters, swept: Sequence[str]) -> str | None:
    """Return the sha-256 of the values that are not swept, or ``None`` if the server cannot load the study."""
    if not listed.valued:
        return None
    # A parameter without a value may get one from a run. Tables are not compared, because a load does not show them.
    parameters = [p for _, p in sorted(listed.parameters.items()) if p.value is not None and not p.is_table]
    values = [(listed.key(p.name), repr(p.value)) for p in parameters if listed.key(p.name) not in swept]
    return sha256(json.dumps(values).encode()).hexdigest()
