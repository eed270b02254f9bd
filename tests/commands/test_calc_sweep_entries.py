"""Collect single entries of dicts, with the syntax of `param get`."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_SERVERS, SERVERS, slow

from server_stub.model import Parameter
from server_stub.worlds.by_hand import add_study

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

    from server_stub.model import Values
    from server_stub.values import Value

KEYS = ("A.y.cost", "A.y.by.year.mean", "A.y.a.b")
EXECUTE = "POST /api/v0/calculation/execute/40"


def compute(values: Values) -> dict[str, Value]:
    """Return a dict whose entry `late` is missing for large inputs."""
    x = float(values["A.x"])  # type: ignore[arg-type] # a number, as declared
    late = {"late": x} if x < 3 else {}
    return {
        "A.y": {"cost": 2 * x, "by": {"year": {"mean": x, "text": "none"}}, "a.b": 3 * x, **late},
        "A.z": x,
        "A.tables": {"a": [1.0, 2.0]},
    }


@pytest.fixture
def new(user: User) -> User:
    """Return a user with study 40 without a run."""
    return modeled(user)


@pytest.fixture(params=QUICK_SERVERS)
def ran(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server with study 40 after a run."""
    user = modeled(user_of(request.param))
    assert user.types("calc", "run", "40").code == 0
    user.world.requests.clear()
    return user


@pytest.fixture
def typed(new: User) -> User:
    """Return a user of a server that shows the types of outputs after a run."""
    assert new.types("calc", "run", "40").code == 0
    return new


def modeled(user: User) -> User:
    """Add study 40, whose output is a dict."""
    parameters = [
        Parameter("A.x", "float", 1.0),
        Parameter("A.y", "dict", None, io_type="out"),
        Parameter("A.z", "float", None, io_type="out"),
    ]
    add_study(user.world, 40, "mine", *parameters, compute=compute)
    return user


def sweep(user: User, *keys: str, words: tuple[str, ...] = (), cases: str = "A.x\n1.0\n2.0\n") -> Outcome:
    """Sweep study 40."""
    (user.folder / "cases.csv").write_text(cases)
    collected = [word for key in keys for word in ("--collect", key)]
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    return user.types("calc", "sweep", "40", *files, *collected, *words)


def rows(user: User) -> list[dict[str, str]]:
    """Return the results."""
    with (user.folder / "results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ran", SERVERS, indirect=True)
def test_entries_are_columns_of_the_results(ran: User) -> None:
    done = sweep(ran, *KEYS)
    assert done.code == 0, done.err
    assert [[row[key] for key in KEYS] for row in rows(ran)] == [["2.0", "1.0", "3.0"], ["4.0", "2.0", "6.0"]]


def test_entry_is_found_before_the_first_run_of_a_study(new: User) -> None:
    """Then only the server knows the name of its dict."""
    done = sweep(new, *KEYS)
    assert done.code == 0, done.err
    assert [[row[key] for key in KEYS] for row in rows(new)] == [["2.0", "1.0", "3.0"], ["4.0", "2.0", "6.0"]]


def test_entry_has_the_forms_of_a_key(typed: User) -> None:
    """Two forms of a key are one column."""
    done = sweep(typed, "y.cost", "mine.A.y.cost", words=("-F", "json", "--dry-run"))
    assert (done.code, json.loads(done.out)["collect"]) == (0, ["A.y.cost"])


def test_entry_and_its_dict_are_both_collected(typed: User) -> None:
    assert sweep(typed, "A.y.cost", "A.y").code == 0
    assert [json.loads(row["A.y"])["cost"] for row in rows(typed)] == [2.0, 4.0]


def test_entry_of_an_input_is_collected(user: User) -> None:
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "21", *files, "--collect", "Macro.shares.coal").code == 0
    assert rows(user)[0]["Macro.shares.coal"] == "0.4"


@pytest.mark.parametrize(
    ("key", "code", "suggestion"),
    [slow("A.y.costs", 5, "cost"), ("A.y.by.year.meen", 5, "mean"), slow("A.y.by.years", 5, "year")],
)
@pytest.mark.parametrize("ran", SERVERS, indirect=True)
def test_wrong_entry_is_found_before_the_first_run(ran: User, key: str, code: int, suggestion: str) -> None:
    """If the study has a value of the dict."""
    done = sweep(ran, key)
    assert (done.code, EXECUTE in ran.requests) == (code, False), done.err
    assert done.error is not None
    assert suggestion in str(done.error.detail)
    assert not list(ran.folder.glob("results*"))


def test_entry_of_a_number_is_rejected(ran: User) -> None:
    """Servers that do not show the types of outputs find the number, others no such parameter."""
    done = sweep(ran, "A.z.cost")
    assert (done.kind in {"not_found", "usage"}, EXECUTE in ran.requests) == (True, False)


def test_wrong_entry_is_found_after_the_first_case(new: User) -> None:
    """If the study has no value of the dict yet. The original values are restored."""
    done = sweep(new, "A.y.costs", cases="A.x\n2.0\n1.5\n")
    assert (done.code, new.requests.count(EXECUTE)) == (5, 1), done.err
    assert "cost" in done.err
    assert "case 1" in done.err
    new.world.clock.sleep(1.0)
    new.world.studies[40].settle()
    assert new.world.studies[40].values["A.x"] == 1.0


def test_entry_that_later_cases_lack_is_blank(new: User) -> None:
    done = sweep(new, "A.y.late", cases="A.x\n1.0\n5.0\n2.0\n")
    assert (done.code, [row["A.y.late"] for row in rows(new)]) == (0, ["1.0", "", "2.0"])
    assert "A.y.late" in done.err


def test_resumed_sweep_keeps_its_entries(new: User) -> None:
    """The entries of a complete sweep are known although its study has no result of its own values."""
    sweep(new, *KEYS)
    (new.folder / "results.csv").unlink()
    assert sweep(new, *KEYS, words=("--resume",)).code == 0
    assert [row["A.y.cost"] for row in rows(new)] == ["2.0", "4.0"]


# Searches -------------------------------------------------------------------------------------------


def optimize(user: User, *words: str) -> Outcome:
    """Search study 40."""
    (user.folder / "space.toml").write_text('"A.x" = {range = [1.0, 2.0]}\n')
    more = ("--trials", "1", "--seed", "1", "-o", str(user.folder / "best.toml"))
    return user.types("calc", "optimize", "40", str(user.folder / "space.toml"), *words, *more, "-F", "json")


def test_entry_is_minimized_within_a_constraint(ran: User) -> None:
    done = optimize(ran, "--minimize", "A.y.cost", "--constraint", "A.y.by.year.mean >= 1")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["objective"], found["constraints"][0]["key"]) == ("A.y.cost", "A.y.by.year.mean")
    assert found["value"] == pytest.approx(2 * found["parameters"][0]["best"])


@pytest.mark.parametrize(("key", "code"), [("A.y.by.year.text", 2), ("A.y.by", 2), ("A.y.costs", 5)])
def test_entry_that_is_not_a_number_is_not_searched(ran: User, key: str, code: int) -> None:
    assert (optimize(ran, "--minimize", key).code, EXECUTE in ran.requests) == (code, False)


# The library ----------------------------------------------------------------------------------------


def test_library_collects_entries(ran: User) -> None:
    study = ran.client().study(40)
    results = study.sweep(iter([{"A.x": 2.0}]), "A.y.cost", ran.folder / "results.csv")
    assert results["A.y.cost"].tolist() == [4.0]
