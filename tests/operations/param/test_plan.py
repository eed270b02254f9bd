"""Test planning: unchanged values are skipped, and all validation errors are found before anything is sent."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import STUDY, FakeStudy

from sostrades_cli.errors import InvalidValue, NotFound, RunActive, UsageError
from sostrades_cli.local.journal import DONE, Journal, RecordedValue
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.metadata import MOST_FAILURES
from sostrades_cli.operations.param.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.param.plan import Plan

A, B, TABLE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.table"
CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"
ACTIVE = ("PENDING", "RUNNING", "POD PENDING")


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2}, {TABLE: CSV})


@pytest.fixture
def plan_of(study: FakeStudy, tmp_path: Path) -> Callable[..., Plan]:
    context = study.context(tmp_path)

    def plan(*assignments: Assignment, force: bool = False, dry_run: bool = False) -> Plan:
        return make_plan(context, STUDY, assignments, force=force, dry_run=dry_run)

    return plan


def table(folder: Path, content: bytes) -> Assignment:
    file = folder / "table.csv"
    file.write_bytes(content)
    return Assignment(TABLE, file=file)


@pytest.mark.parametrize(
    ("old", "new", "sent"),
    [
        (1.0, 1.0, False),
        (1.0, 1, False),
        (1.0, 2.0, True),
        (1, 1, False),
        (1, 2, True),
        ("1", "1", False),
        ("1", "1.0", True),
        (True, True, False),
        ([1.0, 2.0], [1.0, 2.0], False),
        ([1.0, 2.0], [2.0, 1.0], True),
        ([1.0, 2.0], [1, 2], True),
        ({"k": 1.0}, {"k": 1.0}, False),
        ({"k": 1.0, "more": 2.0}, {"k": 1.0}, True),
        ({"k": 1.0}, {"k": 1}, True),
    ],
)
def test_unchanged_value_is_not_sent(tmp_path: Path, old: Any, new: Any, sent: bool) -> None:
    """Type counts: 1 in a list differs from 1.0."""
    study = FakeStudy({A: 0.0, B: 0})
    study.values[A] = old
    study.types[A] = {bool: "bool", float: "float", int: "int", str: "string", list: "list", dict: "dict"}[type(old)]
    plan = make_plan(study.context(tmp_path), STUDY, [Assignment(A, value=new)], force=False)
    assert plan.effective == ([A] if sent else [])
    assert plan.values[0].needless is not sent


def test_unchanged_table_is_not_sent(plan_of: Callable[..., Plan], tmp_path: Path) -> None:
    assert plan_of(table(tmp_path, CSV)).effective == []
    assert plan_of(table(tmp_path, NEW_CSV)).effective == [TABLE]


def test_table_without_a_value_is_sent(study: FakeStudy, plan_of: Callable[..., Plan], tmp_path: Path) -> None:
    study.tables[TABLE] = None
    plan = plan_of(table(tmp_path, CSV))
    assert (plan.effective, plan.files[0].old_table) == ([TABLE], None)


@pytest.mark.parametrize("name", [A, TABLE])
def test_reset_to_an_unknown_default_is_always_sent(plan_of: Callable[..., Plan], name: str) -> None:
    plan = plan_of(Assignment(name, value=DEFAULT))
    assert plan.effective == [name]
    assert plan.values[0].body is None


@pytest.mark.parametrize(("default", "sent"), [(5.0, True), (1.0, False)])
def test_reset_requests_the_default_even_if_its_value_is_known(
    study: FakeStudy, plan_of: Callable[..., Plan], default: float, sent: bool
) -> None:
    """After a finished run the plan shows the default."""
    study.finished, study.defaults[A] = True, default
    plan = plan_of(Assignment(A, value=DEFAULT))
    assert (plan.values[0].new, plan.values[0].body) == (default, None)
    assert plan.effective == ([A] if sent else [])


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("content", [b"years,people\n", b"error\nNot found\n"])
def test_empty_or_unlike_table_needs_force(
    plan_of: Callable[..., Plan], tmp_path: Path, content: bytes, force: bool
) -> None:
    if force:
        assert plan_of(table(tmp_path, content), force=True).effective == [TABLE]
    else:
        with pytest.raises(UsageError):
            plan_of(table(tmp_path, content))


def test_completed_dict_is_not_sent_again(study: FakeStudy, plan_of: Callable[..., Plan], tmp_path: Path) -> None:
    """A dict sent from this machine and completed by the server is unchanged."""
    study.values[A], study.types[A] = {"k": 1.0, "more": 2.0}, "dict"
    assignment = Assignment(A, value={"k": 1.0})
    assert plan_of(assignment).effective == [A]
    journal = Journal(tmp_path / "state", "http://127.0.0.1:5004", STUDY)
    journal.end(journal.begin("set", [RecordedValue(A, "dict", None, {"k": 9.0}, {"k": 1.0})], [], "now"), DONE)
    assert plan_of(assignment).effective == []
    study.values[A] = {"k": 3.0, "more": 2.0}
    assert plan_of(assignment).effective == [A]


@pytest.mark.parametrize(
    ("status", "force"), list(product([*ACTIVE, "FINISHED", "FAILED", "", "STOPPED"], [True, False]))
)
def test_active_run_is_an_error_without_force(
    study: FakeStudy, plan_of: Callable[..., Plan], status: str, force: bool
) -> None:
    study.status = status
    if status in ACTIVE and not force:
        with pytest.raises(RunActive):
            plan_of(Assignment(A, value=5.0), force=force)
    else:
        assert plan_of(Assignment(A, value=5.0), force=force).effective == [A]


@pytest.mark.parametrize(
    ("assignment", "error"),
    [
        ([], UsageError),
        ([Assignment(A, value=5.0), Assignment("Macro.a", value=6.0)], UsageError),
        ([Assignment(A, value="five")], UsageError),
        ([Assignment(B, value=1.5)], UsageError),
        ([Assignment(TABLE, value=1.5)], UsageError),
        ([Assignment("dice.Macro.nothing", value=1.0)], NotFound),
        ([Assignment("dice.Macro.residuals_history", value=1.0)], NotFound),
        ([Assignment(A, value=5.0, unit="km")], UsageError),
    ],
)
def test_invalid_assignment_is_an_error(
    study: FakeStudy, plan_of: Callable[..., Plan], assignment: list[Assignment], error: type[Exception]
) -> None:
    with pytest.raises(error):
        plan_of(*assignment)
    assert study.writes == []


def test_other_unit_can_be_forced(plan_of: Callable[..., Plan]) -> None:
    assert plan_of(Assignment(A, value=5.0, unit="km"), force=True).effective == [A]


def test_dry_run_collects_all_validation_errors(study: FakeStudy, plan_of: Callable[..., Plan], tmp_path: Path) -> None:
    study.status = "RUNNING"
    empty = table(tmp_path, b"years,people\n")
    plan = plan_of(Assignment(A, value=5.0, unit="km"), empty, dry_run=True)
    assert [type(refusal) for refusal in plan.refusals] == [RunActive, InvalidValue, UsageError]
    assert plan.effective == [TABLE, A]


def test_exact_assignments_are_not_coerced(plan_of: Callable[..., Plan]) -> None:
    """An undo restores the old value exactly, whatever its declared type."""
    assert plan_of(Assignment(A, value="text", exact=True)).values[0].new == "text"


def test_state_of_a_plan_changes_with_the_replaced_values(
    study: FakeStudy, plan_of: Callable[..., Plan], tmp_path: Path
) -> None:
    """Two rounds with the same state would do the same again."""
    assignments = [Assignment(A, value=5.0), table(tmp_path, NEW_CSV)]
    first, same = plan_of(*assignments).state, plan_of(*assignments).state
    study.values[A] = 1.5
    other_value = plan_of(*assignments).state
    study.tables[TABLE] = b"years,people\n2020,9.0\n"
    assert first == same
    assert len({first, other_value, plan_of(*assignments).state}) == 3


def test_table_is_never_unchanged_by_its_placeholder_as_text(study: FakeStudy, tmp_path: Path) -> None:
    """A load shows a table as a text, and a user may set the same text."""
    study.types[TABLE] = "string"
    assignments = [Assignment(TABLE, value="://dataframe")]
    assert make_plan(study.context(tmp_path), STUDY, assignments, force=False).effective == [TABLE]


def test_unknown_names_cost_few_requests(study: FakeStudy, plan_of: Callable[..., Plan]) -> None:
    """A file for another study can have thousands of them. The values before them are validated."""
    study.finished = True
    unknown = [Assignment(f"other.x{number}", "1") for number in range(2 * MOST_FAILURES)]
    with pytest.raises(UsageError) as raised:
        plan_of(Assignment(B, "much"), Assignment("", fault=UsageError("no key")), *unknown)
    assert len(raised.value.causes) == MOST_FAILURES + 2
    assert study.requests.count("read_only") == 1
    assert study.requests.count("download") == MOST_FAILURES


def test_defaults_and_directions_come_from_one_read_only_file(study: FakeStudy, plan_of: Callable[..., Plan]) -> None:
    study.finished = True
    study.values[A] = 7.0
    [change] = plan_of(Assignment(A, value=DEFAULT)).values
    assert (change.old, change.new) == (7.0, 1.0)
    assert study.requests.count("read_only") == 1
