"""A sweep that is interrupted or killed: own values back, and `--resume` completes it as if nothing had happened."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import HOST, MemoryKeyring, StubTransport, User, slow

from server_stub.clock import ManualClock
from server_stub.world import Right
from server_stub.worlds import build_world
from server_stub.worlds.dice import DICE
from sostrades_cli.errors import Hangup, Termination

if TYPE_CHECKING:
    from conftest import Outcome

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
DOWNLOAD, UPDATE, START, LOOK = "/parameter/download", "/parameters", "/execute/21", "/status/21"
# In the middle of the second case, in the order in which a sweep asks: path, which of them, before or after it.
MOMENTS = [(UPDATE, 2, False), (UPDATE, 2, True), (START, 2, False), (START, 2, True), (LOOK, 14, True)]


class KilledError(BaseException):
    """The end of a process, as nothing in it may catch it."""


@dataclass
class Breaking(httpx.BaseTransport):
    """The stub, whose client comes to its end at one request, and at each change after that if it is `twice`."""

    user: User
    error: type[BaseException]
    path: str
    number: int
    after: bool = False
    twice: bool = False

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        dead = self.error is KilledError and self.number <= 0
        again = dead or (self.twice and self.number <= 0 and request.url.path.endswith(UPDATE))
        self.number -= request.url.path.endswith(self.path)
        now = request.url.path.endswith(self.path) and self.number == 0
        if (now and not self.after) or again:
            raise self.error
        response = self._stub.handle_request(request)
        if now:
            raise self.error
        return response


def sweep(user: User, *words: str, cases: str = CASES, into: str = "results.csv", study: int = 21) -> Outcome:
    """Sweep a study."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("-o", str(user.folder / into), "--collect", "Damage.damages", "--collect", "Damage.total_damage")
    return user.types("calc", "sweep", str(study), str(user.folder / "cases.csv"), *results, *words)


def broken(user: User, error: type[BaseException], moment: tuple[str, int, bool] = MOMENTS[-1], **more: Any) -> Outcome:
    """Sweep until something ends it; what a process that died leaves is no outcome."""
    twice = more.pop("twice", False)
    user.transport = Breaking(user, error, *moment, twice=twice)
    try:
        return sweep(user, *more.pop("words", ()), **more)
    finally:
        user.transport = None


def killed(user: User, moment: tuple[str, int, bool] = MOMENTS[-1], **more: Any) -> None:
    """Sweep until the process is killed."""
    with pytest.raises(KilledError):
        broken(user, KilledError, moment, **more)


def held(user: User, study: int = 21) -> tuple[Any, Any]:
    """Return what the server holds of the swept parameters, when all that is on its way has arrived."""
    user.world.clock.sleep(1.0)
    found = user.world.studies[study]
    found.settle()
    return found.values["Macro.gamma"], found.values["Macro.use_damage"]


def journaled(user: User, study: int = 21) -> list[tuple[str, str]]:
    """Return command and outcome of each entry."""
    found = json.loads(user.types("param", "history", str(study), "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in found]


def states(user: User) -> dict[str, str]:
    """Return the last that the record has of each case."""
    lines = (user.folder / "results.d" / "sweep.jsonl").read_text().splitlines()
    return {one["case"]: one["state"] for one in map(json.loads, lines) if "case" in one}


def files(user: User) -> dict[str, bytes]:
    """Return the results with their tables."""
    found = [user.folder / "results.csv", *(user.folder / "results.d").rglob("*.csv")]
    return {str(path.relative_to(user.folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what a sweep gives that nothing disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    world = build_world("demo", clock=ManualClock())
    folders = {f"SOSTRADES_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    user = User(world, folder, MemoryKeyring(), {"SOSTRADES_HOST": HOST, "SOSTRADES_API_KEY": world.key, **folders})
    assert sweep(user).code == 0
    return files(user)


# Ctrl-C, SIGTERM and SIGHUP ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), slow(Termination, 143), slow(Hangup, 129)])
@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupt_gives_the_study_its_own_values_at_once(
    anyone: User, error: type[BaseException], code: int, moment: tuple[str, int, bool]
) -> None:
    """Wherever the signal comes: no further case, own values back, no results, and a line that says so."""
    done = broken(anyone, error, moment)
    assert (done.code, held(anyone), journaled(anyone)) == (code, OWN, [("sweep", "restored")])
    assert states(anyone) == {"low": "FINISHED", "mid": "ABANDONED"}
    assert not (anyone.folder / "results.csv").exists()
    assert "with 1 of 3 cases done; study 21 has its own values again" in done.err.splitlines()[-2]
    assert ("--resume" in done.err, "Traceback" in done.err) == (True, False)


def test_an_interrupted_sweep_goes_on(anyone: User, whole: dict[str, bytes]) -> None:
    """`--resume` runs what is not over, and the results are those of a sweep that nothing disturbed."""
    broken(anyone, KeyboardInterrupt)
    anyone.world.requests.clear()
    done = sweep(anyone, "--resume")
    assert (done.code, anyone.asked.count(EXECUTE), files(anyone)) == (0, 2, whole)
    assert (held(anyone), {outcome for _, outcome in journaled(anyone)}) == (OWN, {"restored"})


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Termination, 143), (Hangup, 129)])
def test_a_second_interrupt_says_what_puts_the_values_back(anyone: User, error: type[BaseException], code: int) -> None:
    """Who interrupts the putting back as well is told the command that does it; the journal has what it needs."""
    done = broken(anyone, error, twice=True)
    assert (done.code, journaled(anyone)) == (code, [("sweep", "begun")])
    assert (held(anyone), "sostrades param undo 21 --yes" in done.err) == ((0.2, False), True)
    anyone.world.clock.sleep(60)
    assert anyone.types("param", "undo", "21", "--yes").code == 0
    assert held(anyone) == OWN


def test_the_command_that_is_told_works_when_it_is_told(anyone: User) -> None:
    """The command that puts the values back after a second Ctrl-C does so at once, though the run still goes on."""
    done = broken(anyone, KeyboardInterrupt, twice=True)
    [command] = re.findall(r"sostrades (param undo 21(?: --\w+)*)", done.err)
    undone = anyone.types(*command.split())
    assert (undone.code, held(anyone)) == (0, OWN)


def test_an_interrupt_while_values_are_put_back_at_the_end(user: User, whole: dict[str, bytes]) -> None:
    """Ctrl-C after the last case leaves a sweep that `--resume` only has to end: values back, results written."""
    done = broken(user, KeyboardInterrupt, (UPDATE, 4, False))
    assert (done.code, "sostrades param undo 21 --yes" in done.err) == (130, True)
    user.world.requests.clear()
    assert sweep(user, "--resume").code == 0
    assert (user.asked.count(EXECUTE), held(user), files(user)) == (0, OWN, whole)


def test_an_interrupt_before_anything_is_set(user: User) -> None:
    """Ctrl-C while cases are read leaves nothing behind: the same command starts afresh."""
    assert broken(user, KeyboardInterrupt, (DOWNLOAD, 1, True)).code == 130
    assert (journaled(user), SENT in user.asked) == ([], False)
    assert sweep(user).code == 0


# A process that is killed ---------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_sweep_goes_on(anyone: User, moment: tuple[str, int, bool], whole: dict[str, bytes]) -> None:
    """Wherever a process dies, `--resume` gives the results of a sweep that nothing disturbed, and own values back."""
    killed(anyone, moment)
    assert journaled(anyone) == [("sweep", "begun")]
    done = sweep(anyone, "--resume")
    assert (done.code, held(anyone), files(anyone)) == (0, OWN, whole)
    assert journaled(anyone) == [("sweep", "restored")]


def test_a_sweep_that_is_killed_again_and_again_goes_on(user: User, whole: dict[str, bytes]) -> None:
    """Each time it is resumed it goes on where it stopped, and the own values are those from before the first case."""
    killed(user, (START, 1, True))
    for _ in range(2):
        user.world.clock.sleep(60)
        killed(user, (START, 2, True), words=("--resume",))
    user.world.clock.sleep(60)
    assert sweep(user, "--resume").code == 0
    assert (held(user), files(user), journaled(user)) == (OWN, whole, [("sweep", "restored")])


def test_a_run_that_still_goes_on_is_waited_for(user: User) -> None:
    """A run that a killed process has left is not lost: `--resume` waits for its end before it sets anything."""
    killed(user)
    run = user.world.studies[21].run
    done = sweep(user, "--resume")
    assert run is not None
    assert (run.lost, run.succeeds) == (False, True)
    assert "still runs" in done.err.splitlines()[0]


def test_undo_puts_back_what_a_killed_sweep_left(anyone: User) -> None:
    """After a kill the study has the values of a case, and `param undo` the own ones, when the run is over."""
    killed(anyone)
    assert held(anyone) == (0.2, False)
    anyone.world.clock.sleep(60)
    assert anyone.types("param", "undo", "21").code == 0
    assert (held(anyone), journaled(anyone)) == (OWN, [("sweep", "begun"), ("undo", "done")])


def test_a_sweep_that_was_undone_goes_on(user: User, whole: dict[str, bytes]) -> None:
    """Also after `param undo` a killed sweep can be resumed; at its end the own values are back once more."""
    killed(user)
    user.world.clock.sleep(60)
    user.types("param", "undo", "21")
    assert sweep(user, "--resume").code == 0
    assert (held(user), files(user)) == (OWN, whole)
    assert journaled(user)[-1] == ("sweep", "restored")


def test_a_torn_line_is_no_obstacle(user: User, whole: dict[str, bytes]) -> None:
    """A last line that the crash has cut is ignored, also when the next one crashes, too."""
    for count in (2, 2):
        killed(user, (START, count, False), words=("--resume",) if (user.folder / "results.d").exists() else ())
        record = user.folder / "results.d" / "sweep.jsonl"
        record.write_bytes(record.read_bytes()[:-30])
    done = sweep(user, "--resume")
    assert done.code == 0, done.err
    assert (held(user), files(user)) == (OWN, whole)


# What can be resumed --------------------------------------------------------------------------------


def test_failed_cases_are_not_run_again(user: User) -> None:
    """A case that has failed is over: it is in the results, with its cause, without another run; exit 3."""
    cases = CASES.replace("0.1", "1e300")
    broken(user, KeyboardInterrupt, (START, 2, True), cases=cases)
    user.world.requests.clear()
    assert sweep(user, "--resume", cases=cases).code == 3
    assert (user.asked.count(EXECUTE), list(states(user).values())) == (2, ["FAILED", "FINISHED", "FINISHED"])
    assert b'FAILED,"OverflowError' in files(user)["results.csv"]


def test_a_study_that_never_ran_can_be_resumed(user: User) -> None:
    """What the first case of a study computes is no other input of it: the sweep goes on."""
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    user.world.add_study(31, "fresh", DICE, rights)
    broken(user, KeyboardInterrupt, ("/execute/31", 3, True), study=31)
    done = sweep(user, "--resume", study=31)
    assert done.code == 0, done.err
    assert held(user, 31) == OWN


def test_results_may_have_another_format(user: User) -> None:
    """The record lies beside the results whatever their format: `--resume` may ask for another one."""
    broken(user, KeyboardInterrupt)
    assert sweep(user, "--resume", into="results.json").code == 0
    assert [row["status"] for row in json.loads((user.folder / "results.json").read_text())] == ["FINISHED"] * 3
