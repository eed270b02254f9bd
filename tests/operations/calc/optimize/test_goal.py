"""Test the comparison of results by an objective and constraints."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.calc.optimize.goal import MAXIMIZE, MINIMIZE, Constraint, Goal, goal_of

BELOW, ABOVE = Constraint("a", "<=", 3.0), Constraint("b", ">=", 1.0)


@pytest.mark.parametrize(
    ("constraint", "value", "violation"),
    [
        (BELOW, 2.0, -1.0),
        (BELOW, 3.0, 0.0),
        (BELOW, 5.0, 2.0),
        (ABOVE, 2.0, -1.0),
        (ABOVE, 1.0, 0.0),
        (ABOVE, -1.0, 2.0),
    ],
)
def test_violation_is_positive_beyond_the_bound(constraint: Constraint, value: float, violation: float) -> None:
    assert constraint.violation(value) == violation


@pytest.mark.parametrize(
    ("a", "b", "is_feasible"),
    [(2.0, 2.0, True), (3.0, 1.0, True), (4.0, 2.0, False), (2.0, 0.0, False), (4.0, 0.0, False)],
)
def test_every_constraint_must_hold(a: float, b: float, is_feasible: bool) -> None:
    """A result on the bound is feasible."""
    goal = Goal("c", MINIMIZE, (BELOW, ABOVE))
    outputs = {"a": a, "b": b, "c": 0.0}
    assert goal.is_feasible(outputs) is is_feasible
    assert goal.violations(outputs) == [a - 3.0, 1.0 - b]


@pytest.mark.parametrize(
    ("direction", "value", "is_better"),
    [
        (MINIMIZE, 1.0, True),
        (MINIMIZE, 2.0, False),
        (MINIMIZE, 3.0, False),
        (MAXIMIZE, 1.0, False),
        (MAXIMIZE, 2.0, False),
        (MAXIMIZE, 3.0, True),
    ],
)
def test_better_value(direction: str, value: float, is_better: bool) -> None:
    """Of equal values the first one stays the best."""
    assert Goal("c", direction).is_better(value, 2.0) is is_better


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ({"c": 1.0, "a": 2}, None),
        ({"c": 1.0}, "a"),
        ({"a": 1.0}, "c"),
        ({"c": 1.0, "a": None}, "a"),
        ({"c": True, "a": 1.0}, "c"),
        ({"c": "1.0", "a": 1.0}, "c"),
        ({"c": [1.0], "a": 1.0}, "c"),
        ({"c": nan, "a": 1.0}, "c"),
        ({"c": 1.0, "a": -inf}, "a"),
    ],
)
def test_only_finite_numbers_are_compared(outputs: dict[str, Any], fault: str | None) -> None:
    """Both the objective and the outputs with a constraint must be numbers."""
    text = Goal("c", MINIMIZE, (BELOW,)).fault(outputs)
    assert text is None if fault is None else text is not None and text.startswith(fault)


def test_each_output_is_needed_once() -> None:
    goal = Goal("a", MINIMIZE, (BELOW, ABOVE))
    assert goal.keys == ("a", "b")
    renamed = goal.with_keys(["x.a", "x.b"])
    assert (renamed.key, renamed.keys) == ("x.a", ("x.a", "x.b"))
    assert [(one.relation, one.bound) for one in renamed.constraints] == [("<=", 3.0), (">=", 1.0)]


@pytest.mark.parametrize(
    ("minimize", "maximize", "goal"),
    [("a", None, Goal("a", MINIMIZE)), (None, "a", Goal("a", MAXIMIZE)), (None, None, None), ("a", "a", None)],
)
def test_one_objective_is_needed(minimize: str | None, maximize: str | None, goal: Goal | None) -> None:
    if goal is None:
        with pytest.raises(UsageError):
            goal_of(minimize, maximize, [])
    else:
        assert goal_of(minimize, maximize, []) == goal


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("a <= 3", BELOW),
        ("b>=1.0", ABOVE),
        (" a.b c <= -1e3 ", Constraint("a.b c", "<=", -1000.0)),
        ("a < 3", None),
        ("a == 3", None),
        ("a <= b", None),
        ("a <= 1e999", None),
        ("a <= nan", None),
        ("<= 3", None),
        ("a <=", None),
    ],
)
def test_constraint_needs_a_key_and_a_finite_bound(text: str, constraint: Constraint | None) -> None:
    if constraint is None:
        with pytest.raises(UsageError):
            goal_of("a", None, [text])
    else:
        assert goal_of("a", None, [text]).constraints == (constraint,)
