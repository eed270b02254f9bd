"""Test the usual duration of a study's runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.operations.calc.usual_durations import usual_durations_s
from sostrades_cli.operations.history.runs import records_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context


@pytest.mark.parametrize(
    ("durations_s", "usual_s"),
    [([], {}), ([7.0], {21: 7.0}), ([90.0, 7.0, 8.0, 9.0, 8.5, 300.0], {21: 8.5})],
    ids=["none", "single", "the last five"],
)
def test_usual_duration_is_the_median_of_the_last_runs(
    user: User, server_of: Callable[[User], Context], durations_s: list[float], usual_s: dict[int, float]
) -> None:
    context = server_of(user)
    for duration_s in durations_s:
        records_of(context, 21).add(duration_s=duration_s, outcome="FINISHED")
    assert usual_durations_s(context, [21, 22]) == usual_s


def test_failed_runs_do_not_count(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    records_of(context, 21).add(duration_s=1.0, outcome="FAILED")
    assert usual_durations_s(context, [21]) == {}
