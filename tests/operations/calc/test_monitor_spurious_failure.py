"""Test when FAILED is accepted."""

from __future__ import annotations

import pytest

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.operations.calc.monitor import FIGURES_STILL_S, SPURIOUS_FAILURE_LIMIT_S, SpuriousFailure


def state(status: str, cpu: str = "----", memory: str = "1/2 [GB]") -> RunStatus:
    """Return a status."""
    return RunStatus(1, status, {}, "", cpu, memory, {})


def test_failed_after_running_is_accepted() -> None:
    spurious_failure = SpuriousFailure()
    assert not spurious_failure.remains(state("RUNNING", "1/2"), 0.0)
    assert not spurious_failure.remains(state("FAILED", "1/2"), 1.0)
    assert not spurious_failure.remains(state("FAILED"), 2.0)


@pytest.mark.parametrize("before", ["", "PENDING", "FINISHED"])
def test_failed_without_cpu_figure_is_accepted_after_a_grace_period(before: str) -> None:
    spurious_failure = SpuriousFailure()
    spurious_failure.remains(state(before), 0.0)
    assert spurious_failure.remains(state("FAILED"), 1.0)
    assert spurious_failure.remains(state("FAILED"), SPURIOUS_FAILURE_LIMIT_S)
    assert not spurious_failure.remains(state("FAILED"), 1.0 + SPURIOUS_FAILURE_LIMIT_S)


def test_recorded_spurious_failure_is_within_the_grace_period() -> None:
    """The real server showed RUNNING 12 s after FAILED."""
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(state("FAILED"), 0.09)
    assert spurious_failure.remains(state("FAILED"), 12.0)


@pytest.mark.parametrize("moves", ["cpu", "memory"])
def test_failed_with_changing_figures_is_not_accepted(moves: str) -> None:
    spurious_failure = SpuriousFailure()
    now_s = 0.0
    for number in range(4):
        now_s = 2.0 * number
        assert spurious_failure.remains(state("FAILED", **{"cpu": "1/2", moves: f"{number}/2"}), now_s)
    last = {"cpu": "1/2", moves: "3/2"}
    assert spurious_failure.remains(state("FAILED", **last), now_s + FIGURES_STILL_S - 0.1)
    assert not spurious_failure.remains(state("FAILED", **last), now_s + FIGURES_STILL_S)


def test_failure_of_an_old_run_is_accepted_at_once() -> None:
    """A later run can have a spurious failure again."""
    spurious_failure = SpuriousFailure()
    spurious_failure.rule_out()
    assert not spurious_failure.remains(state("FAILED"), 0.0)
    assert not spurious_failure.remains(state("PENDING"), 1.0)
    assert spurious_failure.remains(state("FAILED"), 2.0)


def test_grace_period_ends() -> None:
    """The figures of the host may change forever."""
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(state("FAILED", "0/2"), 0.0)
    assert not spurious_failure.remains(state("FAILED", "9/2"), SPURIOUS_FAILURE_LIMIT_S)


def test_grace_period_restarts_after_another_status() -> None:
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(state("FAILED"), 0.0)
    assert not spurious_failure.remains(state("PENDING"), 10.0)
    assert spurious_failure.remains(state("FAILED"), 20.0)
    assert spurious_failure.remains(state("FAILED"), 20.0 + SPURIOUS_FAILURE_LIMIT_S - 0.1)


@pytest.mark.parametrize("status", ["FINISHED", "STOPPED", "POD ERROR", "NOT EXECUTED", "", "RUNNING"])
def test_other_statuses_are_accepted_at_once(status: str) -> None:
    assert not SpuriousFailure().remains(state(status), 0.0)
