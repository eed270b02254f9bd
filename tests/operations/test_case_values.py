"""Test which studies have the values of a case, from the files of this computer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_study import HOST, FakeStudy

from sostrades_cli.files.locks import PID_SUFFIX
from sostrades_cli.local.config_file import journal_file
from sostrades_cli.local.journal import Journal, RecordedValue
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.case_values import case_values, interrupted_sweeps
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from pathlib import Path


def begin_sweep(state: Path, study: int) -> None:
    change = RecordedValue("dice.Macro.gamma", "float", "-", 0.3, any_new=True)
    Journal(state, HOST, study).begin(CaseCommand.SWEEP, [change], [], "2026-11-22T22:40:48Z")


def studies(state: Path) -> list[int]:
    return [values.entry.study for values in interrupted_sweeps(state, HOST)]


def test_interrupted_sweeps_are_in_the_order_of_their_studies(tmp_path: Path) -> None:
    for study in (100, 21, 3):
        begin_sweep(tmp_path, study)
    assert studies(tmp_path) == [3, 21, 100]


@pytest.mark.parametrize("name", ["notes.jsonl", "-1.jsonl", "\u00b2.jsonl", "21.jsonl.bak"])
def test_other_files_beside_the_journals_are_skipped(tmp_path: Path, name: str) -> None:
    begin_sweep(tmp_path, 22)
    journal_file(tmp_path, HOST, 21).with_name(name).write_text("begun", encoding="utf-8")
    assert studies(tmp_path) == [22]


def test_journal_that_cannot_be_read_has_no_values_of_a_case(tmp_path: Path) -> None:
    """A note must not make a read fail."""
    journal_file(tmp_path, HOST, 21).mkdir(parents=True)
    assert case_values(tmp_path, HOST, 21) is None
    assert studies(tmp_path) == []


@pytest.mark.parametrize("is_of_this_process", [True, False])
def test_running_sweep_is_not_interrupted(tmp_path: Path, *, is_of_this_process: bool) -> None:
    context = FakeStudy({}).context(tmp_path)
    begin_sweep(context.state, 21)
    with sweep_lock(context, [21], CaseCommand.SWEEP):
        if not is_of_this_process:
            owner = next((context.state / "locks").glob(f"*-21.sweep{PID_SUFFIX}"))
            owner.write_text("1 sweep\n", encoding="utf-8")
        values = case_values(context.state, HOST, 21)
        assert studies(context.state) == []
    assert values is not None
    assert (values.is_of_this_process, values.restore_command) == (is_of_this_process, None)
    assert studies(context.state) == [21]
