"""Test the polling intervals: the ends of cases are noticed soon, and no run is polled too often."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sostrades_cli.operations.calc.monitor import watch_interval_s
from sostrades_cli.operations.calc.sweep.polling_guide import PollingGuide

ADDED_S = 0.3
SHORT = (0.2, 1.0, 2.5, 4.2, 5.0)
DURATIONS = (*SHORT, 8.0, 20.0, 60.0)


class Polled(NamedTuple):
    """A run to its end: the number of polls, and the time from the end to the last one."""

    polls: int
    late_s: float


def spread_durations(duration_s: float, spread: float, count: int) -> list[float]:
    """Return durations that are evenly spread, in an order without a trend."""
    # Multiples of the golden ratio, modulo 1.
    shares = ((number * 0.6180339887498949) % 1.0 for number in range(count))
    return [duration_s * (1 - spread + 2 * spread * share) for share in shares]


def polled(guide: PollingGuide, duration_s: float) -> Polled:
    """Poll a run until it has ended."""
    elapsed_s, polls = 0.0, 0
    while elapsed_s < duration_s:
        elapsed_s += guide.interval_s(elapsed_s)
        polls += 1
    guide.add(elapsed_s)
    return Polled(polls, elapsed_s - duration_s)


@pytest.mark.parametrize("duration_s", DURATIONS)
def test_end_of_a_run_like_earlier_ones_is_detected_at_once(duration_s: float) -> None:
    """From the second one on."""
    guide = PollingGuide()
    _, *later = [polled(guide, duration_s) for _ in range(20)]
    assert max(run.late_s for run in later) <= ADDED_S


@pytest.mark.parametrize("spread", [0.02, 0.1])
@pytest.mark.parametrize("duration_s", DURATIONS)
def test_end_of_a_run_of_similar_length_is_detected_soon(duration_s: float, spread: float) -> None:
    guide = PollingGuide()
    runs = [polled(guide, duration) for duration in spread_durations(duration_s, spread, 200)]
    assert sum(run.late_s for run in runs[1:]) / (len(runs) - 1) <= ADDED_S


@pytest.mark.parametrize("duration_s", SHORT)
def test_short_run_is_polled_about_ten_times(duration_s: float) -> None:
    guide = PollingGuide()
    first, *later = [polled(guide, duration_s) for _ in range(20)]
    assert first.polls <= 15
    assert max(run.polls for run in later) <= 10


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("duration_s", [60.0, 600.0, 3600.0])
def test_long_run_is_polled_at_most_twice_as_often_as_any_run(duration_s: float, spread: float) -> None:
    guide, durations = PollingGuide(), spread_durations(duration_s, spread, 50)
    polls = sum(polled(guide, duration).polls for duration in durations)
    usual = 0
    for duration in durations:
        elapsed_s = 0.0
        while elapsed_s < duration:
            elapsed_s, usual = elapsed_s + watch_interval_s(elapsed_s), usual + 1
    assert polls <= 2 * usual


@pytest.mark.parametrize("recent_s", [(), (0.1,), (5.0,), (4.0, 60.0), (3600.0,)])
def test_interval_is_never_longer_than_that_of_any_run(recent_s: tuple[float, ...]) -> None:
    guide = PollingGuide(recent_s)
    for tenths in range(0, 40_000, 7):
        assert 0.1 <= guide.interval_s(tenths / 10) <= watch_interval_s(tenths / 10)


@pytest.mark.parametrize("elapsed_s", [56.0, 56.8])
def test_poll_is_due_at_the_earliest_expected_end(elapsed_s: float) -> None:
    assert PollingGuide([60.0]).interval_s(elapsed_s) == pytest.approx(57.0 - elapsed_s)


def test_delayed_run_is_polled_less_and_less_often() -> None:
    """Its end is still detected soon after a short delay."""
    delayed = [polled(PollingGuide([10.0]), tenths / 10) for tenths in range(106, 125)]
    assert max(run.late_s for run in delayed) <= ADDED_S
    assert polled(PollingGuide([10.0]), 300.0).polls <= 150


def test_run_a_little_longer_than_earlier_ones_is_not_late() -> None:
    assert PollingGuide([600.0]).interval_s(625.0) <= 1.0


def test_early_end_of_a_short_run_is_detected_soon() -> None:
    assert polled(PollingGuide([4.0]), 0.3).late_s <= 0.2


def test_early_end_is_detected_as_without_earlier_runs() -> None:
    """A failed case ends before the others."""
    guide = PollingGuide([60.0] * 5)
    assert polled(guide, 5.2).late_s <= 1.0


def test_only_recent_runs_count() -> None:
    guide = PollingGuide([500.0])
    for _ in range(5):
        guide.add(1.0)
    assert guide.interval_s(1.0) <= 0.25


def test_earlier_runs_guide_the_first_case() -> None:
    assert polled(PollingGuide([60.4]), 60.0).late_s <= ADDED_S
