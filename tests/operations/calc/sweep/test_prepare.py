"""Preparation of a sweep: all faults are found before the first change, and earlier sweeps are respected."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import QUICK_SERVERS, StubTransport, mostly_slow, slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
LOOK, START = "/status/21", "/execute/21"


class KilledError(BaseException):
    """The end of a process; no code may catch it."""


@dataclass
class Acting(httpx.BaseTransport):
    """The stub behind a network with an action before one request."""

    user: User
    act: Callable[[], object]
    path: str = START
    number: int = 2
    kills: bool = False

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)
        self._dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        if self._dead:
            raise KilledError
        if request.url.path.endswith(self.path):
            self.number -= 1
            if self.number == 0:
                self._dead = self.kills
                self.act()
        return self._stub.handle_request(request)


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def sweep(user: User, *words: str, cases: str = CASES, into: str = "results.csv") -> Outcome:
    """Sweep study 21."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("-o", str(user.folder / into), "--collect", "Damage.damages")
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *results, *words)


def killed(user: User, number: int = 2, cases: str = CASES) -> None:
    """Sweep until the process is killed at the start of a case, and let an active run end."""

    def die() -> None:
        raise KilledError

    user.transport = Acting(user, die, START, number, kills=True)
    with pytest.raises(KilledError):
        sweep(user, cases=cases)
    user.transport = None
    user.world.requests.clear()


def interrupted(user: User, *words: str, cases: str = CASES) -> None:
    """Sweep until Ctrl-C in the second case."""

    def act() -> None:
        raise KeyboardInterrupt

    user.transport = Acting(user, act)
    assert sweep(user, *words, cases=cases).code == 130
    user.transport = None


def stored(user: User) -> tuple[Any, Any]:
    """Return the swept values on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[21]
    result.settle()
    return result.values["Macro.gamma"], result.values["Macro.use_damage"]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


# Before the first run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cases", "words", "code"),
    [
        ("case,Macro.gamma\na,x\nb,0.1\n", (), 2),
        ("case,Macro.gamma\na,0.1\nb,x\n", (), 2),
        ("case,dice.Damage.total_damage\na,1\n", (), 2),
        ("case,dice.Damage.temperature\na,1\n", (), 2),
        ("case,Macro.gama\na,1\n", (), 5),
        (CASES, ("--collect", "Damage.nothing_like_it"), 5),
        (CASES, ("--collect", "dice.Macro.matrix"), 7),
        ("case,Macro.matrix\na,@m.csv\n", (), 8),
        (CASES, ("--studies", "21,25"), 4),
        (CASES, ("--studies", "21,99999"), 5),
        (CASES, ("--resume",), 2),
    ],
)
def test_invalid_sweep_is_rejected_before_the_first_change(
    anyone: User, cases: str, words: tuple[str, ...], code: int
) -> None:
    """Nothing is sent, recorded or written."""
    (anyone.folder / "m.csv").write_text("a\n1.0\n")
    done = sweep(anyone, *words, cases=cases)
    assert (done.code, SENT in anyone.requests, EXECUTE in anyone.requests) == (code, False, False)
    assert not list(anyone.folder.glob("results*"))
    assert journaled(anyone) == []


@pytest.mark.parametrize(("row", "is_noted"), [("total,,\n", True), (",,\n", False), ("total,0.3,\n", False)])
def test_case_without_a_value_is_noted(user: User, row: str, is_noted: bool) -> None:
    """It may be a total of a spreadsheet, or meant. It runs with the values of the study."""
    done = sweep(user, "--dry-run", cases=CASES + row)
    assert (done.code, "case total sets" in done.err) == (0, is_noted)


@pytest.mark.parametrize("results", ["results.tsv", "results.xls", "results", "-"])
def test_results_need_a_table_file(user: User, results: str) -> None:
    done = user.types("calc", "sweep", "21", "cases.csv", "--collect", "x", "-o", results)
    assert (done.code, user.requests) == (2, [])
    assert all(ending in done.err for ending in (".csv", ".json", ".md", ".parquet", ".xlsx"))


def test_existing_results_are_not_replaced(user: User) -> None:
    (user.folder / "results.csv").write_text("precious\n")
    done = sweep(user)
    assert (done.code, user.requests, (user.folder / "results.csv").read_text()) == (2, [], "precious\n")
    assert sweep(user, "--overwrite").code == 0
    assert (user.folder / "results.csv").read_text().count("FINISHED") == 3


@pytest.mark.parametrize("words", [(), ("--overwrite",)])
def test_foreign_folder_is_not_changed(user: User, words: tuple[str, ...]) -> None:
    (user.folder / "results.d").mkdir()
    (user.folder / "results.d" / "thesis.txt").write_text("years of work")
    assert sweep(user, *words).code == 2
    assert (user.folder / "results.d" / "thesis.txt").exists()
    assert (EXECUTE in user.requests, journaled(user)) == (False, [])


def test_file_instead_of_the_results_folder_is_rejected(user: User) -> None:
    (user.folder / "results.d").write_text("a file")
    assert (sweep(user).code, sweep(user, "--overwrite").code) == (2, 2)
    assert ((user.folder / "results.d").read_text(), journaled(user)) == ("a file", [])


# What another sweep has left ------------------------------------------------------------------------


def test_sweep_is_not_overwritten_by_accident(user: User) -> None:
    """The hint names --resume and --overwrite."""
    killed(user)
    done = sweep(user)
    assert (done.code, SENT in user.requests) == (2, False)
    assert ("--resume" in done.err, "--overwrite" in done.err, done.error and done.error.study) == (True, True, 21)


def test_overwrite_restores_the_values_of_the_old_sweep_first(user: User) -> None:
    killed(user)
    done = sweep(user, "--overwrite", cases="case,Macro.gamma\nnew,\n")
    assert (done.code, stored(user)) == (0, OWN)
    assert (user.folder / "results.csv").read_text().splitlines()[1].startswith("new,0.3,FINISHED")
    assert journaled(user) == [("sweep", "restored")] * 2
    assert [path.name for path in (user.folder / "results.d").iterdir() if path.is_dir()] == ["new"]


def test_old_results_are_removed_before_a_new_sweep(user: User) -> None:
    """They could be taken for results of an interrupted sweep."""
    sweep(user)
    interrupted(user, "--overwrite", cases=CASES.replace("0.1", "0.15"))
    assert not (user.folder / "results.csv").exists()


@pytest.mark.parametrize("line", ["garbage\n", slow("{}\n"), slow("5\n")])
def test_damaged_log_can_be_overwritten(user: User, line: str) -> None:
    cases = "case,Macro.gamma\na,0.1\n"
    sweep(user, cases=cases)
    (user.folder / "results.d" / "sweep.jsonl").write_text(line)
    assert sweep(user, "--resume", "--overwrite", cases=cases).code == 2
    assert sweep(user, "--overwrite", cases=cases).code == 0


def test_study_with_values_of_a_killed_sweep_is_not_swept(user: User) -> None:
    """The error has the command that restores them."""
    killed(user)
    done = sweep(user, into="other.csv")
    assert (done.code, "sostrades param undo 21" in done.err, SENT in user.requests) == (8, True, False)
    assert user.types("param", "undo", "21").code == 0
    assert sweep(user, into="other.csv").code == 0
    assert stored(user) == OWN


def test_later_change_does_not_hide_values_of_a_killed_sweep(user: User) -> None:
    killed(user)
    user.types("param", "set", "21", "Macro.periods=5")
    assert sweep(user, into="other.csv").code == 8


@pytest.mark.parametrize("word", ["--resume", slow("--overwrite")])
@pytest.mark.parametrize("number", [slow(4), 9, slow(12)])
def test_second_sweep_of_a_study_is_refused(user: User, word: str, number: int) -> None:
    """It sends nothing, and the first sweep is not affected."""
    sweep(user, into="whole.csv")
    second: list[tuple[int, bool]] = []

    def act() -> None:
        user.transport = None
        before = [request for request in user.requests if request in {SENT, EXECUTE}]
        code = sweep(user, word).code
        second.append((code, before == [request for request in user.requests if request in {SENT, EXECUTE}]))

    user.transport = Acting(user, act, LOOK, number)
    assert sweep(user).code == 0
    assert second in ([(2, True)], [(8, True)])
    for table in (user.folder / "whole.d").rglob("*.csv"):
        assert (user.folder / "results.d" / table.parent.name / table.name).read_bytes() == table.read_bytes()
    assert (stored(user), journaled(user)) == (OWN, [("sweep", "restored")] * 2)


# What is no longer the same sweep -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "cases"),
    [
        ((), CASES.replace("0.5", "0.6")),
        slow((), CASES + "more,0.7,\n"),
        (("--collect", "Damage.message"), CASES),
        slow(("--collect-charts", "*"), CASES),
    ],
)
def test_different_sweep_is_not_resumed(user: User, words: tuple[str, ...], cases: str) -> None:
    killed(user)
    done = sweep(user, "--resume", *words, cases=cases)
    assert (done.code, SENT in user.requests, EXECUTE in user.requests) == (2, False, False)
    assert "--overwrite" in done.err


def test_sweep_is_not_resumed_after_a_change_of_other_inputs(user: User) -> None:
    interrupted(user)
    user.types("param", "set", "21", "Macro.periods=5")
    user.world.requests.clear()
    assert (sweep(user, "--resume").code, SENT in user.requests) == (2, False)


def test_sweep_is_not_resumed_after_a_change_of_swept_inputs(user: User) -> None:
    """The changed value is not overwritten."""
    interrupted(user)
    user.types("param", "set", "21", "Macro.gamma=0.7")
    assert (sweep(user, "--resume").code, stored(user)) == (8, (0.7, True))


def test_sweep_is_not_resumed_after_a_change_of_a_table_file(user: User) -> None:
    cases = "case,Macro.population,Macro.use_damage\na,@t.csv,\nb,@t.csv,no\n"
    (user.folder / "t.csv").write_text("years,population\n2020,8000.0\n")
    killed(user, cases=cases)
    (user.folder / "t.csv").write_text("years,population\n2020,1.0\n")
    assert sweep(user, "--resume", cases=cases).code == 2


# Other commands meanwhile ----------------------------------------------------------------------------

MEANWHILE = [
    ("param", "set", "21", "Macro.gamma=0.7"),
    ("param", "reset", "21", "Macro.gamma"),
    ("param", "undo", "21", "--yes"),
    ("calc", "run", "21"),
    ("calc", "run", "21", "--set", "Macro.gamma=0.7"),
]


@pytest.mark.parametrize("words", mostly_slow([(words,) for words in MEANWHILE], 3), ids=" ".join)
@pytest.mark.parametrize("at", [slow(1), 2])
def test_other_commands_are_refused_during_a_sweep(user: User, words: tuple[str, ...], at: int) -> None:
    assert user.types("param", "set", "21", "Macro.savings_rate=0.3").code == 0
    done: list[Outcome] = []
    user.transport = Acting(user, lambda: done.append(user.types(*words)), "/parameters", at)
    swept = sweep(user, cases="case,Macro.gamma\na,0.1\nb,0.2\n")
    assert swept.code == 0, swept.err
    assert (done[0].code, done[0].kind, done[0].out, "study 21" in done[0].err) == (8, "refused", "", True)
    assert stored(user) == OWN


@pytest.mark.parametrize("words", mostly_slow([(words,) for words in MEANWHILE[3:]], 2), ids=" ".join)
def test_run_with_values_of_a_killed_sweep_is_refused(user: User, words: tuple[str, ...]) -> None:
    killed(user)
    done = user.types(*words)
    assert (done.code, done.kind, EXECUTE in user.requests) == (8, "refused", False)
    assert "sostrades param undo 21" in done.err
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert user.types("calc", "run", "21").code == 0


def test_baseline_is_read_under_the_lock_of_changes(user: User) -> None:
    free = []

    def look() -> None:
        [lock] = (Path(user.environ["SOSTRADES_STATE_DIR"]) / "locks").glob("*.change")
        with lock.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free.append(True)
            except BlockingIOError:
                free.append(False)

    user.transport = Acting(user, look, "/read-only-mode", 1)
    assert sweep(user).code == 0
    assert free == [False]
