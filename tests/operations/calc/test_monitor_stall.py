"""Noticing that nothing moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import Unreachable
from sostrades_cli.operations.calc.monitor import StallDetector

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.context import Context

LIMIT_S = 600.0


def told(
    log_size: Callable[[float], int], *, until_s: int, shown: Callable[[int], RunStatus] | None = None
) -> list[tuple[int, float]]:
    """Return when, looking every 10 s, stillness was told, and how long it was said to be."""
    now = [0.0]
    sizes = SimpleNamespace(log_head=lambda _: (None, log_size(now[0])))
    context = cast("Context", SimpleNamespace(api=SimpleNamespace(studies=sizes)))
    stall, found = StallDetector(LIMIT_S), []
    for second in range(0, until_s, 10):
        now[0] = float(second)
        still_s = stall.reached(context, shown(second) if shown else state(), now[0])
        if still_s is not None:
            found.append((second, still_s))
    return found


def state(
    status: str = "RUNNING", cpu: str = "1/2", memory: str = "1/2 [GB]", discipline: str = "RUNNING"
) -> RunStatus:
    """Return a state."""
    return RunStatus(1, status, {"a": discipline}, "", cpu, memory, {})


def test_stillness_is_told_once() -> None:
    """A run of which nothing moves is told when the limit is reached, and never again."""
    assert told(lambda _: 100, until_s=5000) == [(600, 600.0)]


def test_a_log_that_grows_is_no_stillness() -> None:
    """While the log grows nothing is told."""
    assert told(int, until_s=5000) == []


@pytest.mark.parametrize("grown_s", [100, 250, 350, 590])
def test_stillness_counts_from_the_last_growth_of_the_log(grown_s: int) -> None:
    """A log that grew once is told no sooner than the limit after that, and not much later than twice the limit."""
    [(at_s, still_s)] = told(lambda now_s: 100 + (now_s >= grown_s), until_s=5000)
    assert grown_s + LIMIT_S - 10 <= at_s <= grown_s + 2 * LIMIT_S
    assert still_s <= at_s - grown_s + 10


@pytest.mark.parametrize("moves", ["cpu", "memory", "discipline"])
def test_what_moves_is_not_still(moves: str) -> None:
    """A change of cpu, memory or a discipline within the limit keeps it from being told."""
    assert told(lambda _: 100, until_s=5000, shown=lambda now_s: state(**{moves: str(now_s // 590)})) == []


def test_a_second_stillness_is_told_again() -> None:
    """A run that moved after a stillness is told when it stands still again."""
    found = told(lambda _: 100, until_s=3000, shown=lambda now_s: state(cpu="1/2" if now_s < 1000 else "2/2"))
    assert [at_s for at_s, _ in found] == [600, 1600]


@pytest.mark.parametrize("status", ["FINISHED", "", "NOT EXECUTED", "POD WARMING UP"])
def test_only_a_run_can_be_still(status: str) -> None:
    """What is no active run is never told."""
    assert told(lambda _: 100, until_s=3000, shown=lambda _: state(status)) == []


def test_a_log_that_cannot_be_had_does_not_hide_stillness() -> None:
    """Where there is no log the statuses and figures alone decide."""

    def broken(_: float) -> int:
        raise Unreachable("no log")

    assert told(broken, until_s=2000) == [(600, 600.0)]
