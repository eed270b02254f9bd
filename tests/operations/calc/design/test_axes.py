"""The axes of a space: positions from 0 to 1 become cells that are read back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sostrades_cli.operations.calc.design.axes import ChoiceAxis, FloatAxis, IntAxis

FINITE = st.floats(allow_nan=False, allow_infinity=False)
POSITION = st.floats(0, 1)


@given(ends=st.tuples(FINITE, FINITE).map(sorted), position=POSITION)
def test_float_is_within_its_range(ends: list[float], position: float) -> None:
    low, high = ends
    axis = FloatAxis("x", low, high)
    [cell] = axis.at([position])
    assert low <= float(cell) <= high
    assert [float(end) for end in axis.at([0.0, 1.0])] == ends


@given(ends=st.tuples(st.integers(-(2**70), 2**70), st.integers(0, 2**70)), position=POSITION)
def test_int_is_within_its_range(ends: tuple[int, int], position: float) -> None:
    low, high = ends[0], ends[0] + ends[1]
    axis = IntAxis("x", low, high)
    [cell] = axis.at([position])
    assert low <= int(cell) <= high


@pytest.mark.parametrize(
    ("low", "high", "count", "levels"),
    [
        (1, 3, 2, [1, 3]),
        (1, 3, 3, [1, 2, 3]),
        (1, 3, 9, [1, 2, 3]),
        (0, 10, 3, [0, 5, 10]),
        (-10, 10, 5, [-10, -5, 0, 5, 10]),
        (2**60, 2**60 + 2, 2, [2**60, 2**60 + 2]),
        (4, 4, 3, [4]),
    ],
)
def test_levels_of_integers_are_even_and_distinct(low: int, high: int, count: int, levels: list[int]) -> None:
    assert [int(cell) for cell in IntAxis("x", low, high).levels(count)] == levels


def test_levels_of_floats_have_both_ends() -> None:
    assert FloatAxis("x", 0.1, 0.7).levels(4)[::3] == ["0.1", "0.7"]


def test_choices_share_the_axis_equally() -> None:
    axis = ChoiceAxis("x", ("a", "b"), ("a", "b"))
    assert axis.at([0.0, 0.49, 0.5, 1.0]) == ["a", "a", "b", "b"]
    assert axis.levels(7) == ["a", "b"]
