"""When FAILED is believed."""

from __future__ import annotations

import pytest

from sostrades_cli.api.models import RunStatus
from sostrades_cli.operations.calc.monitor import GRACE_S, STILL_S, SpuriousFailure


def seen(status: str, cpu: str = "----", memory: str = "1/2 [GB]") -> RunStatus:
    """Return a state."""
    return RunStatus(1, status, {}, "", cpu, memory, {})


def test_failed_after_running_is_the_end() -> None:
    """A run that was seen RUNNING and then FAILED has failed, whatever its figures do."""
    spurious_failure = SpuriousFailure()
    assert not spurious_failure.remains(seen("RUNNING", "1/2"), 0.0)
    assert not spurious_failure.remains(seen("FAILED", "1/2"), 1.0)
    assert not spurious_failure.remains(seen("FAILED"), 2.0)


@pytest.mark.parametrize("before", ["", "PENDING", "FINISHED"])
def test_failed_without_a_figure_is_doubted_for_a_while(before: str) -> None:
    """FAILED without a cpu figure is doubted until the process must have started, and believed then."""
    spurious_failure = SpuriousFailure()
    spurious_failure.remains(seen(before), 0.0)
    assert spurious_failure.remains(seen("FAILED"), 1.0)
    assert spurious_failure.remains(seen("FAILED"), GRACE_S)
    assert not spurious_failure.remains(seen("FAILED"), 1.0 + GRACE_S)


def test_the_recorded_return_is_within_the_doubt() -> None:
    """The real server showed RUNNING 12 s after FAILED: FAILED is still doubted then."""
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(seen("FAILED"), 0.09)
    assert spurious_failure.remains(seen("FAILED"), 12.0)


@pytest.mark.parametrize("moves", ["cpu", "memory"])
def test_failed_whose_figures_move_is_doubted(moves: str) -> None:
    """While cpu or memory still change FAILED is doubted; when they stand still it is believed."""
    spurious_failure = SpuriousFailure()
    now_s = 0.0
    for number in range(4):
        now_s = 2.0 * number
        assert spurious_failure.remains(seen("FAILED", **{"cpu": "1/2", moves: f"{number}/2"}), now_s)
    last = {"cpu": "1/2", moves: "3/2"}
    assert spurious_failure.remains(seen("FAILED", **last), now_s + STILL_S - 0.1)
    assert not spurious_failure.remains(seen("FAILED", **last), now_s + STILL_S)


def test_doubt_has_an_end() -> None:
    """Figures of the host may move for ever: FAILED is believed after the grace all the same."""
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(seen("FAILED", "0/2"), 0.0)
    assert not spurious_failure.remains(seen("FAILED", "9/2"), GRACE_S)


def test_doubt_begins_anew_after_another_status() -> None:
    """FAILED, PENDING, FAILED: the second is doubted from its own beginning."""
    spurious_failure = SpuriousFailure()
    assert spurious_failure.remains(seen("FAILED"), 0.0)
    assert not spurious_failure.remains(seen("PENDING"), 10.0)
    assert spurious_failure.remains(seen("FAILED"), 20.0)
    assert spurious_failure.remains(seen("FAILED"), 20.0 + GRACE_S - 0.1)


@pytest.mark.parametrize("status", ["FINISHED", "STOPPED", "POD ERROR", "NOT EXECUTED", "", "RUNNING"])
def test_only_failed_is_doubted(status: str) -> None:
    """No other status is doubted."""
    assert not SpuriousFailure().remains(seen(status), 0.0)
