"""Test the verification of a change, for values of every type and for tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import STUDY, FakeStudy

from sostrades_cli.errors import NotVerified
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.param.verify import Finding, ReadBack, ValueState, read_back_files, read_back_values
from sostrades_cli.operations.study.load import read_only_parameters

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context

SENT, OLD, OTHER, MISSING = ValueState.SENT, ValueState.OLD, ValueState.OTHER, ValueState.MISSING
NAME = "dice.Macro.a"
CSV, NEW_CSV = b"years,people\n2020,1.5\n2021,1.6\n", b"years,people\n2020,2.5\n2021,2.6\n"


def of_value(folder: Path, old: Any, sent: Any, now: Any, *, loads: bool = True) -> Finding:
    """Plan to set a value, store another one, and read that back."""
    study = FakeStudy({NAME: old, "dice.Macro.b": 1.0})
    study.loads = loads
    context = study.context(folder)
    plan = make_plan(context, STUDY, [Assignment(NAME, value=sent)], force=False)
    study.values[NAME] = now
    return read_back_values(context, STUDY, plan.sent_values).findings[NAME]


@pytest.mark.parametrize(
    ("old", "sent", "now", "state"),
    [
        (1.0, 2.0, 2.0, SENT),
        (1.0, 2.0, 2, SENT),
        (1.0, 2.0, 1.0, OLD),
        (1.0, 2.0, 3.0, OTHER),
        (1.0, 2.0, "2.0", OTHER),
        (1.0, 2.0, True, OTHER),
        (1.0, 2.0, None, OTHER),
        (1, 2, 2, SENT),
        (1, 2, 2.0, OTHER),
        ("x", "1", "1", SENT),
        ("x", "1", 1, OTHER),
        ("x", "1", "x", OLD),
        ([1.0], [1.0, 2.0], [1.0, 2.0], SENT),
        ([1.0], [1.0, 2.0], [1, 2], SENT),
        ([1.0], [1.0, 2.0], [2.0, 1.0], OTHER),
        ([1.0], [1.0, 2.0], [1.0], OLD),
        ([1.0], [1], [1.0], OLD),
        ({"k": 1.0}, {"k": 2.0}, {"k": 2.0}, SENT),
        ({"k": 1.0}, {"k": 2.0}, {"k": 2.0, "more": 1.0}, SENT),
        ({"k": 1.0}, {"k": 2.0}, {"more": 1.0}, OTHER),
        ({"k": 1.0}, {"k": 2.0}, {"k": 1.0}, OLD),
    ],
)
def test_value_is_compared_with_the_old_and_the_sent_one(
    tmp_path: Path, old: Any, sent: Any, now: Any, state: ValueState
) -> None:
    assert of_value(tmp_path, old, sent, now).state is state


@pytest.mark.parametrize(("now", "state"), [(2.0, SENT), (1.0, OLD), (3.0, OTHER), (None, OTHER)])
def test_value_is_verified_by_its_download_without_a_load(tmp_path: Path, now: Any, state: ValueState) -> None:
    """Used if the server cannot load."""
    assert of_value(tmp_path, 1.0, 2.0, now, loads=False).state is state


@pytest.mark.parametrize(
    ("old", "sent", "now", "state"),
    [
        (1.0, None, None, SENT),
        (1.0, None, 1.0, OLD),
        (None, 2.0, None, OLD),
        (1.0, 2.0, None, OTHER),
        (1.0, DEFAULT, None, SENT),
        (None, DEFAULT, None, OLD),
    ],
)
def test_missing_value_is_verified_without_a_load(
    tmp_path: Path, old: Any, sent: Any, now: Any, state: ValueState
) -> None:
    """An undo may restore that there was no value."""
    study = FakeStudy({NAME: 1.0, "dice.Macro.b": 1.0})
    study.loads, study.values[NAME] = False, old
    context = study.context(tmp_path)
    plan = make_plan(context, STUDY, [Assignment(NAME, value=sent, exact=sent is not DEFAULT)], force=False)
    study.values[NAME] = now
    batch = read_back_values(context, STUDY, plan.sent_values)
    assert batch.findings[NAME].state is state
    assert batch.defaults == ({NAME: None} if sent is DEFAULT else {})


def test_same_download_as_before_is_the_old_value(tmp_path: Path) -> None:
    """The journal has the old value exactly, but a download may round it."""
    study = FakeStudy({NAME: 1.0, "dice.Macro.b": 1.0})
    study.loads = False
    context = study.context(tmp_path)
    [change] = make_plan(context, STUDY, [Assignment(NAME, value=2.0)], force=False).sent_values
    exact = replace(change, old=1.00000000001)
    assert read_back_values(context, STUDY, [exact]).findings[NAME].state is OLD


def test_value_that_the_server_cannot_write_is_in_doubt(tmp_path: Path) -> None:
    study = FakeStudy({NAME: 1.0, "dice.Macro.b": 1.0})
    study.loads = False
    context = study.context(tmp_path)
    plan = make_plan(context, STUDY, [Assignment(NAME, value=2.0)], force=False)
    study.hidden = {NAME}
    with pytest.raises(NotVerified) as raised:
        read_back_values(context, STUDY, plan.sent_values)
    assert raised.value.in_doubt


def test_parameter_that_no_load_shows_is_downloaded(tmp_path: Path) -> None:
    """Read-only mode may have more inputs than a load."""
    study = FakeStudy({NAME: 1.0, "dice.Macro.b": 1.0})
    study.unloaded, study.finished = {NAME}, True
    context = study.context(tmp_path)
    read_only_parameters(context, STUDY)
    both = [Assignment(NAME, value=2.0), Assignment("dice.Macro.b", value=2.0)]
    plan = make_plan(context, STUDY, both, force=False)
    study.values |= {NAME: 2.0, "dice.Macro.b": 2.0}
    assert read_back_values(context, STUDY, plan.sent_values).complete


def test_completed_dict_counts_as_sent_with_additions(tmp_path: Path) -> None:
    result = of_value(tmp_path, {"k": 1.0}, {"k": 2.0}, {"k": 2.0, "more": 1.5})
    assert (result.state, result.added, result.alike) == (SENT, "more=1.5", False)


def test_previously_completed_dict_looks_like_the_old_one(tmp_path: Path) -> None:
    """The old value may contain everything that was sent, so it does not prove the change."""
    result = of_value(tmp_path, {"k": 1.0, "more": 1.5}, {"k": 1.0}, {"k": 1.0, "more": 1.5})
    assert (result.state, result.alike) == (SENT, True)


def test_old_dict_is_not_a_completed_empty_one(tmp_path: Path) -> None:
    assert of_value(tmp_path, {"k": 1.0}, {}, {"k": 1.0}).state is OLD
    assert of_value(tmp_path, {"k": 1.0}, {}, {"default": 1.0}).state is SENT


@pytest.mark.parametrize(
    ("sent", "now", "processed"),
    [([1.0, 2.0], [1.0, 3.0], True), ({"k": 2.0}, {"k": 3.0}, True), (2.0, 3.0, False), ([1.0], "text", False)],
)
def test_only_parts_of_containers_may_be_processed(tmp_path: Path, sent: Any, now: Any, processed: bool) -> None:
    assert of_value(tmp_path, type(sent)(), sent, now).processed is processed


def test_difference_names_the_first_part_that_differs(tmp_path: Path) -> None:
    difference = of_value(tmp_path, {"k": [0.0]}, {"k": [1.0, 2.0]}, {"k": [1.0, 9.0]}).difference
    assert [part for part in ("2.0", "k[1]", "9.0", "1.0") if part in difference] == ["2.0", "k[1]", "9.0"]


@pytest.mark.parametrize("loads", [True, False])
def test_removed_parameter_is_missing(tmp_path: Path, loads: bool) -> None:
    study = FakeStudy({NAME: 1.0, "dice.Macro.b": 1.0})
    study.loads = loads
    context = study.context(tmp_path)
    plan = make_plan(context, STUDY, [Assignment(NAME, value=2.0)], force=False)
    study.remove(NAME)
    assert read_back_values(context, STUDY, plan.sent_values).findings[NAME].state is MISSING


# Tables ---------------------------------------------------------------------------------------------


def table_plan(context: Context, folder: Path, content: bytes = NEW_CSV) -> Any:
    file = folder / "new.csv"
    file.write_bytes(content)
    return make_plan(context, STUDY, [Assignment(NAME, file=file)], force=False)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NEW_CSV, SENT),
        (b"years,people,area\n2020,2.5,1.0\n2021,2.6,1.0\n", SENT),
        (CSV, OLD),
        (b"years,people\n2020,2.5\n", OTHER),
        (b"years,people\n2021,2.6\n2020,2.5\n", OTHER),
        (b"years,people\n2020,2.5\n2021,9.0\n", OTHER),
        (None, OTHER),
    ],
)
def test_table_is_compared_with_the_old_and_the_sent_one(tmp_path: Path, now: bytes | None, state: ValueState) -> None:
    study = FakeStudy({"dice.Macro.b": 1.0}, {NAME: CSV})
    context = study.context(tmp_path)
    plan = table_plan(context, tmp_path)
    study.tables[NAME] = now
    result = read_back_files(context, STUDY, plan.sent_files).findings[NAME]
    assert (result.state, result.sha256 is not None) == (state, state is SENT)


def test_table_processed_by_the_server_differs_from_another_one(tmp_path: Path) -> None:
    """Fewer rows or other numbers are the server's processing."""
    study = FakeStudy({"dice.Macro.b": 1.0}, {NAME: CSV})
    context = study.context(tmp_path)
    plan = table_plan(context, tmp_path)
    study.tables[NAME] = b"years,people\n2020,2.5\n"
    assert read_back_files(context, STUDY, plan.sent_files).findings[NAME].processed
    study.tables[NAME] = b"years,people\n2020,2.5\n2021,9.0\n"
    assert not read_back_files(context, STUDY, plan.sent_files).findings[NAME].processed


def test_removed_table_is_missing(tmp_path: Path) -> None:
    study = FakeStudy({"dice.Macro.b": 1.0}, {NAME: CSV})
    context = study.context(tmp_path)
    plan = table_plan(context, tmp_path)
    study.remove(NAME)
    assert read_back_files(context, STUDY, plan.sent_files).findings[NAME].state is MISSING


@pytest.mark.parametrize(("now", "state"), [(CSV, OLD), (NEW_CSV, SENT), (None, SENT)])
def test_reset_table_may_have_any_content_but_the_old_one(tmp_path: Path, now: bytes | None, state: ValueState) -> None:
    """Any content but the old one may be the default."""
    study = FakeStudy({"dice.Macro.b": 1.0}, {NAME: CSV})
    context = study.context(tmp_path)
    plan = make_plan(context, STUDY, [Assignment(NAME, value=DEFAULT)], force=False)
    study.tables[NAME] = now
    assert read_back_values(context, STUDY, plan.sent_values).findings[NAME].state is state


# A batch --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "unknown_defaults", "failed", "undecided", "lost"),
    [
        ((SENT, OLD, OTHER, MISSING), (), "bcd", "", "cd"),
        ((SENT, OLD, OTHER, MISSING), "abcd", "cd", "b", "cd"),
        ((SENT, SENT, SENT, SENT), (), "", "", ""),
        ((OLD, OLD, OLD, OLD), (), "abcd", "", ""),
        ((OLD, OLD, OLD, OLD), "ab", "cd", "ab", ""),
    ],
)
def test_batch_lists_its_failed_undecided_and_lost_parameters(
    states: tuple[ValueState, ...], unknown_defaults: str, failed: str, undecided: str, lost: str
) -> None:
    batch = ReadBack(dict(zip("abcd", map(Finding, states), strict=True)), unknown_defaults)
    assert (batch.failed, batch.undecided, batch.lost) == (list(failed), list(undecided), list(lost))


def test_value_that_the_server_may_have_processed_is_explained() -> None:
    batch = ReadBack({"a": Finding(OTHER, processed=True), "b": Finding(OTHER), "c": Finding(MISSING)})
    assert batch.unexplained == ["b"]


@pytest.mark.parametrize(
    ("findings", "changed", "dropped", "complete"),
    [
        ([Finding(OLD), Finding(OLD)], False, True, False),
        ([Finding(OLD), Finding(SENT)], True, False, False),
        ([Finding(OLD), Finding(OTHER)], True, False, False),
        ([Finding(OLD), Finding(MISSING)], True, False, False),
        ([Finding(OLD), Finding(SENT, alike=True)], False, False, False),
        ([Finding(SENT), Finding(SENT)], True, False, True),
        ([Finding(SENT, alike=True)], False, False, True),
    ],
)
def test_state_of_a_batch_follows_from_all_its_findings(
    findings: list[Finding], changed: bool, dropped: bool, complete: bool
) -> None:
    batch = ReadBack(dict(zip("ab", findings, strict=False)))
    assert (batch.changed, batch.dropped, batch.complete) == (changed, dropped, complete)
