"""Test the execution of a sweep: which cases run, what is logged, and that the original values are always restored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from sostrades_cli.api.models import Parameter
from sostrades_cli.errors import (
    Hangup,
    HungUp,
    RunFailed,
    SostradesError,
    Terminated,
    Termination,
    Unreachable,
    UserInterrupt,
    WriteFailed,
)
from sostrades_cli.local.journal import JournalEntry
from sostrades_cli.operations.calc.sweep.cases import Case, Cases
from sostrades_cli.operations.calc.sweep.collect import Collection
from sostrades_cli.operations.calc.sweep.original_values import restore_each
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FAILED, FINISHED, STARTED, CaseResult
from sostrades_cli.operations.calc.sweep.runner import SweepRunner, inputs_digest
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.operations.study.snapshot.capture import ListedParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

NAMES = ("a", "b", "c")


@dataclass
class Source:
    """Cases that know which results they have got."""

    names: tuple[str, ...] = NAMES
    is_total_known: bool = True
    can_resume: bool = True
    noun: str = "case"
    headline: str = ""
    taken: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.names)

    def read(self, *_: object, **__: object) -> Cases:
        return Cases((), (), (), "", has_files=False)

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        for name in self.names:
            if name not in results or results[name].state not in {FINISHED, FAILED}:
                yield Case(name, name, (), ())

    def take(self, result: CaseResult) -> None:
        self.taken.append((result.case, result.state))


@dataclass
class Log:
    """A progress log in memory. Writing a step of ``broken`` fails."""

    folder: Path
    steps: list[tuple[str, str]] = field(default_factory=list)
    broken: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        return self.folder / "log"

    def append(self, result: CaseResult) -> None:
        if result.state in self.broken:
            raise WriteFailed("the disk is full")
        self.steps.append((result.case, result.state))


@dataclass
class Worker:
    """A study whose runs end as ``ends`` says, with a state or an error; restoring it raises ``restoring``."""

    study: int
    ends: dict[str, str | BaseException] = field(default_factory=dict)
    restoring: BaseException | None = None
    lacks_results: bool = False
    ran: list[str] = field(default_factory=list)
    restored: list[bool] = field(default_factory=list)
    runner: SweepRunner | None = None

    def run(self, case: Case, *_: object) -> CaseResult:
        self.ran.append(case.name)
        end = self.ends.get(case.name, FINISHED)
        if isinstance(end, BaseException):
            raise end
        return CaseResult(case.name, end, self.study)

    def pending(self) -> JournalEntry:
        return JournalEntry(1, "", "", self.study, "sweep", "begun", ())

    def restore(self) -> None:
        self.restored.append(self.runner is not None and self.runner.stop.is_set())
        if self.restoring is not None:
            raise self.restoring


@pytest.fixture
def sweep(tmp_path: Path) -> Callable[..., tuple[SweepRunner, Source, Log]]:
    def prepared(*workers: Worker, fail_fast: bool = False, names: tuple[str, ...] = NAMES) -> Any:
        source, log = Source(names), Log(tmp_path)
        cases = source.read()
        runner = SweepRunner(21, source, cases, Collection(()), WatchOptions(), cast("Any", log), fail_fast)
        runner.workers = runner.originals = cast("Any", workers)
        for worker in workers:
            worker.runner = runner
        return runner, source, log

    return prepared


def ignore(_: CaseResult) -> None:
    """Show no progress."""


def steps(*cases: tuple[str, str]) -> list[tuple[str, str]]:
    return [step for name, state in cases for step in ((name, STARTED), (name, state))]


@pytest.mark.parametrize("state", [FINISHED, FAILED])
def test_every_case_runs_once_and_is_logged(sweep: Callable[..., Any], state: str) -> None:
    """A failed case does not end the sweep."""
    worker = Worker(21, {"b": state})
    runner, source, log = sweep(worker)
    heard: list[tuple[str, str, int]] = []
    runner.run(lambda result: heard.append((result.case, result.state, runner.ended)))
    assert worker.ran == list(NAMES)
    assert log.steps == steps(("a", FINISHED), ("b", state), ("c", FINISHED))
    assert [(name, end) for name, end, _ in heard] == log.steps
    assert [ended for _, _, ended in heard] == [0, 1, 1, 2, 2, 3]
    assert source.taken == [("a", FINISHED), ("b", state), ("c", FINISHED)]
    assert (runner.is_complete, runner.is_restored, worker.restored) == (True, True, [True])


def test_several_studies_share_the_cases(sweep: Callable[..., Any]) -> None:
    workers = Worker(21), Worker(22)
    runner, _, log = sweep(*workers, names=tuple("abcdefgh"))
    runner.run(ignore)
    assert sorted(workers[0].ran + workers[1].ran) == list("abcdefgh")
    assert [worker.restored for worker in workers] == [[True], [True]]
    assert (len(log.steps), runner.is_complete) == (16, True)
    assert log.steps[:2] == [("a", STARTED), ("b", STARTED)]


@pytest.mark.parametrize(
    ("earlier", "ended", "ran"),
    [
        ({"a": FINISHED, "b": FAILED}, 2, ["c"]),
        ({"a": FINISHED, "b": ABANDONED}, 1, ["b", "c"]),
        ({"a": STARTED}, 0, list(NAMES)),
    ],
)
def test_only_ended_cases_are_not_run_again(
    sweep: Callable[..., Any], earlier: dict[str, str], ended: int, ran: list[str]
) -> None:
    worker = Worker(21)
    runner, *_ = sweep(worker)
    runner.take_earlier({name: CaseResult(name, state, 21) for name, state in earlier.items()})
    assert (runner.ended, runner.is_complete) == (ended, False)
    assert [runner.is_ended(Case(name, name, (), ())) for name in NAMES].count(True) == ended
    runner.run(ignore)
    assert (worker.ran, runner.is_complete) == (ran, True)


@pytest.mark.parametrize(
    ("end", "raised", "number"),
    [
        (KeyboardInterrupt(), UserInterrupt, 1),  # a thread never gets Ctrl-C
        (Unreachable("no connection"), Unreachable, 1),
        (Unreachable("no connection"), Unreachable, 2),
        (ZeroDivisionError(), ZeroDivisionError, 1),
        (ZeroDivisionError(), ZeroDivisionError, 2),
    ],
)
def test_original_values_are_restored_after_any_end(
    sweep: Callable[..., Any], end: BaseException, raised: type[BaseException], number: int
) -> None:
    """Even after a bug. No case is set or started any more by then, and the running case is not ended."""
    workers = [Worker(21 + index, {"b": end}) for index in range(number)]
    runner, _, log = sweep(*workers)
    with pytest.raises(raised):
        runner.run(ignore)
    assert [worker.restored for worker in workers] == [[True]] * number
    assert (runner.is_restored, runner.is_complete) == (True, False)
    assert (runner.results["b"].state, ("b", ABANDONED) in log.steps) == (ABANDONED, True)
    with pytest.raises(UserInterrupt):
        runner.collection.parts.open(log.folder / "late", 0o600)


def test_failed_case_ends_the_sweep_if_requested(sweep: Callable[..., Any]) -> None:
    worker = Worker(21, {"b": FAILED})
    runner, source, log = sweep(worker, fail_fast=True)
    with pytest.raises(RunFailed):
        runner.run(ignore)
    assert log.steps == steps(("a", FINISHED), ("b", FAILED))
    assert (source.taken[-1], worker.restored, runner.ended) == (("b", FAILED), [True], 2)


@pytest.mark.parametrize("state", [STARTED, FINISHED])
def test_case_that_cannot_be_logged_did_not_happen(sweep: Callable[..., Any], state: str) -> None:
    """Otherwise it would be in the results, and a resumed sweep would run it again."""
    worker = Worker(21)
    runner, source, log = sweep(worker)
    log.broken = frozenset({state, ABANDONED})
    with pytest.raises(WriteFailed):
        runner.run(ignore)
    assert (runner.ended, source.taken, worker.restored) == (0, [], [True])
    assert worker.ran == ([] if state == STARTED else ["a"])
    assert [result.state for result in runner.results.values()] == ([] if state == STARTED else [ABANDONED])


def test_error_of_restoring_is_reported(sweep: Callable[..., Any]) -> None:
    workers = Worker(21, restoring=Unreachable("no connection")), Worker(22)
    runner, *_ = sweep(*workers)
    with pytest.raises(Unreachable) as raised:
        runner.run(ignore)
    assert (raised.value.in_doubt, raised.value.study, runner.is_restored) == (True, 21, False)
    assert workers[1].restored == [True]


@pytest.mark.parametrize(
    ("errors", "left"),
    [
        ([None, None], []),
        ([Unreachable("x"), None], [21]),
        ([None, Unreachable("x")], [22]),
        ([Unreachable("x"), Unreachable("y")], [21, 22]),
        ([KeyboardInterrupt(), None], [21, 22]),
        ([None, KeyboardInterrupt()], [22]),
    ],
)
def test_every_study_is_restored_or_listed(errors: list[BaseException | None], left: list[int]) -> None:
    workers = [Worker(21 + number, restoring=error) for number, error in enumerate(errors)]
    if not left:
        restore_each(cast("Any", workers))
        return
    with pytest.raises(SostradesError) as raised:
        restore_each(cast("Any", workers))
    commands = [number for number in (21, 22) if f"param undo {number}" in str(raised.value.hint)]
    assert (commands, raised.value.in_doubt) == (left, True)


@pytest.mark.parametrize(
    ("values", "is_same"),
    [
        ({"s.a": 1.0, "s.b": 2.0}, True),
        ({"s.a": 9.0, "s.b": 2.0}, True),
        ({"s.a": 1.0, "s.b": 3.0}, False),
        ({"s.a": 1.0, "s.b": 2}, False),
        ({"s.a": 1.0, "s.b": 2.0, "s.c": None}, True),
        ({"s.a": 1.0, "s.b": 2.0, "s.c": "://dataframe"}, True),
        ({"s.a": 1.0, "s.b": 2.0, "s.c": 1.0}, False),
    ],
)
def test_digest_of_the_inputs_outside_the_sweep(values: dict[str, Any], is_same: bool) -> None:
    """Neither swept values, nor tables, nor outputs without a value count."""

    def digest(values: dict[str, Any], *, valued: bool = True) -> str | None:
        parameters = {name: Parameter(name, "float", None, name[2:], value) for name, value in values.items()}
        return inputs_digest(ListedParameters(21, "s", parameters, frozenset(), valued), ["a"])

    first = digest({"s.a": 1.0, "s.b": 2.0})
    assert first is not None
    assert (digest(values) == first) is is_same
    assert digest(values, valued=False) is None


@pytest.mark.parametrize(
    ("signal", "raised"), [(KeyboardInterrupt(), UserInterrupt), (Termination(), Terminated), (Hangup(), HungUp)]
)
def test_signal_during_an_outage_is_reported_as_such(
    sweep: Callable[..., Any], signal: BaseException, raised: type[SostradesError]
) -> None:
    runner, *_ = sweep(Worker(21, {"b": signal}, restoring=Unreachable("no connection")))
    with pytest.raises(raised) as error:
        runner.run(ignore)
    assert (error.value.in_doubt, runner.is_restored) == (True, False)
    assert "1 of 3" in str(error.value.detail)
    assert "no connection" in error.value.message
