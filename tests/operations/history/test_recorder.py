"""Test recording a change: the entry is on disk before anything is sent, and contains the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, MISSING, OLD, OTHER, STUDY, FakeStudy, Write

from sostrades_cli.errors import NotVerified, Refused, ServerWords, SostradesError, Unreachable
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, NOT_MADE, Journal, JournalEntry, RecordedValue
from sostrades_cli.operations.changes import ChangeOptions, reset_parameters, set_parameters
from sostrades_cli.operations.history.recorder import recorded
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A, B, TABLE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.table"
METHOD, OTHER_TABLE = "dice.sampling_method", "dice.options"
CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0, METHOD: "simple"}, {TABLE: CSV, OTHER_TABLE: CSV})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def entries(context: Context) -> list[JournalEntry]:
    return Journal(context.state, HOST, STUDY).entries()


def set_a(context: Context, name: str = A, value: Any = 10.0) -> None:
    set_parameters(context, STUDY, [Assignment(name, value=value)], ChangeOptions())


# Outcomes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "outcome"),
    [
        (Write(), DONE),
        (Write(error=Unreachable("lost", answer_lost=True)), DONE),
        (Write({A: OTHER}), IN_DOUBT),
        (Write({A: MISSING}), IN_DOUBT),
        (Write({A: OTHER}, error=Unreachable("lost", answer_lost=True)), IN_DOUBT),
        (Write(default=OLD, error=Unreachable("lost", answer_lost=True)), NOT_MADE),
        (Write(default=OLD, error=Unreachable("no connection")), NOT_MADE),
        (Write(default=OLD, error=Refused("no", server=ServerWords(400, "no"))), NOT_MADE),
    ],
)
def test_entry_has_the_outcome_of_the_change(study: FakeStudy, context: Context, write: Write, outcome: str) -> None:
    """A refusal without an effect is not a change."""
    study.answers = [write]
    if outcome == DONE:
        set_a(context)
    else:
        with pytest.raises(SostradesError):
            set_a(context)
    [entry] = entries(context)
    assert (entry.outcome, entry.changes) == (outcome, (RecordedValue(A, "float", "-", 1.0, 10.0),))
    assert (entry.detail is None) is (outcome == DONE)


def test_entry_of_a_killed_process_has_no_outcome(context: Context) -> None:
    plan = make_plan(context, STUDY, [Assignment(A, value=10.0)], force=False)
    with pytest.raises(KeyboardInterrupt), recorded(context, plan, "set"):
        raise KeyboardInterrupt
    assert [entry.outcome for entry in entries(context)] == [BEGUN]


def test_unwritable_outcome_is_a_note(study: FakeStudy, context: Context) -> None:
    """The change is made and verified, whatever happens to the journal."""
    journal = context.state / "journal"
    study.answers = [Write(then=lambda: _spoil(journal))]
    set_a(context)
    assert study.values[A] == 10.0
    assert any("journal" in note for note in study.notes)


def _spoil(folder: Path) -> None:
    [path] = folder.rglob(f"{STUDY}.jsonl")
    path.unlink()
    path.mkdir()


def test_tables_are_saved_with_their_old_content(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(NEW_CSV)
    set_parameters(context, STUDY, [Assignment(TABLE, file=file)], ChangeOptions())
    [entry] = entries(context)
    [change] = entry.changes
    journal = Journal(context.state, HOST, STUDY)
    old, sent = journal.table(str(change.old_table)), journal.table(str(change.new_sent))
    assert old is not None
    assert sent is not None
    assert (old.read_bytes(), sent.read_bytes(), change.old) == (CSV, NEW_CSV, "://dataframe")
    assert change.new_table == change.new_sent  # this server's download is the file itself


def test_reset_to_an_unknown_default_can_be_anything(study: FakeStudy, context: Context) -> None:
    study.values[A] = 5.0
    reset_parameters(context, STUDY, [A], ChangeOptions())
    [change] = entries(context)[0].changes
    assert (change.old, change.new, change.any_new) == (5.0, None, True)


# Side effects ---------------------------------------------------------------------------------------


def reset_b(study: FakeStudy) -> None:
    study.values[B] = 7.0


def reset_table(study: FakeStudy) -> None:
    study.tables[OTHER_TABLE] = NEW_CSV


def empty_table(study: FakeStudy) -> None:
    study.tables[OTHER_TABLE] = b"years,people\n"


def remove_both(study: FakeStudy) -> None:
    study.remove(B)
    study.remove(OTHER_TABLE)


def add_one(study: FakeStudy) -> None:
    study.values["dice.new"] = 1.0
    study.types["dice.new"] = "float"


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (reset_b, [(B, 2.0, 7.0)]),
        (reset_table, [(OTHER_TABLE, "://dataframe", "://dataframe")]),
        (empty_table, [(OTHER_TABLE, "://dataframe", "://dataframe")]),
        (remove_both, [(B, 2.0, None), (OTHER_TABLE, "://dataframe", None)]),
        (add_one, []),
    ],
)
def test_side_effects_are_recorded_with_their_old_values(
    study: FakeStudy, context: Context, effect: Callable[[FakeStudy], None], expected: list[tuple[str, Any, Any]]
) -> None:
    """A setting may remove or change other parameters, which undo can restore."""
    study.answers = [Write(then=lambda: effect(study))]
    set_a(context, METHOD, "grid")
    [entry] = entries(context)
    assert [(item.key, item.old, item.new) for item in entry.effects] == expected
    journal = Journal(context.state, HOST, STUDY)
    for item in entry.effects:
        path = journal.table(str(item.old_table))
        assert (path.read_bytes() if path else None) == (CSV if item.key == OTHER_TABLE else None)


def test_table_that_loses_its_download_is_a_side_effect(study: FakeStudy, context: Context) -> None:
    """A load shows the same placeholder for tables with and without a download."""
    study.answers = [Write(then=lambda: study.hidden.add(OTHER_TABLE))]
    set_a(context, METHOD, "grid")
    assert [effect.key for effect in entries(context)[0].effects] == [OTHER_TABLE]


def test_table_of_the_change_is_not_a_side_effect(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(NEW_CSV)
    assignments = [Assignment(METHOD, value="grid"), Assignment(TABLE, file=file)]
    set_parameters(context, STUDY, assignments, ChangeOptions())
    assert entries(context)[0].effects == ()


def test_residuals_of_a_run_are_not_side_effects(study: FakeStudy, context: Context) -> None:
    study.values["dice.residuals_history"], study.types["dice.residuals_history"] = 1.0, "float"
    study.answers = [Write(then=lambda: study.values.update({"dice.residuals_history": 2.0}))]
    set_a(context)
    assert entries(context)[0].effects == ()


@pytest.mark.parametrize(("tables", "kept"), [(50, 50), (51, 1)])
def test_only_tables_near_the_setting_are_saved_in_large_studies(
    study: FakeStudy, context: Context, tables: int, kept: int
) -> None:
    """Only the tables of the setting's own node are downloaded."""
    study.remove(TABLE)
    for number in range(tables - 1):
        study.tables[f"dice.Far.table{number}"] = CSV
        study.types[f"dice.Far.table{number}"] = "dataframe"
    set_a(context, METHOD, "grid")
    before = study.requests[: study.requests.index("update")]
    assert before.count("download") == kept


def test_tables_are_downloaded_only_for_structural_settings(study: FakeStudy, context: Context) -> None:
    set_a(context)
    assert "download" not in study.requests
    set_a(context, METHOD, "grid")
    assert study.requests.count("download") == 4  # both tables, before and after


def test_parameters_of_the_change_are_not_side_effects(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({A: OTHER})]
    with pytest.raises(NotVerified):
        set_a(context)
    assert entries(context)[0].effects == ()


def test_side_effects_of_an_unverified_change_are_recorded(study: FakeStudy, context: Context) -> None:
    study.answers = [Write({A: OTHER}, then=lambda: study.values.update({B: 7.0}))]
    with pytest.raises(NotVerified):
        set_a(context)
    assert [(effect.key, effect.old, effect.new) for effect in entries(context)[0].effects] == [(B, 2.0, 7.0)]
