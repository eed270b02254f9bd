"""Test the detection of stalled runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import Unreachable
from sostrades_cli.operations.calc.monitor import StallDetector

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.context import Context

LIMIT_S = 600.0


def stall_times(
    log_size: Callable[[float], int], *, until_s: int, shown: Callable[[int], RunStatus] | None = None
) -> list[tuple[int, float]]:
    """Poll every 10 s. Return when a stall was reported, and its reported length."""
    now = [0.0]
    sizes = SimpleNamespace(log_head=lambda _: (None, log_size(now[0])))
    context = cast("Context", SimpleNamespace(api=SimpleNamespace(studies=sizes)))
    stall, result = StallDetector(LIMIT_S), []
    for second in range(0, until_s, 10):
        now[0] = float(second)
        still_s = stall.reached(context, shown(second) if shown else state(), now[0])
        if still_s is not None:
            result.append((second, still_s))
    return result


def state(
    status: str = "RUNNING", cpu: str = "1/2", memory: str = "1/2 [GB]", discipline: str = "RUNNING"
) -> RunStatus:
    """Return a status."""
    return RunStatus(1, status, {"a": discipline}, "", cpu, memory, {})


def test_stall_is_reported_once() -> None:
    assert stall_times(lambda _: 100, until_s=5000) == [(600, 600.0)]


def test_growing_log_is_not_a_stall() -> None:
    assert stall_times(int, until_s=5000) == []


@pytest.mark.parametrize("grown_s", [100, 250, 350, 590])
def test_stall_counts_from_the_last_growth_of_the_log(grown_s: int) -> None:
    """It is reported between one and about two limits later."""
    [(at_s, still_s)] = stall_times(lambda now_s: 100 + (now_s >= grown_s), until_s=5000)
    assert grown_s + LIMIT_S - 10 <= at_s <= grown_s + 2 * LIMIT_S
    assert still_s <= at_s - grown_s + 10


@pytest.mark.parametrize("moves", ["cpu", "memory", "discipline"])
def test_changing_figures_are_not_a_stall(moves: str) -> None:
    assert stall_times(lambda _: 100, until_s=5000, shown=lambda now_s: state(**{moves: str(now_s // 590)})) == []


def test_second_stall_is_reported_again() -> None:
    result = stall_times(lambda _: 100, until_s=3000, shown=lambda now_s: state(cpu="1/2" if now_s < 1000 else "2/2"))
    assert [at_s for at_s, _ in result] == [600, 1600]


@pytest.mark.parametrize("status", ["FINISHED", "", "NOT EXECUTED", "POD WARMING UP"])
def test_inactive_run_cannot_stall(status: str) -> None:
    assert stall_times(lambda _: 100, until_s=3000, shown=lambda _: state(status)) == []


@pytest.mark.parametrize("at_s", [10, 600])
def test_failed_read_of_the_log_does_not_delay_the_report(at_s: int) -> None:
    """Neither the first reading nor the one at the limit tells that the log grew."""

    def read(now_s: float) -> int:
        if now_s == at_s:
            raise Unreachable("no log")
        return 1000

    assert stall_times(read, until_s=5000) == [(600, 600.0)]


def test_growth_after_a_failed_read_is_not_a_stall() -> None:
    def read(now_s: float) -> int:
        if now_s == 10:
            raise Unreachable("no log")
        return int(now_s)

    assert stall_times(read, until_s=5000) == []


def test_unreadable_log_is_read_a_few_times_per_limit() -> None:
    """The status is polled every 10 s."""
    reads: list[float] = []

    def broken(now_s: float) -> int:
        reads.append(now_s)
        raise Unreachable("no log")

    stall_times(broken, until_s=5000)
    assert 2 <= len(reads) <= 12


def test_unreadable_log_does_not_hide_a_stall() -> None:
    def broken(_: float) -> int:
        raise Unreachable("no log")

    assert stall_times(broken, until_s=2000) == [(600, 600.0)]
