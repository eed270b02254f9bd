"""Test the worker of a sweep: what it does with a case once the sweep has stopped, and with the values of a study."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import Refused, RunActive
from sostrades_cli.operations.calc.sweep.baseline import read_baseline, recorded_baselines
from sostrades_cli.operations.calc.sweep.cases import Case
from sostrades_cli.operations.calc.sweep.collect import Collection
from sostrades_cli.operations.calc.sweep.polling_guide import PollingGuide
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FINISHED
from sostrades_cli.operations.calc.sweep.worker import SweepWorker
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


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def guide() -> Guide:
    return Guide()


@pytest.fixture
def worker(
    user: User, server_of: Callable[[User], Context], stop: threading.Event, guide: Guide
) -> Iterator[SweepWorker]:
    context = server_of(user)
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


def test_run_of_somebody_else_is_not_destroyed(user: User, worker: SweepWorker, tmp_path: Path) -> None:
    study = user.world.studies[21]
    study.execute()
    with pytest.raises(RunActive):
        run(worker, tmp_path)
    assert (study.status, study.values["Macro.gamma"]) == ("PENDING", 0.3)
