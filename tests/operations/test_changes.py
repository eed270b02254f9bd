"""Test the sequence of a change (lock, plan, confirm, record, send, verify) and changes in rounds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, MISSING, OLD, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import Different, Interrupted, NotVerified, Refused, RunActive, Unreachable, UsageError
from sostrades_cli.local.journal import BEGUN, DONE, Change, Journal
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.changes import (
    MOST_ROUNDS,
    ChangeOptions,
    ChangeReport,
    ParameterChange,
    change_in_rounds,
    join_reports,
    reset_parameters,
    set_parameters,
    set_unrecorded,
)
from sostrades_cli.operations.history.recorder import alone
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import Plan, make_plan
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A, B, TABLE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.table"
CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"
BOTH = (Assignment(A, value=10.0), Assignment(B, value=20.0))


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0}, {TABLE: CSV})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def journal(context: Context) -> Journal:
    return Journal(context.state, HOST, STUDY)


def outcomes(context: Context) -> list[tuple[str, str]]:
    return [(entry.command, entry.outcome) for entry in journal(context).entries()]


# The sequence ---------------------------------------------------------------------------------------


def test_steps_come_in_order(study: FakeStudy, context: Context) -> None:
    """The plan is confirmed before it is recorded, and recorded before it is sent."""
    steps: list[tuple[str, Any]] = []
    study.before_write = lambda: steps.append(("send", outcomes(context)))
    options = ChangeOptions(confirm=lambda plan: steps.append(("confirm", (plan.effective, outcomes(context)))))
    report = set_parameters(context, STUDY, BOTH, options)
    assert steps == [("confirm", ([A, B], [])), ("send", [("set", BEGUN)])]
    assert outcomes(context) == [("set", DONE)]
    assert [(c.key, c.old, c.new, c.sent) for c in report.changes] == [(A, 1.0, 10.0, True), (B, 2.0, 20.0, True)]


def test_declined_change_is_neither_recorded_nor_sent(study: FakeStudy, context: Context) -> None:
    def decline(_: Plan) -> None:
        raise Interrupted("nothing was sent", study=STUDY)

    with pytest.raises(Interrupted):
        set_parameters(context, STUDY, BOTH, ChangeOptions(confirm=decline))
    assert (study.writes, outcomes(context)) == ([], [])


@pytest.mark.parametrize("assignments", [BOTH[:1], (Assignment(A, value=10.0), Assignment(B, value=2.0))])
def test_single_change_is_not_confirmed(study: FakeStudy, context: Context, assignments: Sequence[Assignment]) -> None:
    asked: list[Plan] = []
    set_parameters(context, STUDY, assignments, ChangeOptions(confirm=asked.append))
    assert (asked, len(study.writes)) == ([], 1)


def test_unchanged_values_are_neither_recorded_nor_sent(study: FakeStudy, context: Context) -> None:
    report = set_parameters(context, STUDY, [Assignment(A, value=1.0)], ChangeOptions())
    assert (study.writes, outcomes(context), report.unsent) == ([], [], 1)


def test_change_that_cannot_be_recorded_is_not_sent(study: FakeStudy, context: Context) -> None:
    """It could not be undone."""
    context.state.mkdir()
    (context.state / "journal").write_text("a file")
    with pytest.raises(UsageError):
        set_parameters(context, STUDY, BOTH, ChangeOptions())
    assert study.writes == []


def test_failed_change_raises_and_is_recorded(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({A: OTHER})]
    with pytest.raises(NotVerified):
        set_parameters(context, STUDY, BOTH, ChangeOptions())
    assert outcomes(context) == [("set", "in doubt")]


def test_reset_lists_each_key_once(study: FakeStudy, context: Context) -> None:
    study.values[A] = 5.0
    reset_parameters(context, STUDY, [A, A], ChangeOptions())
    assert (study.writes, study.values[A], outcomes(context)) == ([{A: None}], 1.0, [("reset", DONE)])


def test_unit_applies_to_assignments_without_one(context: Context) -> None:
    with pytest.raises(UsageError):
        set_parameters(context, STUDY, BOTH[:1], ChangeOptions(), unit="km")
    own = [Assignment(A, value=10.0, unit="-")]
    assert set_parameters(context, STUDY, own, ChangeOptions(), unit="km").unsent == 0


def test_unrecorded_change_is_verified(study: FakeStudy, context: Context) -> None:
    set_unrecorded(context, STUDY, BOTH, force=False)
    assert (study.values[A], outcomes(context)) == (10.0, [])
    study.answers = [Write({A: OTHER})]
    with pytest.raises(NotVerified):
        set_unrecorded(context, STUDY, [Assignment(A, value=30.0)], force=False)


# Dry runs -------------------------------------------------------------------------------------------


def test_dry_run_sends_and_records_nothing(study: FakeStudy, context: Context) -> None:
    asked: list[Plan] = []
    assignments = [*BOTH, Assignment(TABLE, value=None, exact=True)]
    report = set_parameters(context, STUDY, assignments, ChangeOptions(dry_run=True, confirm=asked.append))
    assert (study.writes, outcomes(context), asked, report.failure) == ([], [], [], None)
    assert [change.key for change in report.changes] == [A, B, TABLE]
    assert len(report.requests or ()) == 1


@pytest.mark.parametrize("value", [1.0, 10.0])
def test_dry_run_with_exit_code_fails_if_a_value_would_change(context: Context, value: float) -> None:
    options = ChangeOptions(dry_run=True, exit_code=True)
    report = set_parameters(context, STUDY, [Assignment(A, value=value)], options)
    assert isinstance(report.failure, Different) is (value != 1.0)
    assert len(report.changes) == len(report.requests or ()) == (0 if value == 1.0 else 1)


def test_validation_error_of_a_dry_run_precedes_a_difference(study: FakeStudy, context: Context) -> None:
    study.status = "RUNNING"
    report = set_parameters(context, STUDY, BOTH, ChangeOptions(dry_run=True, exit_code=True))
    assert isinstance(report.failure, RunActive)
    assert len(report.changes) == 2


# Other changes at the same time ---------------------------------------------------------------------


def test_change_waits_for_another_before_planning(study: FakeStudy, context: Context) -> None:
    """A plan made during another change could overwrite it."""
    waiting = threading.Event()
    second = study.context(context.state.parent, notify=lambda _: waiting.set())
    reports: list[ChangeReport] = []
    thread = threading.Thread(target=lambda: reports.append(set_parameters(second, STUDY, BOTH[:1], ChangeOptions())))
    with alone(context, STUDY):
        thread.start()
        assert waiting.wait(10)
        assert study.requests == []
        study.values[A] = 7.0
    thread.join(10)
    assert [change.old for report in reports for change in report.changes] == [7.0]


def test_two_studies_are_locked_in_the_same_order(study: FakeStudy, context: Context) -> None:
    """A change that waits for the first study leaves the second unlocked, so there is no deadlock."""
    waiting = threading.Event()
    second = study.context(context.state.parent, notify=lambda _: waiting.set())

    def lock_both() -> None:
        with alone(second, 22, STUDY):
            pass

    def blocked(text: str) -> None:
        raise AssertionError(text)

    thread = threading.Thread(target=lock_both)
    with alone(context, STUDY):
        thread.start()
        assert waiting.wait(10)
        with alone(study.context(context.state.parent, notify=blocked), 22):
            pass
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("dry_run", [True, False])
def test_study_of_an_active_sweep_is_not_changed(
    study: FakeStudy, context: Context, force: bool, dry_run: bool
) -> None:
    with sweep_lock(context.state, HOST, [STUDY], CaseCommand.SWEEP):
        if force:
            set_parameters(context, STUDY, BOTH, ChangeOptions(force=True, dry_run=dry_run))
        else:
            with pytest.raises(Refused):
                set_parameters(context, STUDY, BOTH, ChangeOptions(dry_run=dry_run))
    assert len(study.writes) == (1 if force and not dry_run else 0)


@pytest.mark.parametrize("force", [True, False])
def test_study_with_the_values_of_a_case_is_not_changed(study: FakeStudy, context: Context, force: bool) -> None:
    """An unfinished sweep leaves an entry without an outcome."""
    journal(context).begin(CaseCommand.SWEEP, [Change(A, "float", None, 1.0, None, any_new=True)], [], "now")
    if force:
        set_parameters(context, STUDY, BOTH, ChangeOptions(force=True))
    else:
        with pytest.raises(Refused):
            set_parameters(context, STUDY, BOTH, ChangeOptions())
    assert len(study.writes) == (1 if force else 0)


# Rounds ---------------------------------------------------------------------------------------------


def change(key: str, old: Any, new: Any, *, sent: bool = True, notes: tuple[str, ...] = ()) -> ParameterChange:
    return ParameterChange(key, "float", "-", old, new, sent, notes=notes)


def test_joined_rounds_have_the_first_old_and_the_last_new_value() -> None:
    earlier = ChangeReport(STUDY, (change("a", 1, 2, notes=("n",)), change("b", 1, 1, sent=False)))
    later = ChangeReport(STUDY, (change("a", 2, 3), change("b", 5, 5, sent=False), change("c", 7, 8)))
    assert join_reports(earlier, later).changes == (
        change("a", 1, 3, notes=("n",)),
        change("b", 1, 1, sent=False),
        change("c", 7, 8),
    )


class Rounds:
    """A folder whose values need several rounds."""

    def __init__(self, context: Context, **assignments: float) -> None:
        self.context = context
        self.wanted = [Assignment(f"dice.Macro.{name}", value=value) for name, value in assignments.items()]
        self.verified: list[bool] = []

    def plan(self) -> Plan:
        present = self.context.api.studies.load(STUDY, 1)
        assignments = [one for one in self.wanted if one.key in present]
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
    assert [(one.old, one.new) for one in report.changes] == [(1.0, 10.0), (2.0, 20.0), (3.0, 30.0), (4.0, 40.0)]
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
    with pytest.raises(NotVerified):
        Rounds(context, a=10.0, b=20.0).run()
    assert len(study.writes) == MOST_ROUNDS + 1


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
