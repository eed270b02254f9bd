"""Test the worker of a sweep: what it does with a case once the sweep has stopped, and with the values of a study."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import WorldClock

from server_stub.faults import Fault
from sostrades_cli.errors import Refused, RunActive
from sostrades_cli.operations.calc.sweep.baseline import read_baseline, recorded_baselines
from sostrades_cli.operations.calc.sweep.cases import Case
from sostrades_cli.operations.calc.sweep.collect import Collection
from sostrades_cli.operations.calc.sweep.polling_guide import PollingGuide
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FINISHED
from sostrades_cli.operations.calc.sweep.worker import SweepWorker, require_values
from sostrades_cli.operations.calc.usual_durations import usual_case_s
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.study.snapshot.capture import list_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import User

    from sostrades_cli.operations.context import Context

EXECUTE, UPDATE = "POST /api/v0/calculation/execute/21", "POST /api/v0/study-case/21/parameters"
CASE = Case("a", "a", ("0.1",), (Assignment("Macro.gamma", value=0.1),))


class Guide(PollingGuide):
    """A polling guide that calls a function before each wait, and keeps the added durations."""

    def __init__(self) -> None:
        super().__init__()
        self.before_wait: Callable[[], None] = lambda: None
        self.added: list[float] = []

    def interval_s(self, elapsed_s: float) -> float:
        self.before_wait()
        return super().interval_s(elapsed_s)

    def add(self, duration_s: float) -> None:
        self.added.append(duration_s)


class Clock(WorldClock):
    """A clock that calls a function before it sleeps."""

    before_sleep: Callable[[], None] = staticmethod(lambda: None)

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.before_sleep()
        super().sleep(seconds)


@pytest.fixture
def clock(user: User) -> Clock:
    return Clock(user.world.clock)  # type: ignore[arg-type] # a manual clock


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context], clock: Clock) -> Context:
    return server_of(user)._replace(clock=cast("Any", clock))


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def guide() -> Guide:
    return Guide()


@pytest.fixture
def worker(context: Context, stop: threading.Event, guide: Guide) -> Iterator[SweepWorker]:
    listed = list_parameters(context, 21, outputs=False)
    baseline = read_baseline(context, listed, ["Macro.gamma"], None)
    with recorded_baselines(context, {21: baseline}, CaseCommand.SWEEP) as recorded:
        yield SweepWorker(context, listed, recorded[21], stop, guide)


def run(worker: SweepWorker, folder: Path) -> str:
    return worker.run(CASE, WatchOptions(), Collection(()), folder).state


def test_case_is_set_and_run(user: User, worker: SweepWorker, guide: Guide, tmp_path: Path) -> None:
    assert run(worker, tmp_path) == FINISHED
    assert user.world.studies[21].values["Macro.gamma"] == 0.1
    # The duration of the run, without the time before its start.
    [duration_s] = guide.added
    result = user.world.studies[21].run
    assert result is not None
    assert duration_s == pytest.approx(result.length, abs=1.0)


def test_case_is_recorded_for_estimates(context: Context, worker: SweepWorker, tmp_path: Path) -> None:
    assert usual_case_s(context, [21]) == {}
    result = worker.run(CASE, WatchOptions(), Collection(()), tmp_path)
    assert usual_case_s(context, [21]) == {21: result.elapsed_s}


def test_stopped_sweep_begins_no_case(user: User, worker: SweepWorker, stop: threading.Event, tmp_path: Path) -> None:
    stop.set()
    assert run(worker, tmp_path) == ABANDONED
    assert (user.requests.count(UPDATE), user.requests.count(EXECUTE)) == (0, 0)


def test_stopped_sweep_does_not_wait_for_the_end_of_a_run(
    user: User, worker: SweepWorker, guide: Guide, stop: threading.Event, tmp_path: Path
) -> None:
    guide.before_wait = stop.set
    assert run(worker, tmp_path) == ABANDONED
    user.world.studies[21].settle()
    assert user.world.studies[21].status in {"PENDING", "RUNNING"}


def test_live_view_has_a_pace_only_during_a_run(worker: SweepWorker, guide: Guide, tmp_path: Path) -> None:
    paces: list[bool] = []
    guide.before_wait = lambda: paces.append(worker.pace is not None)
    run(worker, tmp_path)
    assert (paces[-1], worker.pace) == (True, None)


def test_outputs_of_other_values_are_not_collected(
    user: User, worker: SweepWorker, guide: Guide, tmp_path: Path
) -> None:
    """The status shows no change between the verification and the start of the run."""
    guide.before_wait = lambda: user.world.studies[21].values.update({"Macro.gamma": 0.7})
    with pytest.raises(Refused):
        run(worker, tmp_path)


def test_values_are_compared_during_another_run(user: User, context: Context) -> None:
    user.world.studies[21].execute()
    require_values(context, 21, [Assignment("dice.Macro.gamma", value=0.3)], "case a")
    with pytest.raises(Refused):
        require_values(context, 21, CASE.assignments, "case a")


def test_case_without_values_needs_no_request(user: User, context: Context) -> None:
    require_values(context, 21, [], "case a")
    assert user.requests == []


def test_original_values_are_not_restored_while_a_case_is_set(
    user: User, context: Context, worker: SweepWorker, clock: Clock, stop: threading.Event, tmp_path: Path
) -> None:
    """Otherwise the case would be run with them, or set after them."""
    restoring = threading.Thread(target=worker.restore)
    early: list[bool] = []

    def interrupt() -> None:
        clock.before_sleep = lambda: None
        stop.set()
        restoring.start()
        restoring.join(0.1)
        early.append(not restoring.is_alive())

    # The values are sent again after a pause.
    user.world.faults.arm(Fault("drop", method="POST", path="parameters$"))
    clock.before_sleep = interrupt
    with context.api.session.outage_limit(60.0):
        assert run(worker, tmp_path) == ABANDONED
    restoring.join()
    study = user.world.studies[21]
    study.settle()
    assert (early, user.requests.count(EXECUTE), study.values["Macro.gamma"]) == ([False], 1, 0.3)


def test_failed_request_is_no_answer_in_the_live_view(
    user: User, worker: SweepWorker, guide: Guide, clock: Clock, tmp_path: Path
) -> None:
    answered_s: list[float] = []

    def begin_outage() -> None:
        guide.before_wait = lambda: None
        user.world.faults.arm(Fault("drop", count=4, path="status/21$"))

    def look() -> None:
        if worker.pace is not None and user.world.faults.armed():
            answered_s.append(worker.pace.answered_s)

    guide.before_wait, clock.before_sleep = begin_outage, look
    assert run(worker, tmp_path) == FINISHED
    assert (len(answered_s), len(set(answered_s))) == (4, 1)
    # The note names the case.
    assert {note.partition(":")[0] for note in user.noted} == {CASE.label}


def test_run_of_somebody_else_is_not_destroyed(user: User, worker: SweepWorker, tmp_path: Path) -> None:
    study = user.world.studies[21]
    study.execute()
    with pytest.raises(RunActive):
        run(worker, tmp_path)
    assert (study.status, study.values["Macro.gamma"]) == ("PENDING", 0.3)
