"""Test the original values of a sweep: read, recorded, restored, and continued after an interruption."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, OLD, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import NotVerified, Refused, Unreachable, WriteFailed
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, NOT_MADE, RESTORED, Journal, RecordedValue
from sostrades_cli.operations.calc.sweep.baseline import (
    Baseline,
    interrupted_baseline,
    read_baseline,
    recorded_baselines,
    restore_baseline,
    restore_interrupted,
    restore_interrupted_trial,
)
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
from sostrades_cli.operations.calc.sweep.progress_log import EarlierBaseline
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.study.snapshot.capture import list_parameters

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A, B, TABLE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.table"
CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"
KEYS = ("Macro.a", "Macro.table")


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0}, {TABLE: CSV})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def journal(context: Context) -> Journal:
    return Journal(context.state, HOST, STUDY)


def outcomes(context: Context) -> list[str]:
    return [entry.outcome for entry in journal(context).entries()]


def begin(context: Context, command: str = CaseCommand.SWEEP, key: str = A, outcome: str = BEGUN) -> int:
    """Write an entry of a command that changes a value."""
    is_sweep = command in list(CaseCommand)
    number = journal(context).begin(command, [RecordedValue(key, "float", "-", 1.0, None, any_new=is_sweep)], [], "now")
    if outcome != BEGUN:
        journal(context).end(number, outcome)
    return number


def read(context: Context, earlier: int | None = None, keys: tuple[str, ...] = KEYS) -> Baseline:
    listed = list_parameters(context, STUDY, outputs=False)
    return read_baseline(context, listed, keys, None if earlier is None else EarlierBaseline(earlier, None))


def test_only_swept_values_are_recorded_and_restored(study: FakeStudy, context: Context) -> None:
    """The entry is in the journal, with its tables, before the first case."""
    with recorded_baselines(context, {STUDY: read(context)}, CaseCommand.SWEEP) as recorded:
        [entry] = journal(context).entries()
        assert [(c.key, c.old, c.any_new) for c in entry.changes] == [(A, 1.0, True), (TABLE, "://dataframe", True)]
        path = journal(context).table(str(entry.changes[1].old_table))
        assert path is not None
        assert path.read_bytes() == CSV
        assert (entry.outcome, entry.command, recorded[STUDY].entry) == (BEGUN, CaseCommand.SWEEP, entry.entry)
    study.values |= {A: 5.0, B: 6.0}
    study.tables[TABLE] = NEW_CSV
    assert restore_baseline(context, STUDY, recorded[STUDY])
    assert (study.values, study.tables, outcomes(context)) == ({A: 1.0, B: 6.0}, {TABLE: CSV}, [RESTORED])
    assert not restore_baseline(context, STUDY, recorded[STUDY])


@pytest.mark.parametrize("write", [Write({A: OTHER}), Write(default=OLD, error=Unreachable("no connection"))])
def test_values_that_are_not_restored_stay_in_the_journal(study: FakeStudy, context: Context, write: Write) -> None:
    """So `param undo` can still restore them."""
    with recorded_baselines(context, {STUDY: read(context, keys=KEYS[:1])}, CaseCommand.SWEEP) as recorded:
        pass
    study.values[A], study.answers = 5.0, [write]
    with pytest.raises((NotVerified, Unreachable)):
        restore_baseline(context, STUDY, recorded[STUDY])
    assert outcomes(context) == [BEGUN]


def test_values_restored_on_a_full_disk_get_a_warning(study: FakeStudy, context: Context) -> None:
    """Only the history lacks that they are restored, so the sweep itself has not failed."""
    number = begin(context)
    study.values[A] = 5.0
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        restore_baseline(context, STUDY, Baseline(number, journal(context).entries()[0].changes))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (study.values[A], outcomes(context)) == (1.0, [BEGUN])
    assert f"sostrades param undo {STUDY} --to {number}" in study.notes[-1]


def test_values_are_restored_although_a_run_is_active(study: FakeStudy, context: Context) -> None:
    """An interrupted sweep may have left one."""
    baseline = read(context, keys=KEYS[:1])
    study.values[A], study.status = 5.0, "RUNNING"
    restore_baseline(context, STUDY, baseline)
    assert study.values[A] == 1.0


@pytest.mark.parametrize("is_new", [True, False])
def test_entries_of_a_sweep_that_cannot_start_are_closed(study: FakeStudy, context: Context, is_new: bool) -> None:
    """An open one would block the study. That of the interrupted sweep stays open."""
    number = None if is_new else begin(context)
    baseline = read(context, number, KEYS[:1])
    with pytest.raises(WriteFailed), recorded_baselines(context, {STUDY: baseline}, CaseCommand.SWEEP):
        raise WriteFailed("the disk is full")
    assert outcomes(context) == [NOT_MADE if is_new else BEGUN]


def test_resumed_sweep_keeps_the_first_baseline(study: FakeStudy, context: Context) -> None:
    """The study has the values of a case by now."""
    number = begin(context)
    study.values[A] = 5.0
    baseline = read(context, number, KEYS[:1])
    assert (baseline.entry, [change.old for change in baseline.changes]) == (number, [1.0])
    with recorded_baselines(context, {STUDY: baseline}, CaseCommand.SWEEP) as recorded:
        assert (recorded[STUDY], outcomes(context)) == (baseline, [BEGUN])


@pytest.mark.parametrize(
    ("command", "key", "outcome", "is_refused"),
    [
        ("set", A, DONE, True),
        ("set", A, IN_DOUBT, True),
        ("set", A, BEGUN, True),
        ("set", A, NOT_MADE, False),
        ("set", B, DONE, False),
        (CaseCommand.TRIAL, A, RESTORED, False),
    ],
)
def test_resumed_sweep_does_not_overwrite_a_later_change(
    context: Context, command: str, key: str, outcome: str, is_refused: bool
) -> None:
    """The old values of the sweep are from before it. Other sweeps restore what they change."""
    begin(context, "set", A, DONE)
    number = begin(context)
    begin(context, command, key, outcome)
    if is_refused:
        with pytest.raises(Refused):
            read(context, number, KEYS[:1])
    else:
        assert read(context, number, KEYS[:1]).entry == number


@pytest.mark.parametrize("earlier", [None, 99])
def test_new_sweep_does_not_start_with_the_values_of_another(context: Context, earlier: int | None) -> None:
    begin(context)
    with pytest.raises(Refused):
        read(context, earlier)


@pytest.mark.parametrize(("now", "is_same"), [(1.0, True), (5.0, False)])
def test_restored_sweep_is_resumed_only_from_the_same_values(
    study: FakeStudy, context: Context, now: float, is_same: bool
) -> None:
    number = begin(context, outcome=RESTORED)
    study.values[A] = now
    if is_same:
        assert read(context, number, KEYS[:1]).entry is None
    else:
        with pytest.raises(Refused):
            read(context, number, KEYS[:1])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_value_without_json_is_restored_as_null(study: FakeStudy, context: Context, value: float | None) -> None:
    study.values[A] = value
    assert [change.old for change in read(context, keys=KEYS[:1]).changes] == [None]


@pytest.mark.parametrize("number", [1, 2])
def test_only_the_named_sweep_is_restored(study: FakeStudy, context: Context, number: int) -> None:
    begin(context)
    study.values[A] = 5.0
    baseline = interrupted_baseline(context, STUDY, number)
    restore_interrupted(context, STUDY, number)
    assert (baseline is not None, study.values[A]) == ((True, 1.0) if number == 1 else (False, 5.0))
    assert outcomes(context) == [RESTORED if number == 1 else BEGUN]


@pytest.mark.parametrize("command", CaseCommand)
@pytest.mark.parametrize("later", [None, A, B])
def test_killed_trial_is_restored_and_a_sweep_is_not(
    study: FakeStudy, context: Context, command: CaseCommand, later: str | None
) -> None:
    """A sweep can be resumed. Neither replaces a later change of the user."""
    begin(context, command)
    study.values[A] = 5.0
    if later is not None:
        begin(context, "set", later, DONE)
    if command.is_resumable or later == A:
        with pytest.raises(Refused):
            restore_interrupted_trial(context, STUDY)
        assert (study.values[A], outcomes(context)[0]) == (5.0, BEGUN)
    else:
        restore_interrupted_trial(context, STUDY)
        assert (study.values[A], outcomes(context)[0]) == (1.0, RESTORED)


def test_original_values_fill_the_blank_cells_of_a_case(context: Context) -> None:
    listed = list_parameters(context, STUDY, outputs=False)
    original = OriginalValues(context, listed, read(context, keys=("Macro.a", "Macro.b")))
    assert (original.own_value("Macro.a"), original.own_value("Macro.c")) == (1.0, None)
    filled: list[tuple[str, Any]] = [(item.key, item.value) for item in original.assignments_without({A})]
    assert filled == [(B, 2.0)]


@pytest.mark.parametrize(("value", "is_same"), [(1, True), (1.0, True), (True, False), ("1", False), (None, False)])
def test_digest_of_original_values_ignores_only_the_kind_of_number(value: object, is_same: bool) -> None:
    changes = [RecordedValue(A, "float", "-", old) for old in (1.0, value)]
    first, second = (Baseline(None, (change,)).sha256 for change in changes)
    assert (first == second) == is_same
