"""`calc optimize`: its dry run, and the present value of the objective."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from broken_network import BreakingNetwork, KilledError
from conftest import QUICK_SERVERS, slow
from reference.schemas import check

from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

GAMMA = '"Macro.gamma" = {range = [0.1, 0.25]}\n'
SPACE = (
    '"Macro.gamma" = {distribution = "loguniform", low = 0.1, high = 0.5}\n'
    '"Macro.periods" = {range = [8, 12]}\n"Macro.scenario" = {}\n'
)
DAMAGE = "Damage.total_damage"


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server, whose study has a finished run."""
    user = user_of(request.param)
    assert user.types("calc", "run", "21").code == 0
    user.world.requests.clear()
    return user


@pytest.fixture
def ran(user: User) -> User:
    """Return a user whose study has a finished run."""
    assert user.types("calc", "run", "21").code == 0
    user.world.requests.clear()
    return user


def optimize(user: User, *words: str, space: str = GAMMA, trials: int = 2, **more: Any) -> Outcome:
    """Search a space of study 21."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    goal = () if {"--minimize", "--maximize"} & set(words) else ("--minimize", DAMAGE)
    options = ("--trials", str(trials), "-o", str(user.folder / "best.toml"))
    return user.types("calc", "optimize", "21", str(user.folder / "space.toml"), *goal, *options, *words, **more)


def plan(user: User, *words: str, **more: Any) -> dict[str, Any]:
    """Return the dry run as JSON."""
    done = optimize(user, *words, "--dry-run", "-F", "json", **more)
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    check("calc-optimize", found)
    return found


def best(user: User, *words: str, **more: Any) -> dict[str, Any]:
    """Return the result of a search as JSON."""
    done = optimize(user, *words, "-F", "json", **more)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    check("calc-optimize", found)
    return found


def changes(user: User) -> list[str]:
    """Return the requests that change or run a study."""
    return [one for one in user.requests if "/execute/" in one or one.endswith("/parameters")]


def own_files(user: User) -> dict[Path, bytes]:
    """Return the files of the user, without the cache."""
    return {p: p.read_bytes() for p in user.folder.rglob("*") if p.is_file() and "cache" not in p.parts}


def present(user: User) -> float:
    """Return the present value of the objective."""
    return float(user.types("param", "get", "21", DAMAGE).out)


def killed(user: User, number: int) -> None:
    """Search until the process is killed at the start of a run."""
    user.transport = BreakingNetwork(user, KilledError, "/execute/21", number)
    with pytest.raises(KilledError):
        optimize(user)
    user.transport = None
    user.world.clock.sleep(60.0)
    user.world.requests.clear()


# The dry run ----------------------------------------------------------------------------------------


def test_dry_run_changes_nothing(anyone: User) -> None:
    (anyone.folder / "space.toml").write_text(GAMMA)
    before = own_files(anyone)
    done = optimize(anyone, "--dry-run")
    assert (done.code, changes(anyone), own_files(anyone)) == (0, [], before), done.err


def test_dry_run_says_what_the_search_would_do(ran: User) -> None:
    found = plan(ran, "--constraint", "Macro.periods >= 9", "--keep-best", space=SPACE, trials=8)
    assert (found["study"], found["studies"], found["trials"], found["done"], found["runs"]) == (21, [21], 8, 0, 8)
    assert (found["objective"], found["direction"], found["present"]) == (DAMAGE, "minimize", present(ran))
    assert found["constraints"] == [{"key": "Macro.periods", "relation": ">=", "bound": 9.0}]
    assert found["space"] == {
        "Macro.gamma": {"distribution": "loguniform", "low": 0.1, "high": 0.5},
        "Macro.periods": {"range": [8, 12]},
        "Macro.scenario": {"choices": ["cloudy", "sunny", "rainy"]},
    }
    assert found["expected_s"] == pytest.approx(8 * found["case_s"])


def test_dry_run_is_a_table_of_fields(ran: User) -> None:
    done = optimize(ran, "--dry-run", space=SPACE)
    lines = dict(line.split("\t") for line in done.out.splitlines())
    assert lines["Macro.gamma"] == "0.1 to 0.5, logarithmic"
    assert lines["Macro.periods"] == "8 to 12"
    assert lines["Macro.scenario"] == "cloudy, sunny, rainy"
    assert (lines["runs"], lines["objective"]) == ("2", f"minimize {DAMAGE}")
    assert repr(present(ran)) in lines["present value"]


def test_copies_share_the_time(ran: User) -> None:
    rights = dict.fromkeys(ran.world.users.values(), Right.OWNER)
    ran.world.add_study(31, "copy", DICE, rights, finished)
    found = plan(ran, "--studies", "21,31", trials=4)
    assert (found["studies"], found["runs"]) == ([21, 31], 4)
    assert found["expected_s"] == pytest.approx(2 * found["case_s"])


def test_resume_counts_the_remaining_trials(ran: User) -> None:
    value = present(ran)
    killed(ran, 2)
    found = plan(ran, "--resume")
    assert found["present"] == value
    assert (found["trials"], found["done"], found["runs"], changes(ran)) == (2, 1, 1, [])
    assert optimize(ran, "--resume").code == 0
    assert sum("/execute/" in one for one in ran.requests) == 1


@pytest.mark.slow
def test_complete_search_has_nothing_to_run(ran: User) -> None:
    optimize(ran)
    found = plan(ran, "--resume", trials=1)
    assert (found["done"], found["runs"], found["expected_s"]) == (2, 0, 0.0)


@pytest.mark.parametrize(
    ("words", "space"),
    [
        (("--minimize", "total_damages"), GAMMA),
        slow(("--minimize", "Damage.message"), GAMMA),
        slow(("--resume",), GAMMA),
        (("--studies", "21,25"), GAMMA),
        ((), '"Macro.gamma" = {distribution = "normal", mean = 0.3, std = 0.1}\n'),
        slow((), '"Macro.gama" = {range = [0.1, 0.5]}\n'),
    ],
)
def test_faults_are_those_of_the_search(ran: User, words: tuple[str, ...], space: str) -> None:
    dry, real = optimize(ran, "--dry-run", *words, space=space), optimize(ran, *words, space=space)
    assert dry.code
    assert (dry.code, dry.kind, dry.err, dry.out) == (real.code, real.kind, real.err, "")


# The present value ----------------------------------------------------------------------------------


def test_best_value_is_compared_with_the_present_one(ran: User) -> None:
    """The present value is also shown before the first trial."""
    value = present(ran)
    done = optimize(ran, trials=1)
    assert done.err.index(f"present value: {DAMAGE} = {value!r}") < done.err.index("trial 0")
    assert "% lower than the present value" in done.err
    [trial] = [line for line in done.err.splitlines() if "FINISHED" in line]
    assert ", best " in trial


@pytest.mark.slow
def test_result_has_the_present_value(anyone: User) -> None:
    value = present(anyone)
    assert best(anyone, trials=1)["present"] == value


def test_no_better_trial_is_said(ran: User) -> None:
    done = optimize(ran, space='"Macro.gamma" = {range = [0.6, 0.9]}\n', trials=1)
    assert "no trial is better than the present value" in done.err


def test_present_value_beyond_a_constraint_is_not_compared(ran: User) -> None:
    done = optimize(ran, "--maximize", "Macro.gamma", "--constraint", "Damage.total_damage <= 4.5", trials=1)
    assert done.code == 0, done.err
    assert "the present value 0.3 is beyond a constraint" in done.err


@pytest.mark.slow
def test_resumed_search_keeps_the_present_value(ran: User) -> None:
    """The study has the results of a trial by then."""
    value = present(ran)
    killed(ran, 2)
    assert plan(ran, "--resume")["present"] == value
    assert best(ran, "--resume")["present"] == value


def test_results_of_other_values_are_not_the_present_value(ran: User) -> None:
    assert ran.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    done = optimize(ran, "--dry-run")
    assert plan(ran)["present"] is None
    assert "unknown" in done.out


@pytest.mark.slow
def test_search_has_no_present_value_of_other_values(ran: User) -> None:
    assert ran.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    assert best(ran, trials=1)["present"] is None


@pytest.mark.slow
def test_results_of_a_killed_search_are_not_the_present_value(ran: User) -> None:
    """A new search restores the original values first."""
    killed(ran, 2)
    assert plan(ran, "--overwrite")["present"] is None
    assert best(ran, "--overwrite")["present"] is None
