"""Tests of the combined result of several runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sostrades_cli.errors import NotFound, RunFailed, SostradesError
from sostrades_cli.run_events import FINISHED, Event, RunSummary

if TYPE_CHECKING:
    from collections.abc import Sequence


def summary(ends: dict[int, SostradesError | None], studies: Sequence[int]) -> SostradesError | None:
    """Return the error of runs that end in the order of ``ends``."""
    time = datetime(2026, 1, 2, tzinfo=UTC)
    events = [Event(FINISHED, time, study, "", {}, "", "", 0.0, {}, error=error) for study, error in ends.items()]
    result = RunSummary(studies)
    assert [event.study for event in result.collect(iter(events))] == list(ends)
    return result.error()


def test_causes_are_in_the_requested_order_and_not_in_that_of_the_ends() -> None:
    ends = {23: NotFound("no study 23", study=23), 22: None, 21: NotFound("no study 21", study=21)}
    error = summary(ends, [21, 22, 23])
    assert error is not None
    assert [cause.study for cause in error.causes] == [21, 23]


def test_without_a_requested_order_the_first_end_is_the_first_cause() -> None:
    error = summary({23: RunFailed("failed", study=23), 21: RunFailed("failed", study=21)}, [])
    assert error is not None
    assert [cause.study for cause in error.causes] == [23, 21]


def test_single_run_keeps_its_own_error() -> None:
    error = RunFailed("failed", study=21)
    assert summary({21: error}, [21]) is error


def test_successful_runs_have_no_error() -> None:
    assert summary({21: None, 22: None}, [21, 22]) is None
