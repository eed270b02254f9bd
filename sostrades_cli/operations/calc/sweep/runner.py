"""Running a sweep: the cases spread over its studies, and the studies' own values put back whatever happens."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from sostrades_cli.errors import RunFailed, SostradesError, UsageError, WriteFailed, stopped_by
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, BEGUN, FAILED, OVER, CaseResult
from sostrades_cli.operations.calc.sweep.worker import SweepWorker, unrestored
from sostrades_cli.operations.thread_pool import ThreadPool
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Case, Cases
    from sostrades_cli.operations.calc.sweep.collect import Collection
    from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class ProgressListener(Protocol):
    """Is told how far a sweep is."""

    def __call__(self, done: CaseResult | None, *, over: int, failed: int, running: int) -> None:
        """Take in what happened to a case, and the numbers of all."""


@dataclass(slots=True)
class SweepRunner:
    """A sweep under way: what was prepared, what has come of each case, and whether the own values are back."""

    study: int
    cases: Cases
    what: Collection
    options: WatchOptions
    record: ProgressLog
    workers: Sequence[SweepWorker]
    stop: threading.Event
    fail_fast: bool = False
    done: dict[str, CaseResult] = field(default_factory=dict)
    back: bool = False

    @property
    def restored(self) -> str:
        """Say whose own values are back."""
        studies = ", ".join(str(worker.study) for worker in self.workers)
        return (
            f"study {studies} has its own values again"
            if len(self.workers) == 1
            else f"studies {studies} have their own"
        )

    def run(self, tell: ProgressListener) -> None:
        """Run what is not over yet, then put back the studies' own values, also when it is interrupted.

        Raises
        ------
        SostradesError
            The sweep did not come to its end; what is done is in the record.

        """
        try:
            with self._own_values_back():
                self._run_cases(tell)
        except KeyboardInterrupt as error:
            raise self._stopped(error) from error
        except SostradesError as error:
            if self.back:
                error.add_detail(f"{self.restored}; the same command with --resume goes on")
            raise

    @contextlib.contextmanager
    def _own_values_back(self) -> Iterator[None]:
        """Put the studies' own values back whatever happens, a bug included."""
        try:
            yield
        finally:
            self._abandon()
            self._restore()

    def _run_cases(self, tell: ProgressListener) -> None:
        waiting = deque(case for case in self.cases.rows if not self._over(case))
        idle = deque(self.workers)
        pool: ThreadPool[tuple[SweepWorker, Case], CaseResult] = ThreadPool(
            self._run_one, 0 if len(self.workers) == 1 else len(self.workers)
        )
        try:
            while waiting or pool.in_flight:
                while waiting and idle:
                    worker, case = idle.popleft(), waiting.popleft()
                    self._note(CaseResult(case.name, BEGUN, worker.study))
                    self._tell(tell, None)
                    pool.begin((worker, case))
                answer = pool.next()
                if answer is None:
                    continue
                (worker, _), done = answer
                self._note(done)
                self._tell(tell, done)
                if done.state == FAILED and self.fail_fast:
                    raise self._failed_fast(done)
                idle.append(worker)
        finally:
            pool.close()

    def _run_one(self, item: tuple[SweepWorker, Case]) -> CaseResult:
        worker, case = item
        return worker.run(case, self.options, self.what, self.record.folder)

    def _over(self, case: Case) -> bool:
        return case.name in self.done and self.done[case.name].state in OVER

    def _note(self, done: CaseResult) -> None:
        self.record.append(done)
        self.done[done.case] = done

    def _tell(self, tell: ProgressListener, done: CaseResult | None) -> None:
        states = [one.state for one in self.done.values()]
        over = sum(state in OVER for state in states)
        tell(done, over=over, failed=states.count(FAILED), running=states.count(BEGUN))

    def _abandon(self) -> None:
        """Note of what runs that nobody waits for it any more; nothing is begun after this."""
        self.stop.set()
        self.what.parts.close()
        for done in [one for one in self.done.values() if one.state == BEGUN]:
            self.done[done.case] = CaseResult(done.case, ABANDONED, done.study)
            with contextlib.suppress(
                WriteFailed, UsageError
            ):  # the values come first, whether or not that can be written
                self.record.append(self.done[done.case])

    def _restore(self) -> None:
        """Give every study its own values back; who interrupts that as well is told what does it."""
        left, failures = list(self.workers), []
        try:
            for worker in self.workers:
                try:
                    worker.restore()
                    left.remove(worker)
                except SostradesError as error:
                    failures.append(error)
        except KeyboardInterrupt as error:
            kind, _ = stopped_by(error)
            raise unrestored(left, kind("stopped while they were put back")) from error
        if failures:
            raise unrestored(left, failures[0]) from failures[0]
        self.back = True

    def _stopped(self, error: BaseException) -> SostradesError:
        kind, word = stopped_by(error)
        over = sum(map(self._over, self.cases.rows))
        return kind(
            f"{word} with {over} of {counted(len(self.cases.rows), 'case')} done; {self.restored}",
            hint="the same command with --resume goes on",
            study=self.study,
        )

    def _failed_fast(self, done: CaseResult) -> RunFailed:
        return RunFailed(
            f"case {done.case} failed, and --fail-fast was given",
            detail=done.cause,
            hint="the same command without --fail-fast",
            study=done.study,
        )


def inputs_digest(listed: ListedParameters, swept: Sequence[str]) -> str | None:
    """Return the sha-256 of what a load shows of the inputs that are not swept, ``None`` where there is no load."""
    if not listed.valued:
        return None
    # What has no value yet may turn out to be computed; tables are not in a load.
    values = [p for _, p in sorted(listed.parameters.items()) if p.value is not None and not p.is_table]
    shown = [(listed.key(p.name), repr(p.value)) for p in values if listed.key(p.name) not in swept]
    return sha256(json.dumps(shown).encode()).hexdigest()
