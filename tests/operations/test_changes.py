"""Test the sequence of a change: lock, plan, confirm, record, send, verify."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import Different, NotVerified, Refused, RunActive, UsageError, UserInterrupt
from sostrades_cli.local.journal import BEGUN, DONE, Journal, RecordedValue
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.changes import ChangeOptions, reset_parameters, set_parameters, set_unrecorded
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.study_locks import change_lock, sweep_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan

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
        raise UserInterrupt("nothing was sent", study=STUDY)

    with pytest.raises(UserInterrupt):
        set_parameters(context, STUDY, BOTH, ChangeOptions(confirm=decline))
    assert (study.writes, outcomes(context)) == ([], [])


@pytest.mark.parametrize("assignments", [BOTH[:1], (Assignment(A, value=10.0), Assignment(B, value=2.0))])
def test_single_change_is_not_confirmed(study: FakeStudy, context: Context, assignments: Sequence[Assignment]) -> None:
    asked: list[Plan] = []
    set_parameters(context, STUDY, assignments, ChangeOptions(confirm=asked.append))
    assert (asked, len(study.writes)) == ([], 1)


def test_unchanged_values_are_neither_recorded_nor_sent(study: FakeStudy, context: Context) -> None:
    report = set_parameters(context, STUDY, [Assignment(A, value=1.0)], ChangeOptions())
    assert (study.writes, outcomes(context), len(report.unsent)) == ([], [], 1)


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
    assert set_parameters(context, STUDY, own, ChangeOptions(), unit="km").unsent == []


def test_unrecorded_change_is_verified(study: FakeStudy, context: Context) -> None:
    set_unrecorded(context, STUDY, BOTH, force=False)
    assert (study.values[A], outcomes(context)) == (10.0, [])
    study.answers = [Write({A: OTHER})]
    with pytest.raises(NotVerified):
        set_unrecorded(context, STUDY, [Assignment(A, value=30.0)], force=False)


@pytest.mark.parametrize("force", [True, False])
def test_unrecorded_change_during_a_run_needs_force(study: FakeStudy, context: Context, force: bool) -> None:
    study.status = "RUNNING"
    if force:
        set_unrecorded(context, STUDY, BOTH, force=True)
    else:
        with pytest.raises(RunActive):
            set_unrecorded(context, STUDY, BOTH, force=False)
    assert len(study.writes) == force


def test_unrecorded_change_returns_whether_a_value_changed(context: Context) -> None:
    assert [set_unrecorded(context, STUDY, BOTH, force=False) for _ in range(2)] == [True, False]


# Dry runs -------------------------------------------------------------------------------------------


def test_dry_run_does_not_wait_for_another_change(study: FakeStudy, context: Context) -> None:
    def waits(text: str) -> None:
        raise AssertionError(text)

    second = study.context(context.state.parent, notify=waits)
    with change_lock(context, STUDY):
        assert set_parameters(second, STUDY, BOTH, ChangeOptions(dry_run=True)).requests


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
    with change_lock(context, STUDY):
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
        with change_lock(second, 22, STUDY):
            pass

    def blocked(text: str) -> None:
        raise AssertionError(text)

    thread = threading.Thread(target=lock_both)
    with change_lock(context, STUDY):
        thread.start()
        assert waiting.wait(10)
        with change_lock(study.context(context.state.parent, notify=blocked), 22):
            pass
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("dry_run", [True, False])
def test_study_of_an_active_sweep_is_not_changed(
    study: FakeStudy, context: Context, force: bool, dry_run: bool
) -> None:
    with sweep_lock(context, [STUDY], CaseCommand.SWEEP):
        if force:
            set_parameters(context, STUDY, BOTH, ChangeOptions(force=True, dry_run=dry_run))
        else:
            with pytest.raises(Refused):
                set_parameters(context, STUDY, BOTH, ChangeOptions(dry_run=dry_run))
    assert len(study.writes) == (1 if force and not dry_run else 0)


@pytest.mark.parametrize("force", [True, False])
def test_study_with_the_values_of_a_case_is_not_changed(study: FakeStudy, context: Context, force: bool) -> None:
    """An unfinished sweep leaves an entry without an outcome."""
    journal(context).begin(CaseCommand.SWEEP, [RecordedValue(A, "float", None, 1.0, None, any_new=True)], [], "now")
    if force:
        set_parameters(context, STUDY, BOTH, ChangeOptions(force=True))
    else:
        with pytest.raises(Refused):
            set_parameters(context, STUDY, BOTH, ChangeOptions())
    assert len(study.writes) == (1 if force else 0)
