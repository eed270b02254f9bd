"""Test changes in rounds: what a round could not set, a later one may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_study import MISSING, OLD, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import NotVerified, Unreachable
from sostrades_cli.operations.change_rounds import MOST_ROUNDS, change_in_rounds
from sostrades_cli.operations.changes import ChangeOptions
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import Plan, make_plan

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.context import Context

A, B = "dice.Macro.a", "dice.Macro.b"


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


class Rounds:
    """A folder whose values need several rounds."""

    def __init__(self, context: Context, **assignments: float) -> None:
        self.context = context
        self.assignments = [Assignment(f"dice.Macro.{name}", value=value) for name, value in assignments.items()]
        self.verified: list[bool] = []

    def plan(self) -> Plan:
        present = self.context.api.studies.load(STUDY, 1)
        assignments = [item for item in self.assignments if item.key in present]
        return make_plan(self.context, STUDY, assignments, force=False)

    def __call__(self, *, verified: bool) -> Plan:
        self.verified.append(verified)
        return self.plan()

    def run(self, confirm: Any = None) -> ChangeReport:
        return change_in_rounds(self.context, self.plan(), self, "apply", ChangeOptions(confirm=confirm))


def test_appearing_parameter_is_set_in_the_next_round(study: FakeStudy, context: Context) -> None:
    asked: list[list[str]] = []
    c, d = "dice.Macro.c", "dice.Macro.d"
    study.values = {A: 1.0, B: 2.0}
    study.types |= {c: "float", d: "float"}
    study.answers = [Write(then=lambda: study.values.update({c: 3.0, d: 4.0}))]
    rounds = Rounds(context, a=10.0, b=20.0, c=30.0, d=40.0)
    report = rounds.run(lambda plan: asked.append(plan.effective))
    assert study.writes == [{A: 10.0, B: 20.0}, {c: 30.0, d: 40.0}]
    assert [(item.old, item.new) for item in report.changes] == [(1.0, 10.0), (2.0, 20.0), (3.0, 30.0), (4.0, 40.0)]
    assert rounds.verified == [True, True]
    assert report.rounds == 2
    assert asked == [[A, B]]  # only the first round is confirmed


def test_lost_value_is_set_in_the_next_round(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({B: OTHER})]
    rounds = Rounds(context, a=10.0, b=20.0)
    report = rounds.run()
    assert (study.values[A], study.values[B], rounds.verified) == (10.0, 20.0, [False, True])
    assert [(c.key, c.old, c.new) for c in report.changes] == [(A, 1.0, 10.0), (B, 2.0, 20.0)]


def test_round_without_an_effect_is_the_last(study: FakeStudy, context: Context) -> None:
    """Its error is raised as soon as the next one would do the same again."""
    study.answers = [Write(default=OLD)] * 4
    with pytest.raises(NotVerified):
        Rounds(context, a=10.0).run()
    assert len(study.writes) == 2  # the second send of the only round


def test_number_of_rounds_is_limited(study: FakeStudy, context: Context) -> None:
    for number in range(100):
        study.answers.append(Write({A: OLD, B: OLD}, then=lambda at=number: study.set_elsewhere(A, 100.0 + at)))  # type: ignore[misc]
    with pytest.raises(NotVerified) as raised:
        Rounds(context, a=10.0, b=20.0).run()
    assert len(study.writes) == MOST_ROUNDS
    # The error of the last round says how the values differ.
    assert raised.value.hint == f"sostrades param get {STUDY} {A}"


def test_unverified_round_counts_if_the_next_plan_is_empty(study: FakeStudy, context: Context) -> None:
    """A late change may have arrived by then."""
    study.answers = [Write({A: OLD})]
    study.clock.events[5.0] = lambda: None

    class Late(Rounds):
        def __call__(self, *, verified: bool) -> Plan:
            study.values[A] = 10.0
            return super().__call__(verified=verified)

    report = Late(context, a=10.0, b=20.0).run()
    assert {c.key for c in report.changes} == {A, B}
    assert report.rounds == 1


def test_error_between_rounds_lists_the_set_values(study: FakeStudy, context: Context) -> None:
    class Failing(Rounds):
        def __call__(self, *, verified: bool) -> Plan:
            raise Unreachable("no connection", study=STUDY)

    with pytest.raises(Unreachable) as raised:
        Failing(context, a=10.0).run()
    assert raised.value.in_doubt
    assert A in str(raised.value.detail)


def test_error_after_an_unverified_round_is_that_of_the_round(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({B: MISSING})]

    class Failing(Rounds):
        def __call__(self, *, verified: bool) -> Plan:
            raise Unreachable("no connection", study=STUDY)

    with pytest.raises(NotVerified) as raised:
        Failing(context, a=10.0, b=20.0).run()
    assert "no connection" in str(raised.value.detail)


def test_failed_repair_of_an_unverified_round_raises_the_error_of_the_round(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({B: OTHER}), Write(default=OLD, error=Unreachable("no connection", study=STUDY))]
    with pytest.raises(NotVerified) as raised:
        Rounds(context, a=10.0, b=20.0).run()
    assert "no connection" in str(raised.value.detail)


def test_report_has_all_rounds_if_nothing_is_left_to_plan(study: FakeStudy, context: Context) -> None:
    class Ending(Rounds):
        def __call__(self, *, verified: bool) -> Plan:
            plan = super().__call__(verified=verified)
            return plan if plan.effective else None  # type: ignore[return-value]

    study.answers = [Write({B: OTHER})]
    report = Ending(context, a=10.0, b=20.0).run()
    assert ([c.key for c in report.changes], report.rounds) == ([A, B], 2)


class Endless(Rounds):
    """A plan that always has another value to set."""

    def __call__(self, *, verified: bool) -> Plan:
        self.verified.append(verified)
        self.assignments = [Assignment(A, value=100.0 + len(self.verified))]
        return self.plan()


def test_values_left_after_the_last_round_are_an_error(study: FakeStudy, context: Context) -> None:
    with pytest.raises(NotVerified) as raised:
        Endless(context, a=10.0, b=20.0).run()
    assert (raised.value.in_doubt, len(study.writes)) == (True, MOST_ROUNDS)
    assert A in str(raised.value.detail)
    assert B in str(raised.value.detail)


class Disconnected(Endless):
    """A connection that is lost after two rounds."""

    def __init__(self, context: Context, study: FakeStudy, **assignments: float) -> None:
        super().__init__(context, **assignments)
        self.study = study

    def plan(self) -> Plan:
        if len(self.study.writes) == 2:
            raise Unreachable("no connection", study=STUDY)
        return super().plan()


def test_error_of_a_later_round_lists_the_values_of_all_earlier_ones(study: FakeStudy, context: Context) -> None:
    with pytest.raises(Unreachable) as raised:
        Disconnected(context, study, b=20.0).run()
    assert A in str(raised.value.detail)
    assert B in str(raised.value.detail)


def test_unverified_round_is_not_listed_as_set(study: FakeStudy, context: Context) -> None:
    """A value that an earlier round has set may be lost in a later one."""
    study.answers = [Write(), Write({A: OTHER})]
    with pytest.raises(NotVerified) as raised:
        Disconnected(context, study, a=10.0).run()
    assert "already set" not in str(raised.value.detail)
