"""Test dry runs and repeated cases of sweeps in Python."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from conftest import SERVERS

from server_stub.worlds import dice
from server_stub.worlds.dice import DICE
from sostrades_cli import FileConflict, InvalidValue, NotFound, SweepPlan, UsageError
from sostrades_cli.library.sweeps import cases_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

    from server_stub.worlds.dice import Value, Values

CASES = pd.DataFrame({"Macro.gamma": [0.1, 0.2, 0.5]}, index=pd.Index(["low", "mid", "high"], name="case"))
DAMAGE = "Damage.total_damage"


@pytest.fixture(params=SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


@pytest.fixture
def new_file(tmp_path: Path) -> Callable[[], Path]:
    """Return a function that returns the path of a temporary file."""
    return lambda: tmp_path / "cases.csv"


def runs(user: User) -> int:
    """Return the number of started runs."""
    return sum("/execute/" in one for one in user.requests)


def changes(user: User) -> list[str]:
    """Return the requests that change a study."""
    return [one for one in user.requests if one.endswith("/parameters")]


def test_dry_run_has_the_facts_of_the_command(anyone: User) -> None:
    (anyone.folder / "cases.csv").write_text(CASES.to_csv())
    anyone.types("calc", "run", "21")
    anyone.world.requests.clear()
    words = ("--collect", DAMAGE, "-o", str(anyone.folder / "results.csv"), "--dry-run", "-F", "json")
    typed = json.loads(anyone.types("calc", "sweep", "21", str(anyone.folder / "cases.csv"), *words).out)
    plan = anyone.client().study(21).sweep(CASES, DAMAGE, anyone.folder / "results.csv", dry_run=True)
    assert isinstance(plan, SweepPlan)
    facts = {**asdict(plan), "runs": plan.runs, "done": plan.ended}
    assert {name: facts[name] for name in ("study", "cases", "repeated", "done", "runs", "measured")} == {
        name: typed[name] for name in ("study", "cases", "repeated", "done", "runs", "measured")
    }
    assert (list(plan.studies), list(plan.collect)) == (typed["studies"], typed["collect"])
    assert (plan.case_s, plan.expected_s) == (pytest.approx(typed["case_s"]), pytest.approx(typed["expected_s"]))
    assert (runs(anyone), changes(anyone), list(anyone.folder.glob("results*"))) == (0, [], [])


def test_dry_run_refuses_what_the_sweep_would_refuse(user: User) -> None:
    study, file = user.client().study(21), user.folder / "results.csv"
    with pytest.raises(NotFound):
        study.sweep(CASES, "total_damages", file, dry_run=True)
    with pytest.raises(UsageError):
        study.sweep(CASES, [], file, dry_run=True)
    file.write_text("precious")
    with pytest.raises(FileConflict):
        study.sweep(CASES, DAMAGE, file, dry_run=True)


def test_iterator_has_no_dry_run(user: User) -> None:
    """No case is taken from it."""
    cases = iter([{"Macro.gamma": 0.1}])
    with pytest.raises(UsageError):
        user.client().study(21).sweep(cases, DAMAGE, user.folder / "results.csv", dry_run=True)
    assert list(cases) == [{"Macro.gamma": 0.1}]


def test_failed_cases_run_again(user: User) -> None:
    """The others do not."""

    def overflow(values: Values) -> dict[str, Value]:
        if values["Macro.gamma"] == 0.2:
            raise OverflowError
        return dice.compute(values)

    held = user.world.studies[21]
    held.model = replace(DICE, compute=overflow)
    study, file = user.client().study(21), user.folder / "results.csv"
    assert study.sweep(CASES, DAMAGE, file)["status"].tolist() == ["FINISHED", "FAILED", "FINISHED"]
    held.model = DICE
    user.world.requests.clear()
    with pytest.raises(FileConflict):
        study.sweep(CASES, DAMAGE, file, retry_failed=True)
    assert study.sweep(CASES, DAMAGE, file, retry_failed=True, overwrite=True, dry_run=True).runs == 1
    result = study.sweep(CASES, DAMAGE, file, retry_failed=True, overwrite=True)
    assert (set(result["status"]), runs(user)) == ({"FINISHED"}, 1)
    assert "FAILED" not in file.read_text()


def test_failed_cases_of_an_iterator_do_not_run_again(user: User) -> None:
    with pytest.raises(UsageError):
        user.client().study(21).sweep(iter([]), DAMAGE, user.folder / "results.csv", retry_failed=True)


GAMMA = pd.DataFrame({"Macro.gamma": [0.1, 0.2, 0.5]})


@pytest.mark.parametrize(
    ("cases", "names"),
    [
        (GAMMA, ["1", "2", "3"]),
        (GAMMA.set_index(pd.Index([0, 1, 2])), ["1", "2", "3"]),
        (GAMMA.set_index(pd.Index(["lo", "mid", "hi"])), ["lo", "mid", "hi"]),
        (GAMMA.iloc[[2, 0]], ["2", "0"]),
        (GAMMA.iloc[1:], ["1", "2"]),
        (GAMMA.set_index(pd.Index([0.5, 1.5, -2.0])), ["0.5", "1.5", "-2.0"]),
        (GAMMA.set_index(pd.Index(["a", 1, 2.5], dtype=object)), ["a", "1", "2.5"]),
        (GAMMA.assign(case=["a", "b", "c"]).iloc[[2, 0]], ["c", "a"]),
        (GAMMA.assign(scenario_name=["a", "b", "c"]).set_index(pd.Index([7, 7, 7])), ["a", "b", "c"]),
        (GAMMA.assign(case=["a", "b", "c"]).set_index("case"), ["a", "b", "c"]),
        (GAMMA.set_index("Macro.gamma").assign(**{"Macro.periods": 5}), ["1", "2", "3"]),
    ],
)
def test_index_names_the_cases_unless_it_counts_rows(
    cases: pd.DataFrame, names: list[str], new_file: Callable[[], Path]
) -> None:
    written = pd.read_csv(cases_file(cases, new_file), dtype=str)
    assert written["case" if "case" in written else "scenario_name"].tolist() == names


@pytest.mark.parametrize(
    "index",
    [
        pd.Index([0, 1, 0]),
        pd.Index(["a", "b", " a"]),
        pd.Index(["1", 1, 2], dtype=object),
        pd.Index(["a", None, "c"], dtype=object),
        pd.Index([1.0, np.nan, 2.0]),
        pd.Index(["a", "", "c"]),
        pd.Index(["a", True, "c"], dtype=object),
        pd.date_range("2026-01-01", periods=3),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["case", "year"]),
        pd.Index([1, 2, 3], name="Macro.gamma"),
    ],
)
def test_index_that_cannot_name_the_cases_is_rejected(index: pd.Index, new_file: Callable[[], Path]) -> None:
    """The last one would be a second column of the same name."""
    with pytest.raises(InvalidValue) as caught:
        cases_file(GAMMA.set_index(index), new_file)
    assert caught.value.hint


@pytest.mark.parametrize("columns", [["Macro.gamma", "Macro.gamma"], [1, "1"]])
def test_duplicate_columns_are_rejected(columns: list[object], new_file: Callable[[], Path]) -> None:
    """The last one would win."""
    with pytest.raises(InvalidValue) as caught:
        cases_file(pd.DataFrame([[0.1, 0.9]], columns=columns), new_file)
    assert str(columns[0]) in caught.value.message


def test_series_is_not_a_table_of_cases(user: User) -> None:
    with pytest.raises(UsageError):
        user.client().study(21).sweep(GAMMA["Macro.gamma"], DAMAGE, user.folder / "results.csv")
    assert user.requests == []
