"""`sostrades calc optimize`: Optuna searches a space, and the study has its original values at the end."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow

from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE, compute

if TYPE_CHECKING:
    from conftest import Outcome, User

    from server_stub.model import Values
    from server_stub.values import Value

EXECUTE = "/api/v0/calculation/execute/"
SENT = "POST /api/v0/study-case/21/parameters"
SPACE = '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.periods" = {range = [2, 5]}\n"Macro.use_damage" = {}\n'
GAMMA = '"Macro.gamma" = {range = [0.1, 0.5]}\n'
DAMAGE = "Damage.total_damage"
OWN = (0.3, 11, True)
# A growth that no double holds: the run fails, though the type is right.
SOME_FAIL = '"Macro.gamma" = {choices = [0.2, 1e300]}\n'
ALL_FAIL = '"Macro.gamma" = {choices = [1e299, 1e300]}\n'


def optimize(user: User, *words: str, space: str = SPACE, trials: int = 4) -> Outcome:
    """Search a space of study 21."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    goal = () if {"--minimize", "--maximize"} & set(words) else ("--minimize", DAMAGE)
    seed = () if "--seed" in words else ("--seed", "1")
    more = ("--trials", str(trials), "-o", str(user.folder / "best.toml"), *seed)
    return user.types("calc", "optimize", "21", str(user.folder / "space.toml"), *goal, *more, *words)


def rows(user: User) -> list[dict[str, str]]:
    """Return the table of trials."""
    with (user.folder / "best.d" / "trials.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def damages(user: User) -> list[float]:
    """Return the objective of each trial that has one."""
    return [float(row[DAMAGE]) for row in rows(user) if row["status"] == "FINISHED"]


def stored(user: User, study: int = 21) -> tuple[Any, ...]:
    """Return the values of the space on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[study]
    result.settle()
    return tuple(result.values[f"Macro.{name}"] for name in ("gamma", "periods", "use_damage"))


def journaled(user: User, study: int = 21) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    return [(entry["command"], entry["outcome"]) for entry in user.prints("param", "history", str(study))]


def runs(user: User) -> int:
    """Return the number of started runs."""
    return sum(EXECUTE in request for request in user.requests)


# The best trial -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "best"), [("minimize", min), slow("maximize", max)])
def test_best_trial_has_the_best_value(user: User, direction: str, best: Any) -> None:
    """The study has its original values at the end."""
    done = optimize(user, f"--{direction}", "total_damage", "-F", "json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert (result["value"], result["objective"], result["direction"]) == (best(damages(user)), DAMAGE, direction)
    assert (result["trials"], result["failed"], result["seed"], result["kept"]) == (4, 0, 1, False)
    [row] = [row for row in rows(user) if row["trial"] == str(result["trial"])]
    assert [(parameter["key"], parameter["old"]) for parameter in result["parameters"]] == [
        ("Macro.gamma", 0.3),
        ("Macro.periods", 11),
        ("Macro.use_damage", True),
    ]
    assert [json.dumps(parameter["best"]) for parameter in result["parameters"]] == list(row.values())[1:4]
    assert (stored(user), journaled(user)) == (OWN, [("optimize", "restored")])


def test_best_values_can_be_set(user: User) -> None:
    """A run with them gives exactly the value of the trial."""
    best = json.loads(optimize(user, "-F", "json", trials=1).out)
    assert user.types("param", "set", "21", "--from", str(user.folder / "best.toml"), "--yes").code == 0
    assert stored(user) == tuple(parameter["best"] for parameter in best["parameters"])
    assert user.types("calc", "run", "21").code == 0
    assert float(user.types("param", "get", "21", DAMAGE).out) == best["value"]


CHOICES = [
    ("note", '["@home", "100%", "a \\"b\\""]'),
    ("targets", "[[1.5, 2.0], []]"),
    ("shares", "[{sun = 1.0}, {wind = 0.25, coal = 0.75}]"),
    ("use_damage", "[false]"),
    ("gamma", "[1, 1e-7]"),
    ("population", '["@small.csv", "@large.csv"]'),
    ("weights", "[[1.0, 2.5], [3.25]]"),
    ("weights", '["@weights.csv"]'),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "choices"), CHOICES)
def test_best_choice_of_every_type_can_be_set(user: User, name: str, choices: str) -> None:
    """It is set exactly as in the trial."""
    for file, people in (("small.csv", "80.0"), ("large.csv", "90.0")):
        (user.folder / file).write_text(f"years,population\n2020,{people}\n")
    (user.folder / "weights.csv").write_text("value\n7.5\n")
    space = f'"Macro.{name}" = {{choices = {choices}}}\n'
    assert optimize(user, "--keep-best", space=space, trials=2).code == 0
    kept = user.world.studies[21].values[f"Macro.{name}"]
    assert user.types("param", "undo", "21", "--yes").code == 0
    done = user.types("param", "set", "21", "--from", str(user.folder / "best.toml"), "--yes")
    assert done.code == 0, done.err
    user.world.studies[21].settle()
    again = user.world.studies[21].values[f"Macro.{name}"]
    assert (again, type(again)) == (kept, type(kept))


@pytest.mark.slow
def test_pipe_gets_a_line_per_trial_with_the_best_value_so_far(user: User) -> None:
    """In a resumed search, it is also that of the trials before."""
    done = optimize(user, space=GAMMA, trials=2)
    values = damages(user)
    again = optimize(user, "--resume", "--overwrite", space=GAMMA, trials=3)
    lines = [line for line in (done.err + again.err).splitlines() if "FINISHED" in line]
    expected = [f"best {min(values[: number + 1]):.6g}" for number in range(2)]
    assert [line.rpartition(", ")[2] for line in lines] == [*expected, f"best {min(damages(user)):.6g}"]
    assert lines[2].startswith("trial 2 (3 of 3): FINISHED")


def test_output_is_a_row_per_parameter(user: User) -> None:
    done = optimize(user, space=GAMMA, trials=1)
    lines = done.out.splitlines()
    assert (lines[0], [line.split("\t")[:2] for line in lines[1:]]) == ("key\told\tbest", [["Macro.gamma", "0.3"]])
    assert "param set 21 --from" in done.err
    assert (user.folder / "best.toml").read_text().splitlines()[1].endswith("# was 0.3")


@pytest.mark.slow
def test_terminal_shows_a_view_then_the_best_values(user: User) -> None:
    (user.folder / "space.toml").write_text(GAMMA)
    words = ("calc", "optimize", "21", str(user.folder / "space.toml"), "--minimize", DAMAGE, "--trials", "2")
    done = user.types(*words, "-o", str(user.folder / "best.toml"), tty=True)
    # Notes come after the view, not on its screen.
    assert done.err.rindex("is the best") > done.err.rindex("\x1b[?1049l")
    assert ("Macro.gamma" in done.out, "→" in done.out) == (True, True)


@pytest.mark.slow
def test_kept_best_values_can_be_undone(user: User) -> None:
    best = json.loads(optimize(user, "--keep-best", "-F", "json").out)
    assert (best["kept"], stored(user)) == (True, tuple(parameter["best"] for parameter in best["parameters"]))
    assert journaled(user) == [("optimize", "restored"), ("set", "done")]
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert stored(user) == OWN


@pytest.mark.slow
def test_search_finds_the_optimum(user: User) -> None:
    """Forty trials are far better than forty random values, whose best one is 1 % from the end on average."""
    best = json.loads(optimize(user, "-F", "json", space=GAMMA, trials=40).out)
    [gamma] = best["parameters"]
    assert gamma["best"] < 0.1005


@pytest.mark.slow
def test_logarithmic_range_needs_no_scipy(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    space = '"Macro.gamma" = {distribution = "loguniform", low = 1e-6, high = 0.1}\n'
    assert optimize(user, space=space, trials=3).code == 0
    assert min(float(row["Macro.gamma"]) for row in rows(user)) < 1e-2


# Failed trials and constraints ----------------------------------------------------------------------


def test_failed_run_is_a_failed_trial(user: User) -> None:
    """The search continues, and another trial is the best."""
    done = optimize(user, "-F", "json", space=SOME_FAIL, trials=4)
    best = json.loads(done.out)
    table = rows(user)
    failed = [row for row in table if row["Macro.gamma"] == "1e+300"]
    assert (done.code, len(table), best["failed"], 0 < len(failed) < 4) == (0, 4, len(failed), True)
    assert {(row["status"], row[DAMAGE]) for row in failed} == {("FAILED", "")}
    assert all("OverflowError" in row["cause"] for row in failed)


@pytest.mark.parametrize(
    ("space", "key"), [(ALL_FAIL, DAMAGE), slow(GAMMA, "Energy mix.nothing")], ids=["failed", "nan"]
)
def test_search_without_a_successful_trial_is_exit_3(user: User, space: str, key: str) -> None:
    """The table of trials says why, and there are no best values."""
    done = optimize(user, "--minimize", key, "--keep-best", space=space, trials=1)
    assert (done.code, done.kind, (user.folder / "best.toml").exists()) == (3, "run_failed", False)
    assert [(row["status"], bool(row["cause"])) for row in rows(user)] == [("FAILED", True)]
    assert stored(user) == OWN


@pytest.mark.slow
def test_output_that_is_infinite_is_a_failed_trial(user: User) -> None:

    def overflow(values: Values) -> dict[str, Value]:
        return {**compute(values), DAMAGE: float("inf") if float(values["Macro.gamma"]) < 0.3 else 1.0}

    study = user.world.studies[21]
    study.model = replace(DICE, compute=overflow)
    best = json.loads(optimize(user, "-F", "json", space=GAMMA, trials=6).out)
    assert (best["value"], 0 < best["failed"] < 6) == (1.0, True)


def test_best_trial_is_within_the_constraints(user: User) -> None:
    limit = 4.5
    done = optimize(
        user, "--maximize", "Macro.gamma", "--constraint", f"total_damage <= {limit}", "-F", "json", space=GAMMA
    )
    assert done.code == 0, done.err
    best, table = json.loads(done.out), rows(user)
    assert [row["feasible"] for row in table] == [str(float(row[DAMAGE]) <= limit).lower() for row in table]
    assert {row["feasible"] for row in table} == {"true", "false"}
    feasible = [float(row["Macro.gamma"]) for row in table if row["feasible"] == "true"]
    assert (best["value"], best["infeasible"]) == (max(feasible), len(table) - len(feasible))
    [constraint] = best["constraints"]
    assert (constraint["key"], constraint["relation"], constraint["bound"]) == (DAMAGE, "<=", limit)
    assert constraint["value"] <= limit


@pytest.mark.slow
def test_constrained_search_finds_the_optimum(user: User) -> None:
    words = ("--maximize", "Macro.gamma", "--constraint", "total_damage <= 4.5", "--constraint", "Macro.periods>=3")
    best = json.loads(optimize(user, *words, "-F", "json", trials=40).out)
    values = {parameter["key"]: parameter["best"] for parameter in best["parameters"]}
    assert (best["constraints"][0]["value"] <= 4.5, values["Macro.periods"] >= 3) == (True, True)
    # Without damage, or with few periods, the growth is free.
    assert values["Macro.gamma"] > 0.49


def test_search_without_a_feasible_trial_is_refused(user: User) -> None:
    """The error has the nearest trial, and there are no best values."""
    done = optimize(user, "--constraint", "Damage.total_damage <= 1", space=GAMMA, trials=1)
    assert (done.code, done.kind, (user.folder / "best.toml").exists()) == (8, "refused", False)
    nearest = min(damages(user))
    assert done.error is not None
    assert repr(nearest) in str(done.error.detail)
    assert stored(user) == OWN


# Several studies ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_copies_run_trials_at_the_same_time(user: User) -> None:
    """Each has its original values at the end."""
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    for number in (31, 32):
        user.world.add_study(number, f"copy{number}", DICE, rights, finished)
    done = optimize(user, "--studies", "31,32", "--read-timeout", "10m", "-F", "json", trials=8)
    assert done.code == 0, done.err
    assert json.loads(done.out)["value"] == min(damages(user))
    started = [sum(f"{EXECUTE}{number}" in request for request in user.requests) for number in (21, 31, 32)]
    assert (started[0], sum(started), min(started[1:]) > 1) == (0, 8, True)
    assert [(stored(user, number), journaled(user, number)) for number in (31, 32)] == [
        (OWN, [("optimize", "restored")])
    ] * 2


# Usage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "space", "kind"),
    [
        (("--minimize", DAMAGE, "--maximize", DAMAGE), GAMMA, "usage"),
        (("--constraint", "total_damage < 3"), GAMMA, "usage"),
        (("--constraint", "total_damage <= three"), GAMMA, "usage"),
        (("--constraint", "total_damage <= nan"), GAMMA, "usage"),
        (("--minimize", "Damage.damages"), GAMMA, "invalid_value"),
        (("--minimize", "Damage.message"), GAMMA, "invalid_value"),
        ((), '"Macro.gamma" = {distribution = "normal", mean = 0.3, std = 0.1}\n', "invalid_value"),
        ((), '"Macro.periods" = {range = [2, 18014398509481984]}\n', "invalid_value"),
        ((), '"Macro.population" = {choices = ["@missing.csv"]}\n', "invalid_file"),
        (("--resume",), GAMMA, "usage"),
    ],
)
def test_wrong_search_is_rejected(user: User, words: tuple[str, ...], space: str, kind: str) -> None:
    """Nothing was sent."""
    done = optimize(user, *words, space=space)
    assert (done.code, done.kind, SENT in user.requests, bool(done.error and done.error.hint)) == (2, kind, False, True)
    assert not (user.folder / "best.d").exists()


def test_unknown_objective_is_not_found(user: User) -> None:
    done = optimize(user, "--minimize", "total_damages", space=GAMMA)
    assert (done.code, done.kind, "total_damage" in done.err) == (5, "not_found", True)


def test_search_needs_an_objective_and_a_file(user: User) -> None:
    (user.folder / "space.toml").write_text(GAMMA)
    words = ("calc", "optimize", "21", str(user.folder / "space.toml"))
    for more in ((), ("--minimize", DAMAGE), ("--minimize", DAMAGE, "-o", "-"), ("--minimize", DAMAGE, "-o", "b.csv")):
        done = user.types(*words, *more)
        assert (done.code, done.kind, user.requests) == (2, "usage", [])


def test_missing_library_is_reported_before_the_first_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    done = optimize(user)
    assert done.error is not None
    assert (done.kind, "[optimize]" in str(done.error.hint), user.requests) == ("extra_missing", True, [])


def test_kept_best_values_are_not_called_restored(user: User) -> None:
    done = optimize(user, "--keep-best", space=GAMMA, trials=1)
    assert (done.code, "restored" in done.err, "sostrades calc run 21" in done.err) == (0, False, True)


@pytest.mark.slow
def test_resumed_search_keeps_its_seed(user: User) -> None:
    first = optimize(user, "--seed", "1", space=GAMMA, trials=1)
    assert "seed 1" in first.err
    done = optimize(user, "--seed", "2", "--resume", space=GAMMA, trials=1)
    assert (done.code, done.kind) == (2, "usage")
    assert optimize(user, "--seed", "1", "--resume", space=GAMMA, trials=1).code == 0


@pytest.mark.slow
def test_study_that_loses_its_results_is_named_before_the_first_run(user: User) -> None:
    planned = json.loads(optimize(user, "--dry-run", "-F", "json").out)
    assert planned["losing_results"] == [21]
    for words in (("--dry-run",), ()):
        assert "run the trials on copies" in " ".join(optimize(user, *words, trials=1).err.split())


@pytest.mark.parametrize("goal", [("--minimize", "gamma"), ("--maximize", "dice.Macro.gamma")])
def test_parameter_of_the_space_is_an_objective_only_with_a_constraint(user: User, goal: tuple[str, str]) -> None:
    done = optimize(user, *goal)
    assert (done.code, done.kind, SENT in user.requests) == (2, "invalid_value", False)
    assert optimize(user, *goal, "--dry-run").code == 2
    assert optimize(user, *goal, "--dry-run", "--constraint", f"{DAMAGE} <= 9").code == 0
