"""Test undo and redo in every order, conflicts with changes of somebody else, and side effects."""

from __future__ import annotations

import threading
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow, slow
from fake_study import HOST, MISSING, OLD, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import Conflict, Refused, SostradesError, Unreachable, UsageError
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, NOT_MADE, RESTORED, Journal, JournalEntry, RecordedValue
from sostrades_cli.operations.changes import ChangeOptions, carry_out, reset_parameters, set_parameters
from sostrades_cli.operations.history.undo import UNDO, _from, _last, active_entries, undo
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.study_locks import change_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.context import Context

A, B, TABLE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.table"
METHOD, OPTION, OPTIONS = "dice.sampling_method", "dice.option", "dice.options"
CSV, NEW_CSV, FOREIGN_CSV = (f"years,people\n2020,{number}\n".encode() for number in (1.5, 2.5, 9.5))
OPTIONS_CSV = b"name,size\nfirst,3.5\n"
SERVERS = ["loads", "cannot load"]


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0}, {TABLE: CSV})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def entry(number: int, command: str = "set", outcome: str = DONE, undoes: tuple[int, ...] = ()) -> JournalEntry:
    return JournalEntry(number, "now", HOST, STUDY, command, outcome, (), undoes)


def set_value(context: Context, value: Any, name: str = A) -> None:
    set_parameters(context, STUDY, [Assignment(name, value=value)], ChangeOptions())


def set_table(context: Context, folder: Path, content: bytes) -> None:
    file = folder / "set.csv"
    file.write_bytes(content)
    set_parameters(context, STUDY, [Assignment(TABLE, file=file)], ChangeOptions())


def take_back(context: Context, to: int | None = None, **options: bool) -> ChangeReport:
    """Undo the last change, or all since an entry."""
    return undo(context, STUDY, to, ChangeOptions(**options))  # type: ignore[arg-type]


# The order of undo and redo -------------------------------------------------------------------------


def walks(length: int) -> Iterator[tuple[int | str, ...]]:
    """Yield every sequence of changes, undos, and undos to an entry."""
    choices = [["set", "undo", *range(1, step)] for step in range(1, length + 1)]
    yield from product(*choices)


@pytest.mark.parametrize("length", [3, 4, 5, slow(6)])
def test_active_entries_match_the_model(length: int) -> None:
    """The model keeps the state before each entry. An undo to an entry restores the state before it."""
    for walk in walks(length):
        history: list[JournalEntry] = []
        account: tuple[int, ...] = ()
        before: list[tuple[int, ...]] = []
        for step in walk:
            number = len(history) + 1
            left = account
            if step == "set":
                account = (*account, number)
                history.append(entry(number))
            elif step == "undo":
                if not account:
                    with pytest.raises(UsageError):
                        _last(history, history, STUDY)
                    continue
                assert _last(history, history, STUDY).entry == account[-1], walk
                history.append(entry(number, UNDO, undoes=(account[-1],)))
                account = account[:-1]
            elif isinstance(step, int) and step <= len(history):
                history.append(entry(number, UNDO, undoes=tuple(item.entry for item in _from(history, step, STUDY))))
                account = before[step - 1]
            else:
                continue
            before.append(left)
            undos = {item.entry for item in history if item.command == UNDO}
            assert active_entries(history) - undos == set(account), walk


def test_newest_undo_is_reverted_first() -> None:
    """Reverting an undo revives an entry. The same undo then reverts it if it is in range."""
    history = [entry(1), entry(2), entry(3, UNDO, undoes=(2,)), entry(4, UNDO, undoes=(2, 3))]
    assert active_entries(history) == {1, 4}
    assert active_entries([*history, entry(5, UNDO, undoes=(4,))]) == {1, 3, 5}


@pytest.mark.parametrize("outcome", [BEGUN, IN_DOUBT, NOT_MADE])
def test_failed_undo_has_reverted_nothing(outcome: str) -> None:
    history = [entry(1), entry(2, UNDO, outcome, (1,))]
    assert active_entries(history) == {1, 2}
    assert _last(history, history, STUDY).entry == 1


@pytest.mark.parametrize("server", mostly_slow(SERVERS, 2))
def test_study_matches_the_model_after_any_two_steps(tmp_path: Path, server: str) -> None:
    for number, walk in enumerate(product(["set", "undo", 1, 2, 3], repeat=2)):
        study = FakeStudy({A: 1.0, B: 2.0})
        study.loads = server == "loads"
        context = study.context(tmp_path / str(number))
        history: list[tuple[dict[str, Any], ...]] = []
        account: tuple[dict[str, Any], ...] = ()
        for at, step in enumerate(("set", "set", *walk)):
            left = account
            if step == "set":
                change = {(A, B)[at % 2]: 10.0 + at}
                set_value(context, *change.values(), *change)
                account = (*account, change)
            elif step == "undo" and account:
                take_back(context)
                account = account[:-1]
            elif isinstance(step, int) and step <= len(history):
                account = history[step - 1]
                take_back(context, step)
            else:
                continue
            history.append(left)
            expected = {A: 1.0, B: 2.0}
            for item in account:
                expected |= item
            assert study.values == expected, walk


# Which entries --------------------------------------------------------------------------------------


def test_nothing_to_undo_is_a_usage_error(study: FakeStudy, context: Context) -> None:
    for to in (None, 1):
        with pytest.raises(UsageError):
            take_back(context, to)
    set_value(context, 5.0)
    for to in (0, 2):
        with pytest.raises(UsageError):
            take_back(context, to)
    take_back(context)
    with pytest.raises(UsageError):
        take_back(context)
    assert len(study.writes) == 2


@pytest.mark.parametrize("outcome", [NOT_MADE, RESTORED])
def test_failed_entry_is_skipped(study: FakeStudy, context: Context, outcome: str) -> None:
    set_value(context, 5.0)
    journal = Journal(context.state, HOST, STUDY)
    journal.end(journal.begin("set", [RecordedValue(A, "float", "-", 5.0, 6.0)], [], "now"), outcome)
    with pytest.raises(UsageError):
        take_back(context, 2)
    take_back(context)
    assert study.values[A] == 1.0


def test_oldest_value_of_several_changes_is_restored(study: FakeStudy, context: Context) -> None:
    for value in (5.0, 6.0, 7.0):
        set_value(context, value)
    take_back(context, 2)
    assert (study.values[A], len(study.writes)) == (5.0, 4)


def test_undo_waits_for_another_change(study: FakeStudy, context: Context) -> None:
    """It reverts the last change, which may be the one in progress."""
    set_value(context, 5.0)
    waiting = threading.Event()
    second = study.context(context.state.parent, notify=lambda _: waiting.set())
    thread = threading.Thread(target=lambda: take_back(second))
    with change_lock(context, STUDY):
        thread.start()
        assert waiting.wait(10)
        plan = make_plan(context, STUDY, [Assignment(A, value=6.0)], force=False)
        carry_out(context, plan, "set", ChangeOptions())
    thread.join(10)
    assert study.values[A] == 5.0


def test_interrupted_undo_of_a_sweep_leaves_it_unfinished(study: FakeStudy, context: Context) -> None:
    """The study still has the values of a case, so a change is refused until they are restored."""
    Journal(context.state, HOST, STUDY).begin(
        "sweep", [RecordedValue(A, "float", "-", 5.0, None, any_new=True)], [], "now"
    )
    study.answers = [Write(default=OLD, error=Unreachable("no connection"))]
    with pytest.raises(Unreachable):
        take_back(context)
    with pytest.raises(Refused):
        set_value(context, 9.0)
    take_back(context)
    assert study.values[A] == 5.0
    set_value(context, 9.0)


# Changes of somebody else ---------------------------------------------------------------------------


@pytest.mark.parametrize("force", [True, False])
def test_value_of_another_user_is_overwritten_only_with_force(study: FakeStudy, context: Context, force: bool) -> None:
    set_value(context, 5.0)
    study.values[A] = 8.0
    if force:
        take_back(context, force=True)
        assert study.values[A] == 1.0
    else:
        with pytest.raises(Conflict):
            take_back(context)
        assert (study.values[A], len(study.writes)) == (8.0, 1)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("now", [FOREIGN_CSV, None])
def test_table_of_another_user_is_overwritten_only_with_force(
    study: FakeStudy, context: Context, tmp_path: Path, force: bool, now: bytes | None
) -> None:
    """The table was replaced or reset in the meantime."""
    set_table(context, tmp_path, NEW_CSV)
    study.tables[TABLE] = now
    if force:
        take_back(context, force=True)
        assert study.tables[TABLE] == CSV
    else:
        with pytest.raises(Conflict):
            take_back(context)
        assert (study.tables[TABLE], len(study.writes)) == (now, 1)


def test_table_is_restored(study: FakeStudy, context: Context, tmp_path: Path) -> None:
    set_table(context, tmp_path, NEW_CSV)
    set_table(context, tmp_path, FOREIGN_CSV)
    take_back(context)
    assert study.tables[TABLE] == NEW_CSV
    take_back(context)
    assert study.tables[TABLE] == CSV
    take_back(context, 4)
    assert study.tables[TABLE] == NEW_CSV


def test_restored_value_is_not_sent(study: FakeStudy, context: Context) -> None:
    set_value(context, 5.0)
    study.values[A] = 1.0
    report = take_back(context)
    assert (len(study.writes), len(report.unsent)) == (1, 1)
    with pytest.raises(UsageError):
        take_back(context)


def test_completed_dict_is_not_a_conflict(tmp_path: Path) -> None:
    study = FakeStudy({A: {"k": 1.0}})
    context = study.context(tmp_path)
    study.answers = [Write(then=lambda: study.values[A].update({"more": 2.0}))]
    set_value(context, {"k": 5.0})
    take_back(context)
    assert study.values[A] == {"k": 1.0}


@pytest.mark.parametrize(
    ("outcome", "now", "conflict"),
    [
        (BEGUN, 6.0, False),  # it arrived
        (BEGUN, 5.0, False),  # it did not
        (BEGUN, 8.0, True),
        (IN_DOUBT, 8.0, False),  # it may have arrived in part
        (DONE, 5.0, True),
        (DONE, 6.0, False),
    ],
)
def test_conflict_depends_on_the_outcome_of_the_entry(
    study: FakeStudy, context: Context, outcome: str, now: float, conflict: bool
) -> None:
    """After an unverified change several values are possible."""
    set_value(context, 5.0)
    journal = Journal(context.state, HOST, STUDY)
    number = journal.begin("set", [RecordedValue(A, "float", "-", 5.0, 6.0)], [], "now")
    if outcome != BEGUN:
        journal.end(number, outcome)
    study.values[A] = now
    if conflict:
        with pytest.raises(Conflict):
            take_back(context, 1)
    else:
        take_back(context, 1)
        assert study.values[A] == 1.0


def test_any_value_may_be_a_default(study: FakeStudy, context: Context) -> None:
    """The default after a reset is unknown, so no value is a conflict."""
    study.values[A] = 5.0
    reset_parameters(context, STUDY, [A], ChangeOptions())
    study.values[A] = 8.0
    take_back(context)
    assert study.values[A] == 5.0


def test_late_change_is_reported_with_its_entry(study: FakeStudy, context: Context) -> None:
    """A change may arrive after its verification failed. It is not somebody else's."""
    set_value(context, 5.0)
    study.answers = [Write(default=OLD, error=Unreachable("lost", answer_lost=True))]
    with pytest.raises(Unreachable):
        set_value(context, 6.0)
    study.values[A] = 6.0
    with pytest.raises(Conflict) as raised:
        take_back(context)
    assert "entry 2 of the history" in str(raised.value.detail)


def test_dry_run_has_the_plan_with_the_conflict(study: FakeStudy, context: Context) -> None:
    set_value(context, 5.0)
    study.values[A] = 8.0
    report = take_back(context, dry_run=True)
    assert isinstance(report.failure, Conflict)
    assert [(c.old, c.new) for c in report.changes] == [(8.0, 1.0)]
    assert len(study.writes) == 1


@pytest.mark.parametrize("to", [1, None])
def test_undo_of_an_unfinished_sweep_restores_the_baseline(study: FakeStudy, context: Context, to: int | None) -> None:
    """The values of a case have an entry without an outcome, which only this undo may replace."""
    Journal(context.state, HOST, STUDY).begin(
        "sweep", [RecordedValue(A, "float", "-", 1.0, None, any_new=True)], [], "now"
    )
    study.values[A] = 30.0
    take_back(context, to)
    assert study.values[A] == 1.0
    set_value(context, 5.0)  # the study takes changes again


# An undo that fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        Write(default=OLD, error=Unreachable("no connection")),
        Write(default=OLD, error=Unreachable("lost", answer_lost=True)),
        Write({A: OTHER}),
    ],
)
def test_failed_undo_can_be_repeated(study: FakeStudy, context: Context, write: Write) -> None:
    set_value(context, 5.0)
    study.answers = [write]
    with pytest.raises(SostradesError):
        take_back(context)
    take_back(context, force=True)
    assert study.values[A] == 1.0


# Side effects ---------------------------------------------------------------------------------------


@pytest.fixture
def sampling(context: Context, study: FakeStudy) -> FakeStudy:
    """Return a study whose options disappeared, and whose b changed, when its method was set."""
    study.values |= {METHOD: "grid", OPTION: 3.0}
    study.tables[OPTIONS] = study.default_tables[OPTIONS] = OPTIONS_CSV
    study.types |= {METHOD: "string", OPTION: "float", OPTIONS: "dataframe"}

    def method_set() -> None:
        study.remove(OPTION)
        study.remove(OPTIONS)
        study.values[B] = 7.0

    study.answers = [Write(then=method_set)]
    set_value(context, "simple", METHOD)
    return study


def options_back(study: FakeStudy) -> None:
    study.values[OPTION] = study.defaults[OPTION] = 0.0
    study.tables[OPTIONS] = b"name,size\nfirst,0.5\n"


def test_undo_restores_the_side_effects(sampling: FakeStudy, context: Context) -> None:
    """Options that come back with their defaults get their old values, tables included."""
    sampling.answers = [Write(then=lambda: options_back(sampling))]
    report = take_back(context)
    assert sampling.values == {A: 1.0, B: 2.0, METHOD: "grid", OPTION: 3.0}
    assert sampling.tables == {TABLE: CSV, OPTIONS: OPTIONS_CSV}
    assert report.failure is None
    assert {change.key for change in report.changes if change.sent} == {METHOD, OPTION, OPTIONS, B}
    assert [write.keys() for write in sampling.writes[1:]] == [{METHOD}, {OPTIONS}, {OPTION, B}]


def test_unrestored_side_effect_is_an_error(sampling: FakeStudy, context: Context) -> None:
    """The change is undone anyway, and the error names the missing parameters."""
    report = take_back(context)
    assert (sampling.values[METHOD], sampling.values[B]) == ("grid", 2.0)
    assert isinstance(report.failure, Refused)
    assert str(report.failure.detail).splitlines() == [OPTION, OPTIONS]


def test_side_effect_without_a_saved_table_is_an_error(sampling: FakeStudy, context: Context) -> None:
    sampling.answers = [Write(then=lambda: options_back(sampling))]
    for path in context.state.rglob("*.csv"):
        path.unlink()
    report = take_back(context)
    assert sampling.values[OPTION] == 3.0
    assert str(report.failure.detail if report.failure else "").splitlines() == [OPTIONS]


def test_side_effect_that_disappears_again_is_an_error(sampling: FakeStudy, context: Context) -> None:
    sampling.answers = [Write(), Write({B: MISSING})]
    report = take_back(context)
    assert str(report.failure.detail if report.failure else "").splitlines() == [OPTION, OPTIONS, B]


def test_error_while_restoring_side_effects_lists_the_undone_changes(sampling: FakeStudy, context: Context) -> None:
    sampling.answers = [Write(), Write(default=OLD, error=Unreachable("no connection"))]
    with pytest.raises(Unreachable) as raised:
        take_back(context)
    assert raised.value.in_doubt
    assert METHOD in str(raised.value.detail)


def method_with_effect(study: FakeStudy, context: Context) -> None:
    """Set the method, which changes b from its present value to 7."""
    study.answers = [Write(then=lambda: study.values.update({B: 7.0}))]
    set_value(context, "simple", METHOD)


@pytest.fixture
def method(study: FakeStudy) -> FakeStudy:
    study.values[METHOD], study.types[METHOD] = "grid", "string"
    return study


def test_side_effect_before_a_change_of_the_same_parameter_is_undone(method: FakeStudy, context: Context) -> None:
    """The value before the side effect is restored."""
    method_with_effect(method, context)
    set_value(context, 9.0, B)
    report = take_back(context, 1)
    assert (method.values[METHOD], method.values[B], report.failure) == ("grid", 2.0, None)


def test_change_before_a_side_effect_on_the_same_parameter_is_undone(method: FakeStudy, context: Context) -> None:
    """The value of a side effect is not a conflict."""
    set_value(context, 9.0, B)
    method_with_effect(method, context)
    report = take_back(context, 1)
    assert (method.values[METHOD], method.values[B], report.failure) == ("grid", 2.0, None)


def test_other_value_after_a_side_effect_is_a_conflict(method: FakeStudy, context: Context) -> None:
    set_value(context, 9.0, B)
    method_with_effect(method, context)
    method.values[B] = 11.0
    with pytest.raises(Conflict):
        take_back(context, 1)


def test_recurring_side_effect_is_an_error(method: FakeStudy, context: Context) -> None:
    """The server changes the parameter again after each verification."""
    method_with_effect(method, context)

    def change_again() -> None:
        method.values[B] = 7.0

    method.after_load = change_again
    report = take_back(context)
    assert method.values[METHOD] == "grid"
    assert str(report.failure.detail if report.failure else "").splitlines() == [B]
