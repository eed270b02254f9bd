"""Test the comparison of two loads, and the tables that a change may remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_study import STUDY, FakeStudy

from sostrades_cli.api.models import Parameter
from sostrades_cli.errors import Unreachable
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.plan import Plan, make_plan
from sostrades_cli.operations.param.side_effects import SideEffects, effects_of, side_effects, tables_at_risk

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A, B, METHOD, MODEL = "dice.a", "dice.b", "dice.sampling_method", "dice.model"
NEAR, FAR, EMPTY = "dice.near", "dice.Far.far", "dice.empty"
CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0, METHOD: "simple", MODEL: "old"}, {NEAR: CSV, FAR: CSV, EMPTY: None})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def plan_of(context: Context, **values: Any) -> Plan:
    assignments = [Assignment(f"dice.{name}", value=value) for name, value in values.items()]
    return make_plan(context, STUDY, assignments, force=False)


def load(values: dict[str, Any]) -> dict[str, Parameter]:
    return {name: Parameter(name, "float", None, name.rpartition(".")[2], value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("before", "after", "appeared", "lost", "changed"),
    [
        ({"a": 1.0}, {"a": 1.0}, [], [], []),
        ({"a": 1.0}, {"a": 2.0}, [], [], ["a"]),
        ({"a": 1.0}, {"a": 1}, [], [], ["a"]),
        ({"a": 1}, {"a": True}, [], [], ["a"]),
        ({"a": float("nan")}, {"a": float("nan")}, [], [], []),
        ({"a": 1.0}, {}, [], ["a"], []),
        ({}, {"a": 1.0}, ["a"], [], []),
        ({"a": 1.0, "b": 1.0}, {"b": 2.0, "c": 1.0}, ["c"], ["a"], ["b"]),
        ({"sent": 1.0}, {"sent": 2.0}, [], [], []),
        ({"sent": 1.0}, {}, [], [], []),
        ({"x.residuals_history": 1.0}, {"x.residuals_history": 2.0}, [], [], []),
        ({"x.residuals_history": 1.0}, {}, [], [], []),
    ],
)
def test_two_loads(
    before: dict[str, Any], after: dict[str, Any], appeared: list[str], lost: list[str], changed: list[str]
) -> None:
    """Neither a parameter of the change nor the residuals of a run are side effects."""
    effects = side_effects(load(before), load(after), {"sent"})
    assert [parameter.name for parameter in effects.appeared] == appeared
    assert [(parameter.name, parameter.value) for parameter in effects.lost] == [(name, before[name]) for name in lost]
    assert [(old.value, new.value) for old, new in effects.changed] == [(before[name], after[name]) for name in changed]


@pytest.mark.parametrize(
    ("setting", "structuring", "is_deciding"),
    [("a", None, False), ("a", False, False), ("a", True, True), ("sampling_method", None, True)],
)
def test_only_a_deciding_setting_puts_tables_at_risk(
    study: FakeStudy, context: Context, setting: str, structuring: bool | None, is_deciding: bool
) -> None:
    """A driver's settings are known by name, others by read-only mode. A table without a value cannot be lost."""
    key = f"dice.{setting}"
    cached = CachedParameter("float", "-", "in", coupling=False, structuring=structuring)
    context.cache.store(STUDY, {key: cached})
    plan = plan_of(context, **{setting: "grid" if setting == "sampling_method" else 5.0})
    study.requests.clear()
    saved = tables_at_risk(context, plan)
    assert set(saved) == ({NEAR, FAR} if is_deciding else set())
    assert study.requests.count("download") == len(saved)


def test_table_of_the_change_is_not_saved_twice(study: FakeStudy, context: Context, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(NEW_CSV)
    assignments = [Assignment(METHOD, value="grid"), Assignment(NEAR, file=file)]
    assert set(tables_at_risk(context, make_plan(context, STUDY, assignments, force=False))) == {FAR}


def test_file_can_be_a_deciding_setting(study: FakeStudy, context: Context, tmp_path: Path) -> None:
    study.tables["dice.eval_inputs"], study.types["dice.eval_inputs"] = CSV, "dataframe"
    file = tmp_path / "new.csv"
    file.write_bytes(NEW_CSV)
    plan = make_plan(context, STUDY, [Assignment("dice.eval_inputs", file=file)], force=False)
    assert set(tables_at_risk(context, plan)) == {NEAR, FAR}


@pytest.mark.parametrize(
    ("now", "changed"), [(CSV, []), (NEW_CSV, [NEAR]), (None, [NEAR]), (b"years,people\n2020,1.50\n", [NEAR])]
)
def test_saved_table_is_compared_by_its_content(
    study: FakeStudy, context: Context, now: bytes | None, changed: list[str]
) -> None:
    plan = plan_of(context, sampling_method="grid")
    saved = tables_at_risk(context, plan)
    study.tables[NEAR] = now
    effects = effects_of(context, plan, saved, None)
    assert [old.name for old, _ in effects.changed] == changed


def test_lost_table_is_not_downloaded_again(study: FakeStudy, context: Context) -> None:
    plan = plan_of(context, sampling_method="grid")
    saved = tables_at_risk(context, plan)
    study.remove(NEAR)
    effects = effects_of(context, plan, saved, None)
    assert ([one.name for one in effects.lost], effects.changed) == ([NEAR], ())


def test_value_and_table_change_together(study: FakeStudy, context: Context) -> None:
    plan = plan_of(context, sampling_method="grid")
    saved = tables_at_risk(context, plan)
    study.values[B], study.tables[FAR] = 7.0, NEW_CSV
    effects = effects_of(context, plan, saved, None)
    assert [old.name for old, _ in effects.changed] == [B, FAR]


def test_failed_look_is_a_note(study: FakeStudy, context: Context) -> None:
    """The change itself is verified."""
    plan = plan_of(context, a=5.0)
    study.values[B] = 7.0
    study.fail_reads(Unreachable("no connection"))
    assert effects_of(context, plan, {}, None) == SideEffects()
    assert len(study.notes) == 1


def test_server_that_cannot_load_shows_no_side_effects(study: FakeStudy, context: Context) -> None:
    study.loads = False
    plan = plan_of(context, sampling_method="grid")
    study.requests.clear()
    assert tables_at_risk(context, plan) == {}
    assert effects_of(context, plan, {}, None) == SideEffects()
    assert study.requests == []
