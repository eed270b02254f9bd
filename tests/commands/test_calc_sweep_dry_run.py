"""`calc sweep --dry-run`: everything is validated, nothing is changed, and the summary says what the sweep would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from broken_network import BreakingNetwork, KilledError
from conftest import SERVERS, slow

from server_stub.faults import Fault
from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

    from server_stub.study import Study

CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
EXECUTE = "POST /api/v0/calculation/execute/21"
LOADS_S = 2.2


@pytest.fixture(params=SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def sweep(
    user: User,
    *words: str,
    cases: str = CASES,
    study: int = 21,
    collect: str = "Damage.total_damage",
    into: str = "results.csv",
    **more: Any,
) -> Outcome:
    """Sweep a study."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("--collect", collect, "-o", str(user.folder / into))
    return user.types("calc", "sweep", str(study), str(user.folder / "cases.csv"), *results, *words, **more)


def plan(user: User, *words: str, **more: Any) -> dict[str, Any]:
    """Return the summary of a dry run as JSON."""
    done = sweep(user, *words, "--dry-run", "-F", "json", **more)
    assert (done.code, done.err) == (0, "")
    result: dict[str, Any] = json.loads(done.out)
    return result


def copies(user: User, *numbers: int, past: Callable[[Study], None] = finished) -> User:
    """Add copies of study 21, and return the user."""
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    for number in numbers:
        user.world.add_study(number, f"copy{number}", DICE, rights, past)
    return user


def changes(user: User) -> list[str]:
    """Return the requests that change or run a study."""
    return [request for request in user.requests if "/execute/" in request or request.endswith("/parameters")]


def own_files(user: User) -> set[Path]:
    """Return the files of the user, without the cache."""
    return {path for path in user.folder.rglob("*") if path.is_file() and "cache" not in path.parts}


def values(user: User, study: int) -> tuple[Any, Any]:
    """Return the swept values of a study on the server."""
    stored = user.world.studies[study].values
    return stored["Macro.gamma"], stored["Macro.use_damage"]


def killed(user: User, *words: str) -> None:
    """Sweep until the process is killed in its second case."""
    user.transport = BreakingNetwork(user, KilledError, ("/execute/21", "/execute/31"), 2)
    with pytest.raises(KilledError):
        sweep(user, *words)
    user.transport = None
    user.world.requests.clear()


# Nothing is changed ---------------------------------------------------------------------------------


def test_dry_run_changes_nothing(anyone: User) -> None:
    """Neither on the server nor in the folder of the user."""
    (anyone.folder / "cases.csv").write_text(CASES)
    before = own_files(anyone)
    done = sweep(anyone, "--dry-run")
    assert (done.code, changes(anyone), own_files(anyone)) == (0, [], before)
    posts = {request.rpartition("/")[2] for request in anyone.requests if request.startswith("POST")}
    assert posts == {"download"}
    assert anyone.types("param", "history", "21", "-F", "json").out == "[]\n"


@pytest.mark.parametrize(
    ("words", "losing"),
    [
        ((), [21]),
        (("--studies", "31,32"), [31]),
        slow(("--studies", "21,31"), [21, 31]),
        slow(("--on-copies", "1"), []),
    ],
)
def test_studies_that_lose_their_results_are_named_before_the_first_run(
    user: User, words: tuple[str, ...], losing: list[int]
) -> None:
    """With a remedy, and not again after the results are lost."""
    copies(user, 31)
    copies(user, 32, past=lambda _: None)
    cases = "case,Macro.gamma\nlow,0.1\nhigh,0.5\n"
    assert plan(user, *words, cases=cases)["losing_results"] == losing
    for dry_run in (("--dry-run",), ()):
        text = " ".join(sweep(user, *words, *dry_run, cases=cases).err.split())
        assert ("run the cases on copies" in text) == bool(losing)
    assert plan(user, *words, "--overwrite", cases=cases)["losing_results"] == []


def test_resumed_sweep_has_lost_the_results_before(user: User) -> None:
    killed(user)
    assert plan(user, "--resume")["losing_results"] == []
    assert "run the cases on copies" not in sweep(user, "--resume").err


@pytest.mark.slow
def test_sweep_runs_after_its_dry_run(user: User) -> None:
    sweep(user, "--dry-run")
    assert sweep(user).code == 0


def test_summary_is_not_written_to_the_file_of_the_results(user: User) -> None:
    done = sweep(user, "--dry-run", tty=True)
    assert (done.code, "runs" in done.out, (user.folder / "results.csv").exists()) == (0, True, False)


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_summary_is_json_with_any_file(user: User, ending: str) -> None:
    assert plan(user, into=f"results.{ending}")["runs"] == 3


@pytest.mark.parametrize("words", [("--analyze",), ("--summary", "SUMMARY"), ("--junit", "JUNIT")])
def test_no_report_is_written(user: User, words: tuple[str, ...]) -> None:
    (user.folder / "cases.csv").write_text(CASES)
    before = own_files(user)
    named = [str(user.folder / word) if word.isupper() else word for word in words]
    assert (sweep(user, "--dry-run", *named).code, own_files(user)) == (0, before)


def test_invalid_options_are_those_of_the_sweep(user: User) -> None:
    """A report that exists is refused before the cases are read."""
    (user.folder / "summary.md").write_text("mine")
    words = ("--summary", str(user.folder / "summary.md"))
    dry, real = sweep(user, "--dry-run", *words), sweep(user, *words)
    assert (dry.code, dry.kind) == (real.code, real.kind)


@pytest.mark.parametrize("form", ["md", "csv"])
def test_summary_has_other_formats(user: User, form: str) -> None:
    done = sweep(user, "--dry-run", "-F", form, into="results.json")
    assert (done.code, "field" in done.out.splitlines()[0]) == (0, True)


# What it says ---------------------------------------------------------------------------------------


def test_summary_without_earlier_runs_has_no_expected_time(user: User) -> None:
    assert plan(user, collect="total_damage") == {
        "study": 21,
        "studies": [21],
        "new_copies": 0,
        "collect": ["Damage.total_damage"],
        "cases": 3,
        "repeated": 0,
        "done": 0,
        "runs": 3,
        "losing_results": [21],
        "case_s": None,
        "expected_s": None,
        "measured": False,
    }
    assert "unknown" in sweep(user, "--dry-run").out


def test_repeated_cases_are_counted(user: User) -> None:
    """By their values, not by their text. A blank cell keeps the original value, so it is another value."""
    assert plan(user, cases="Macro.gamma\n0.1\n0.10\n1e-1\n0.3\n")["repeated"] == 2


def test_time_follows_from_earlier_runs(user: User) -> None:
    """With the loads of each case."""
    user.types("calc", "run", "21")
    [run] = json.loads(user.types("calc", "history", "21", "-F", "json").out)
    result = plan(user)
    assert result["case_s"] == pytest.approx(run["duration_s"] + LOADS_S)
    assert result["expected_s"] == pytest.approx(3 * result["case_s"])


def test_estimate_is_close_to_the_time_of_the_sweep(user: User) -> None:
    user.types("calc", "run", "21")
    expected_s = plan(user)["expected_s"]
    began = user.world.clock.now()
    sweep(user)
    assert user.world.clock.now() - began == pytest.approx(expected_s, rel=0.25)


def test_time_of_an_earlier_sweep_counts_more_than_that_of_runs(user: User) -> None:
    user.types("calc", "run", "21")
    assert plan(user)["measured"] is False
    began = user.world.clock.now()
    sweep(user)
    took_s = user.world.clock.now() - began
    result = plan(user, into="more.csv")
    assert result["measured"] is True
    assert result["expected_s"] == pytest.approx(took_s, rel=0.1)


@pytest.mark.parametrize(
    ("studies", "rounds"), [("21", 5), slow("21,31", 3), ("31,32,33", 2), slow("21,31,32,33,34", 1)]
)
def test_copies_share_the_time(user: User, studies: str, rounds: int) -> None:
    """A copy without earlier runs is as fast as the study."""
    user.types("calc", "run", "21")
    copies(user, 31, 32, 33, 34)
    result = plan(user, "--studies", studies, cases="Macro.gamma\n0.1\n0.2\n0.4\n0.5\n0.6\n")
    assert result["studies"] == [int(number) for number in studies.split(",")]
    assert result["expected_s"] == pytest.approx(rounds * result["case_s"])


# Interrupted sweeps ---------------------------------------------------------------------------------


def test_resume_counts_the_remaining_cases(user: User) -> None:
    """The study keeps the values of the interrupted case until the sweep is resumed."""
    killed(user)
    user.world.clock.sleep(60.0)
    result = plan(user, "--resume")
    assert (result["cases"], result["done"], result["runs"]) == (3, 1, 2)
    assert result["expected_s"] == pytest.approx(2 * result["case_s"], abs=0.2)
    assert (changes(user), values(user, 21)) == ([], (0.2, False))
    assert sweep(user, "--resume").code == 0
    assert sum("/execute/" in request for request in user.requests) == 2


def test_resume_with_copies_compares_the_original_values(user: User) -> None:
    """A study with the values of a case is no reason to refuse it."""
    killed(copies(user, 31, 32), "--studies", "31")
    user.world.clock.sleep(60.0)
    assert plan(user, "--resume", "--studies", "31,32")["runs"] == 2
    user.world.studies[32].values["Macro.periods"] = 3
    done = sweep(user, "--resume", "--dry-run", "--studies", "31,32")
    assert (done.code, "Macro.periods" in done.err, changes(user)) == (8, True, [])


def test_complete_sweep_has_nothing_to_run(user: User) -> None:
    sweep(user)
    result = plan(user, "--resume")
    assert (result["done"], result["runs"], result["expected_s"]) == (3, 0, 0.0)


@pytest.mark.parametrize("words", [("--collect", "Damage.message"), slow(())])
def test_other_sweep_is_not_resumed(user: User, words: tuple[str, ...]) -> None:
    """A complete one neither."""
    sweep(user)
    changed = CASES.replace("0.2", "0.25") if not words else CASES
    dry = sweep(user, "--dry-run", "--resume", *words, cases=changed)
    real = sweep(user, "--resume", *words, cases=changed)
    assert (dry.code, dry.kind, dry.err) == (2, real.kind, real.err)


def test_overwritten_sweep_is_kept(user: User) -> None:
    killed(user)
    user.world.clock.sleep(60.0)
    before = own_files(user)
    assert plan(user, "--overwrite")["runs"] == 3
    assert (own_files(user), changes(user), values(user, 21)) == (before, [], (0.2, False))


# Faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ("case,Macro.gamma\na,x\nb,y\n", ()),
        slow("case,Macro.gama\na,1\n", ()),
        slow("case,Macro.gamma\n", ()),
        ("case,Macro.matrix\na,@m.csv\n", ()),
        (CASES, ("--collect", "Damage.nothing_like_it")),
        slow(CASES, ("--studies", "21,25")),
        slow(CASES, ("--studies", "21,99999")),
        (CASES, ("--studies", "21,31")),
        (CASES, ("--resume",)),
    ],
)
def test_faults_are_those_of_the_sweep(user: User, cases: str, words: tuple[str, ...]) -> None:
    def other(study: Study) -> None:
        study.values["Macro.periods"] = 3
        finished(study)

    copies(user, 31, past=other)
    (user.folder / "m.csv").write_text("value\n1.0\n")
    dry = sweep(user, "--dry-run", *words, cases=cases)
    real = sweep(user, *words, cases=cases)
    assert dry.code
    assert (dry.code, dry.kind, dry.err, dry.out) == (real.code, real.kind, real.err, "")


def test_every_invalid_cell_is_reported(user: User) -> None:
    done = sweep(user, "--dry-run", cases="Macro.gamma,Macro.scenario\nx,\n0.1,foggy\n")
    assert (done.code, "line 2" in done.err, "line 3" in done.err) == (2, True, True)


def test_running_study_is_refused(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.requests.clear()
    done = sweep(user, "--dry-run")
    assert (done.kind, changes(user)) == (sweep(user).kind, [])
    assert done.code


def test_sweep_left_in_another_folder_is_refused(user: User) -> None:
    killed(user)
    user.world.clock.sleep(60.0)
    done = sweep(user, "--dry-run", into="other.csv")
    assert (done.code, changes(user)) == (8, [])


def test_dry_run_fails_if_the_server_does_not_accept_files(user53: User) -> None:
    (user53.folder / "small.csv").write_text("years,population\n2020,80.0\n")
    done = sweep(user53, "--dry-run", cases="Macro.population\n@small.csv\n")
    assert (done.code, done.kind) == (sweep(user53, cases="Macro.population\n@small.csv\n").code, done.kind)
    assert not [request for request in user53.requests if "/execute/" in request]


def test_outage_is_an_error(user: User) -> None:
    user.world.faults.arm(Fault("status", path="status/21", status=403))
    assert sweep(user, "--dry-run").code == 4
