"""Preparing a sweep: all that can be wrong is found before the first value is set, and so is what another one left."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
LOOK, START = "/status/21", "/execute/21"


class KilledError(BaseException):
    """The end of a process, as nothing in it may catch it."""


@dataclass
class Acting(httpx.BaseTransport):
    """The stub behind a network where something happens before one request."""

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


def sweep(user: User, *words: str, cases: str = CASES, into: str = "results.csv") -> Outcome:
    """Sweep study 21."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("-o", str(user.folder / into), "--collect", "Damage.damages")
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *results, *words)


def killed(user: User, number: int = 2, cases: str = CASES) -> None:
    """Sweep until the process is killed at the start of a case, and let a run that has begun end."""

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


def held(user: User) -> tuple[Any, Any]:
    """Return what the server holds of the swept parameters, when all that is on its way has arrived."""
    user.world.clock.sleep(1.0)
    found = user.world.studies[21]
    found.settle()
    return found.values["Macro.gamma"], found.values["Macro.use_damage"]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each entry."""
    found = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in found]


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
def test_what_cannot_be_swept_is_refused_before_anything_is_set(
    anyone: User, cases: str, words: tuple[str, ...], code: int
) -> None:
    """A wrong cell anywhere, an unknown name or study: nothing is sent, nothing journaled, nothing written."""
    (anyone.folder / "m.csv").write_text("a\n1.0\n")
    done = sweep(anyone, *words, cases=cases)
    assert (done.code, SENT in anyone.asked, EXECUTE in anyone.asked) == (code, False, False)
    assert not list(anyone.folder.glob("results*"))
    assert journaled(anyone) == []


@pytest.mark.parametrize("results", ["results.tsv", "results.xlsx", "results", "-"])
def test_results_need_a_file_for_tables(user: User, results: str) -> None:
    """Hours of runs are not started for a result that has no place: exit 2, nothing is asked."""
    done = user.types("calc", "sweep", "21", "cases.csv", "--collect", "x", "-o", results)
    assert (done.code, user.asked) == (2, [])
    assert ".csv, .json or .parquet" in done.err


def test_results_that_exist_are_not_replaced(user: User) -> None:
    """An existing file is exit 2 before anything is asked; with `--overwrite` it is replaced."""
    (user.folder / "results.csv").write_text("precious\n")
    done = sweep(user)
    assert (done.code, user.asked, (user.folder / "results.csv").read_text()) == (2, [], "precious\n")
    assert sweep(user, "--overwrite").code == 0
    assert (user.folder / "results.csv").read_text().count("FINISHED") == 3


@pytest.mark.parametrize("words", [(), ("--overwrite",)])
def test_a_folder_of_something_else_is_not_touched(user: User, words: tuple[str, ...]) -> None:
    """A folder in the place of RESULTS.d that holds no sweep is exit 2; what is in it stays, and nothing is begun."""
    (user.folder / "results.d").mkdir()
    (user.folder / "results.d" / "thesis.txt").write_text("years of work")
    assert sweep(user, *words).code == 2
    assert (user.folder / "results.d" / "thesis.txt").exists()
    assert (EXECUTE in user.asked, journaled(user)) == (False, [])


def test_a_file_in_the_place_of_the_folder_is_said(user: User) -> None:
    """A file that is called RESULTS.d is exit 2, and nothing is begun."""
    (user.folder / "results.d").write_text("a file")
    assert (sweep(user).code, sweep(user, "--overwrite").code) == (2, 2)
    assert ((user.folder / "results.d").read_text(), journaled(user)) == ("a file", [])


# What another sweep has left ------------------------------------------------------------------------


def test_a_sweep_is_not_overwritten_by_accident(user: User) -> None:
    """Where a record lies the same command is exit 2 with both ways on; nothing is sent."""
    killed(user)
    done = sweep(user)
    assert (done.code, SENT in user.asked) == (2, False)
    assert ("--resume" in done.err, "--overwrite" in done.err) == (True, True)


def test_overwrite_first_puts_back_what_the_old_one_left(user: User) -> None:
    """`--overwrite` takes the values from before the killed sweep for the own ones, and removes its tables."""
    killed(user)
    done = sweep(user, "--overwrite", cases="case,Macro.gamma\nnew,\n")
    assert (done.code, held(user)) == (0, OWN)
    assert (user.folder / "results.csv").read_text().splitlines()[1].startswith("new,0.3,FINISHED")
    assert journaled(user) == [("sweep", "restored")] * 2
    assert [path.name for path in (user.folder / "results.d").iterdir() if path.is_dir()] == ["new"]


def test_old_results_are_gone_when_a_new_sweep_begins(user: User) -> None:
    """Results that were to be replaced are not taken for those of a sweep that was interrupted."""
    sweep(user)
    interrupted(user, "--overwrite", cases=CASES.replace("0.1", "0.15"))
    assert not (user.folder / "results.csv").exists()


@pytest.mark.parametrize("line", ["garbage\n", "{}\n", "5\n"])
def test_a_record_that_cannot_be_read_can_be_overwritten(user: User, line: str) -> None:
    """A record that is damaged is exit 2, and the way that is told starts anew."""
    sweep(user)
    (user.folder / "results.d" / "sweep.jsonl").write_text(line)
    assert sweep(user, "--resume", "--overwrite").code == 2
    assert sweep(user, "--overwrite").code == 0


def test_a_study_with_the_values_of_a_case_is_not_swept(user: User) -> None:
    """Values that a killed sweep has left are not taken for the study's own by another one: exit 8 with the command."""
    killed(user)
    done = sweep(user, into="other.csv")
    assert (done.code, "sostrades param undo 21" in done.err, SENT in user.asked) == (8, True, False)
    assert user.types("param", "undo", "21").code == 0
    assert sweep(user, into="other.csv").code == 0
    assert held(user) == OWN


def test_a_later_change_does_not_hide_what_a_sweep_has_left(user: User) -> None:
    """Also after another change from here the values of a killed sweep's case are not the study's own."""
    killed(user)
    user.types("param", "set", "21", "Macro.periods=5")
    assert sweep(user, into="other.csv").code == 8


@pytest.mark.parametrize("word", ["--resume", "--overwrite"])
@pytest.mark.parametrize("number", [4, 9, 12])
def test_a_sweep_that_is_still_alive_is_left_alone(user: User, word: str, number: int) -> None:
    """A second process is refused while the first goes on: it sends nothing, and the first has its own results."""
    sweep(user, into="whole.csv")
    second: list[tuple[int, bool]] = []

    def act() -> None:
        user.transport = None
        before = [one for one in user.asked if one in {SENT, EXECUTE}]
        code = sweep(user, word).code
        second.append((code, before == [one for one in user.asked if one in {SENT, EXECUTE}]))

    user.transport = Acting(user, act, LOOK, number)
    assert sweep(user).code == 0
    assert second in ([(2, True)], [(8, True)])
    for table in (user.folder / "whole.d").rglob("*.csv"):
        assert (user.folder / "results.d" / table.parent.name / table.name).read_bytes() == table.read_bytes()
    assert (held(user), journaled(user)) == (OWN, [("sweep", "restored")] * 2)


# What is no longer the same sweep -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "cases"),
    [
        ((), CASES.replace("0.5", "0.6")),
        ((), CASES + "more,0.7,\n"),
        (("--collect", "Damage.message"), CASES),
        (("--collect-charts", "*"), CASES),
    ],
)
def test_another_sweep_is_not_resumed(user: User, words: tuple[str, ...], cases: str) -> None:
    """Another table or collection is exit 2 with what starts anew, and nothing is sent."""
    killed(user)
    done = sweep(user, "--resume", *words, cases=cases)
    assert (done.code, SENT in user.asked, EXECUTE in user.asked) == (2, False, False)
    assert "--overwrite" in done.err


def test_other_inputs_are_not_resumed(user: User) -> None:
    """When someone has changed another input of the study meanwhile, the rest of the cases would not fit: exit 2."""
    interrupted(user)
    user.types("param", "set", "21", "Macro.periods=5")
    user.world.requests.clear()
    assert (sweep(user, "--resume").code, SENT in user.asked) == (2, False)


def test_other_own_values_are_not_resumed(user: User) -> None:
    """When someone has changed a swept input after it was put back, its value is not overwritten: exit 8."""
    interrupted(user)
    user.types("param", "set", "21", "Macro.gamma=0.7")
    assert (sweep(user, "--resume").code, held(user)) == (8, (0.7, True))


def test_another_table_file_is_not_resumed(user: User) -> None:
    """A table that cases name is part of them: when it was changed meanwhile, the sweep is another one."""
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


@pytest.mark.parametrize("words", MEANWHILE, ids=" ".join)
@pytest.mark.parametrize("at", [1, 2])
def test_nothing_else_is_let_in_while_a_study_is_swept(user: User, words: tuple[str, ...], at: int) -> None:
    """Between the values of a case and its run no other command of this machine changes the study, or runs it."""
    assert user.types("param", "set", "21", "Macro.savings_rate=0.3").code == 0
    done: list[Outcome] = []
    user.transport = Acting(user, lambda: done.append(user.types(*words)), "/parameters", at)
    swept = sweep(user)
    assert swept.code == 0, swept.err
    assert (done[0].code, done[0].out, done[0].kind) == (8, "", "refused")
    assert "sweep of study 21" in done[0].err
    assert held(user) == OWN


@pytest.mark.parametrize("words", MEANWHILE[3:], ids=" ".join)
def test_the_values_of_a_case_that_was_left_are_not_run(user: User, words: tuple[str, ...]) -> None:
    """After a sweep was killed its case's values are in the study: a run with them would be taken for the study's."""
    killed(user)
    done = user.types(*words)
    assert (done.code, done.kind, EXECUTE in user.asked) == (8, "refused", False)
    assert "sostrades param undo 21 --to" in done.err
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert user.types("calc", "run", "21").code == 0


def test_own_values_are_read_while_nobody_changes_them(user: User) -> None:
    """From the look at a study's own values until they are kept, the lock of changes is held."""
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
