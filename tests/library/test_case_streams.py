"""Sweeps of iterators: each case is taken only when a study is free to run it."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from server_stub.model import Model, Parameter
from server_stub.world import Right
from sostrades_cli import CaseOutcome, Interrupted
from sostrades_cli.errors import InvalidValue, NotFound, RunFailed, SostradesError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import User

    from server_stub.model import Value, Values
    from sostrades_cli import Study

DAMAGE = "Damage.total_damage"
EXECUTE = "POST /api/v0/calculation/execute/21"


def double(values: Values) -> dict[str, Value]:
    """Return the output of the model."""
    return {"A.y": float(values["A.x"]) * 2}  # type: ignore[arg-type]


@pytest.fixture
def copies(user: User) -> tuple[Study, Study]:
    """Return two equal studies that double a number."""
    parameters = (Parameter("A.x", "float", 1.5), Parameter("A.y", "float", io_type="out"))
    model = Model("double", ("", "A"), parameters, double)
    for number in (30, 31):
        user.world.add_study(number, "double", model, {user.world.users["owner@email.com"]: Right.OWNER})
    client = user.client()
    return client.study(30), client.study(31)


def test_case_may_depend_on_the_outcomes_before_it(anyone: User) -> None:
    """This bisection asks for a value only after the answer to the one before."""
    study, outcomes = anyone.client().study(21), list[CaseOutcome]()

    def bisection() -> Iterator[dict[str, Any]]:
        low, high = 0.1, 0.9
        for count in itertools.count():
            middle = (low + high) / 2
            yield {"case": f"step {count}", "Macro.gamma": middle}
            assert [outcome.case for outcome in outcomes] == [f"step {number}" for number in range(count + 1)]
            value = outcomes[-1].outputs[DAMAGE]
            if abs(value - 5.0) < 0.1:
                return
            low, high = (middle, high) if value < 5.0 else (low, middle)

    result = study.sweep(bisection(), "total_damage", anyone.folder / "steps.csv", on_case=outcomes.append)
    assert result.index.tolist() == [outcome.case for outcome in outcomes]
    assert abs(result[DAMAGE].iloc[-1] - 5.0) < 0.1
    assert len(result) > 2
    assert study.get("Macro.gamma") == 0.3
    written = pd.read_csv(anyone.folder / "steps.csv", index_col="case", dtype=str)
    assert written[DAMAGE].map(float).tolist() == result[DAMAGE].tolist()


def test_nothing_is_read_ahead(user: User, copies: tuple[Study, Study]) -> None:
    study, other = copies
    taken, running = 0, set[str]()

    def cases() -> Iterator[dict[str, float]]:
        nonlocal taken
        while taken < 7:
            # One of the two studies is free.
            assert len(running) < 2
            taken += 1
            running.add(str(taken))
            yield {"A.x": float(taken)}

    result = study.sweep(
        cases(), "A.y", user.folder / "r.csv", studies=[study, other], on_case=lambda case: running.remove(case.case)
    )
    assert result["A.y"].tolist() == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
    assert {line for line in user.requests if "execute" in line} == {
        f"POST /api/v0/calculation/execute/{number}" for number in (30, 31)
    }
    assert [copy.get("A.x") for copy in copies] == [1.5, 1.5]


def test_endless_iterator_ends_with_an_interrupt(user: User, copies: tuple[Study, Study]) -> None:
    study, done = copies[0], list[CaseOutcome]()

    def count(case: CaseOutcome) -> None:
        done.append(case)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        study.sweep(({"A.x": float(x)} for x in itertools.count()), "A.y", user.folder / "r.csv", on_case=count)
    assert caught.value.result["A.y"].tolist() == [0.0, 2.0, 4.0]
    assert "resume" not in str(caught.value.hint)
    assert study.get("A.x") == 1.5


def test_exception_of_the_iterator_restores_the_values(user: User, copies: tuple[Study, Study]) -> None:
    def cases() -> Iterator[dict[str, float]]:
        yield {"A.x": 2.0}
        raise ZeroDivisionError

    for number, studies in enumerate(([], list(copies))):
        with pytest.raises(ZeroDivisionError):
            copies[0].sweep(cases(), "A.y", user.folder / f"{number}.csv", studies=studies)
        assert [study.get("A.x") for study in copies] == [1.5, 1.5]


def test_values_are_those_of_set(user: User) -> None:
    study = user.client().study(21)
    population = study.get("Macro.population").assign(population=8000.5)
    cases: list[dict[str, Any]] = [
        {"population": population, "targets": [1.0], "weights": np.array([1.5, 2.5]), "gamma": np.float64(0.2)},
        {"Macro.gamma": 0.4},
        {"gamma": None, "targets": [2.0, 3.0], "weights": [0.5, 0.5]},
    ]
    result = study.sweep(iter(cases), [DAMAGE], user.folder / "r.json")
    assert list(result.columns[:4]) == ["population", "targets", "weights", "gamma"]
    assert result["gamma"].tolist() == [0.2, 0.4, 0.3]
    assert result["targets"].tolist() == [[1.0], [1.0, 2.5, 4.0], [2.0, 3.0]]
    assert result["population"].tolist() == ["the DataFrame", "unchanged", "unchanged"]
    assert len(json.loads((user.folder / "r.json").read_text())) == 3
    assert not study.get("Macro.population").equals(population)


def test_cases_may_set_any_of_the_named_inputs(user: User) -> None:
    study = user.client().study(21)
    cases = [{"gamma": 0.2}, {"periods": 5}, {"Macro.gamma": 0.4, "Macro.periods": 7}]
    result = study.sweep(iter(cases), DAMAGE, user.folder / "r.csv", inputs=["gamma", "periods"])
    assert result[["gamma", "periods"]].to_numpy().tolist() == [[0.2, 11], [0.3, 5], [0.4, 7]]
    with pytest.raises(InvalidValue) as caught:
        study.sweep(iter(cases), DAMAGE, user.folder / "other.csv")
    assert "periods" in caught.value.message
    assert "inputs" in str(caught.value.hint)
    assert caught.value.result["gamma"].tolist() == [0.2]
    assert study.get(["gamma", "periods"]) == {"gamma": 0.3, "periods": 11}


def test_failed_case_is_a_row_and_an_outcome(user: User) -> None:
    study, done = user.client().study(21), list[CaseOutcome]()
    cases = [{"gamma": 1e300}, {"gamma": 0.4}]
    result = study.sweep(iter(cases), DAMAGE, user.folder / "r.csv", on_case=done.append)
    assert result["status"].tolist() == ["FAILED", "FINISHED"]
    assert [(case.study, case.status) for case in done] == [(21, "FAILED"), (21, "FINISHED")]
    assert "OverflowError" in str(done[0].cause)
    assert done[0].outputs == {}
    assert done[1].elapsed_s
    with pytest.raises(RunFailed):
        study.sweep(iter(cases), DAMAGE, user.folder / "fast.csv", fail_fast=True)


def test_invalid_value_stops_the_sweep(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(InvalidValue) as caught:
        study.sweep(iter([{"gamma": 0.4}, {"case": "bad", "gamma": "much"}]), DAMAGE, user.folder / "r.csv")
    assert "bad" in str(caught.value.detail)
    assert caught.value.result["status"].tolist() == ["FINISHED"]
    assert study.get("gamma") == 0.3
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize(
    ("cases", "options", "error"),
    [
        ([], {}, UsageError),
        ([{}], {}, UsageError),
        ([{"gamma": 0.4}], {"inputs": []}, UsageError),
        ([{"gamma": 0.4, "Macro.gamma": 0.5}], {}, UsageError),
        ([{"no.such.key": 0.4}], {}, NotFound),
        ([{DAMAGE: 0.4}], {}, UsageError),
        ([0.4], {}, UsageError),
        ({"gamma": [0.4]}, {}, UsageError),
        (0.4, {}, UsageError),
        ([{"gamma": 0.4}], {"resume": True}, UsageError),
        ([{"case": "a", "gamma": 0.4}, {"case": "a", "gamma": 0.5}], {}, InvalidValue),
    ],
)
def test_invalid_iterator_is_an_error(user: User, cases: Any, options: Any, error: type[SostradesError]) -> None:
    study = user.client().study(21)
    with pytest.raises(error) as caught:
        study.sweep(cases, DAMAGE, user.folder / "r.csv", **options)
    assert caught.value.hint
    assert study.get("gamma") == 0.3
    assert user.requests.count(EXECUTE) == (error is InvalidValue)


def test_sweep_of_an_iterator_is_not_resumed_with_a_table(user: User, tmp_path: Path) -> None:
    study = user.client().study(21)
    with pytest.raises(ZeroDivisionError):
        study.sweep(({"gamma": 1 / (2 - x)} for x in range(3)), DAMAGE, tmp_path / "r.csv")
    with pytest.raises(UsageError):
        study.sweep(pd.DataFrame({"gamma": [0.5]}), DAMAGE, tmp_path / "r.csv", resume=True)
    study.sweep(iter([{"gamma": 0.5}]), DAMAGE, tmp_path / "r.csv", overwrite=True)
