"""Test `calc sweep --studies`: copies share the work, and the results do not depend on their number."""

from __future__ import annotations

import json
import re
import signal
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport, make_user, slow

from server_stub.faults import Fault
from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Outcome, User

    from server_stub.study import Study

QUICK_SERVERS = ("documented", slow("5.3"))
CASES = "case,Macro.gamma,Macro.use_damage\na,0.1,\nb,0.2,no\nc,1e300,\nd,0.4,yes\ne,0.5,\n"
FEW_CASES = "Macro.gamma\n0.1\n0.2\n0.4\n"
OWN = (0.3, True)
COPIES = {31: "one", 32: "two", 33: "a.name with.dots"}
ACTIVE = {"PENDING", "RUNNING"}


def copies(user: User, past: Callable[[Study], None] = finished, *numbers: int) -> User:
    """Add copies of study 21, with a finished run by default, and return the user."""
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    for number in numbers or COPIES:
        user.world.add_study(number, COPIES[number], DICE, rights, past)
    return user


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server with copies of study 21 that have run."""
    return copies(user_of(request.param))


def sweep(user: User, studies: str, *words: str, cases: str = CASES, into: str = "results.csv") -> Outcome:
    """Sweep study 21 on several studies."""
    (user.folder / "cases.csv").write_text(cases)
    keys = ("Damage.total_damage", "Damage.damages", "Damage.message", "Macro.shares")
    results = (*(word for key in keys for word in ("--collect", key)), "-o", str(user.folder / into))
    # The workers share the clock of the stub, so the waits of one count towards the time limits of the others.
    helping = ("--studies", studies, "--read-timeout", "10m") if studies else ()
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *results, *helping, *words)


def files(user: User) -> dict[str, bytes]:
    """Return all files of a sweep except its log."""
    result = [user.folder / "results.csv", *(user.folder / "results.d").rglob("*")]
    expected = [path for path in result if path.is_file() and path.name != "sweep.jsonl"]
    return {str(path.relative_to(user.folder)): path.read_bytes() for path in expected}


def stored_values(user: User, study: int) -> tuple[Any, Any]:
    """Return the swept values on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[study]
    result.settle()
    return result.values["Macro.gamma"], result.values["Macro.use_damage"]


def journaled(user: User, study: int) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", str(study), "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


def changes(user: User) -> list[str]:
    """Return the requests that change or run a study."""
    return [request for request in user.requests if request.endswith("/parameters") or "/execute/" in request]


def workers_end() -> None:
    """Wait for the last requests of the threads of an interrupted sweep."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.daemon and "_serve" in thread.name:
            thread.join(timeout=60)
            assert not thread.is_alive()


class KilledError(BaseException):
    """The death of a process. No code may catch it."""


class InterruptedClient(httpx.BaseTransport):
    """A stub behind a client that ends at a request."""

    def __init__(self, user: User, path: str | tuple[str, ...], act: Callable[[], object], number: int = 1) -> None:
        self._stub = StubTransport(user.world)
        self._path, self._act, self._left = path, act, number
        self.kills = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        if request.url.path.endswith(self._path) or (self.kills and self._left <= 0):
            self._left -= 1
            if self._left == 0 or (self.kills and self._left < 0):
                self._act()
        return self._stub.handle_request(request)


def sweep_killed(user: User, studies: str, path: str, number: int, **more: str) -> None:
    """Sweep with one study until the process is killed at a request."""

    def die() -> None:
        raise KilledError

    user.transport = InterruptedClient(user, path, die, number)
    user.transport.kills = True
    with pytest.raises(KilledError):
        sweep(user, studies, **more)
    user.transport = None


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a sweep on study 21 alone."""
    user = make_user(tmp_path_factory.mktemp("alone"))
    assert sweep(user, "").code == 3
    return files(user)


# The same results -----------------------------------------------------------------------------------


@pytest.mark.parametrize("studies", [slow("31"), "21,31", slow("33,32,31")])
def test_results_do_not_depend_on_the_number_of_studies(anyone: User, studies: str, alone: dict[str, bytes]) -> None:
    assert sweep(anyone, studies).code == 3
    assert files(anyone) == alone
    assert len(alone) == 5


@pytest.mark.slow
@pytest.mark.parametrize("glob", ["Output*", "*Damage/*"])
def test_charts_do_not_depend_on_the_study(user: User, glob: str) -> None:
    copies(user)
    sweep(user, "", "--collect-charts", glob, cases=FEW_CASES)
    alone = files(user)
    sweep(user, "32", "--collect-charts", glob, "--overwrite", cases=FEW_CASES)
    assert files(user) == alone
    assert len(alone) > 5


@pytest.mark.slow
def test_chart_glob_with_a_discipline_matches_on_every_study(user: User) -> None:
    copies(user)
    sweep(user, "", "--collect-charts", "dice.Damage/*", cases=FEW_CASES)
    alone = set(files(user))
    sweep(user, "32", "--collect-charts", "dice.Damage/*", "--overwrite", cases=FEW_CASES)
    assert set(files(user)) == alone


# Sharing --------------------------------------------------------------------------------------------


def test_every_study_runs_cases_and_is_restored(anyone: User) -> None:
    """Other studies are not changed."""
    sweep(anyone, "31,32")
    assert {f"POST /api/v0/calculation/execute/{number}" for number in (31, 32)} <= set(anyone.requests)
    assert sum("/execute/" in request for request in anyone.requests) == 5
    assert {stored_values(anyone, number) for number in (21, 31, 32, 33)} == {OWN}
    assert [journaled(anyone, number) for number in (21, 31, 32)] == [
        [],
        [("sweep", "restored")],
        [("sweep", "restored")],
    ]


class StartsTogether(httpx.BaseTransport):
    """A stub that answers the first start only after another study has started."""

    def __init__(self, user: User) -> None:
        self._stub = StubTransport(user.world)
        self._studies = user.world.studies
        self._both = threading.Event()
        self.most = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, in turn."""
        answer = self._stub.handle_request(request)
        if "/execute/" in request.url.path:
            going_on = sum(self._studies[number].status in ACTIVE for number in (31, 32))
            self.most = max(self.most, going_on)
            self._both.set() if going_on > 1 else self._both.wait(timeout=60)
        return answer


def test_studies_run_at_the_same_time(user: User) -> None:
    user.transport = transport = StartsTogether(copies(user))
    sweep(user, "31,32", cases="Macro.gamma\n0.1\n0.2\n")
    assert transport.most == 2


def test_duplicate_study_is_one_study(user: User) -> None:
    assert sweep(copies(user), "31,31").code == 3
    assert journaled(user, 31) == [("sweep", "restored")]


@pytest.mark.slow
def test_new_copies_can_share_the_work(user: User) -> None:
    numbers = [user.types("study", "copy", "21", name, "-q").out.strip() for name in ("x", "y")]
    done = sweep(user, ",".join(numbers), cases="Macro.gamma\n0.1\n0.2\n")
    assert (done.code, [stored_values(user, int(number)) for number in numbers]) == (0, [OWN, OWN])


# Copies that cannot help ----------------------------------------------------------------------------


@pytest.mark.parametrize("anyone", ["documented", "5.3"], indirect=True)
def test_copies_with_other_inputs_are_rejected(anyone: User) -> None:
    """The error names the inputs and `study diff`. Nothing is sent."""

    def other(study: Study) -> None:
        study.values["Macro.periods"] = 3
        finished(study)

    copies(anyone, other, 32)
    done = sweep(anyone, "31,32")
    assert (done.code, changes(anyone), list(anyone.folder.glob("results*"))) == (8, [], [])
    assert ("Macro.periods" in done.err, "sostrades study diff 21 32" in done.err) == (True, True)
    assert journaled(anyone, 31) == []


def test_study_that_cannot_start_leaves_the_others_unchanged(user: User) -> None:
    copies(user)
    sweep_killed(user, "32", "/execute/32", 1, into="old.csv", cases="Macro.gamma,Macro.periods\n0.3,11\n0.4,\n")
    assert sweep(user, "31,32").code == 8
    assert journaled(user, 31) == []


# Interrupts and errors ------------------------------------------------------------------------------


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Give Ctrl-C its default handler, which background processes ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_restores_all_studies(user: User, alone: dict[str, bytes]) -> None:
    """The sweep can be resumed."""
    copies(user)
    main = threading.main_thread().ident or 0
    either = ("/status/31", "/status/32")
    user.transport = InterruptedClient(user, either, lambda: signal.pthread_kill(main, signal.SIGINT), 16)
    done = sweep(user, "31,32")
    workers_end()
    assert (done.code, stored_values(user, 31), stored_values(user, 32)) == (130, OWN, OWN)
    assert not (user.folder / "results.csv").exists()
    user.transport = None
    assert sweep(user, "31,32", "--resume").code == 3
    assert files(user) == alone


def test_error_of_one_study_stops_and_restores_all(user: User) -> None:
    copies(user).world.faults.arm(Fault("status", path="execute/32", status=403))
    done = sweep(user, "31,32")
    workers_end()
    assert (done.code, {stored_values(user, number) for number in (31, 32)}) == (4, {OWN})
    assert [journaled(user, number) for number in (31, 32)] == [[("sweep", "restored")]] * 2


def test_failed_restore_of_one_study_does_not_affect_the_others(user: User) -> None:
    """The error names only the command for that study."""
    copies(user)
    trouble = [
        Fault("status", path="status/31", status=500),
        Fault("status", method="POST", path="31/parameters$", count=99, status=403),
    ]

    def act() -> None:
        for fault in trouble:
            user.world.faults.arm(fault)

    user.transport = InterruptedClient(user, "/status/31", act, 6)
    done = sweep(user, "31,32", cases="Macro.gamma\n0.1\n")
    workers_end()
    assert (stored_values(user, 31), journaled(user, 31)) == ((0.1, True), [("sweep", "begun")])
    assert ("sostrades param undo 31" in done.err, "sostrades param undo 32" in done.err) == (True, False)
    assert journaled(user, 32) == [("sweep", "restored")]


@pytest.mark.parametrize("studies", [slow(""), slow("31"), "32", slow("21,31")])
def test_killed_sweep_can_be_resumed_on_other_studies(user: User, studies: str, alone: dict[str, bytes]) -> None:
    """The first study is restored, too."""
    copies(user)
    sweep_killed(user, "31", "/execute/31", 2)
    assert sweep(user, studies, "--resume").code == 3
    assert (files(user), stored_values(user, 31)) == (alone, OWN)
    assert journaled(user, 31)[-1] == ("sweep", "restored")


@pytest.mark.parametrize(
    ("studies", "named"), [slow("", [21, 31]), slow("31", [31]), ("33,32", [33, 32, 31]), slow("21,31", [21, 31])]
)
def test_resumed_sweep_names_every_study_that_it_restored(user: User, studies: str, named: list[int]) -> None:
    """Those of the killed sweep, too, because their results are lost as well."""
    copies(user)
    sweep_killed(user, "31", "/execute/31", 2, cases=FEW_CASES)
    done = sweep(user, studies, "--resume", cases=FEW_CASES)
    [restored] = [line for line in done.err.splitlines() if line.startswith("restored") and "after" not in line]
    [outdated] = [line for line in done.err.splitlines() if "calc run" in line]
    assert [int(word) for word in re.findall(r"\d+", restored)] == named
    assert outdated.endswith(" ".join(map(str, named)))


@pytest.mark.slow
def test_interrupted_resume_names_the_studies_of_the_killed_sweep(user: User) -> None:
    copies(user)
    sweep_killed(user, "31", "/execute/31", 2, cases=FEW_CASES)

    def act() -> None:
        raise KeyboardInterrupt

    user.transport = InterruptedClient(user, "/execute/32", act)
    done = sweep(user, "32", "--resume", cases=FEW_CASES)
    assert done.error is not None
    assert (done.code, "studies 32, 31" in done.error.message) == (130, True)


@pytest.mark.slow
def test_sweep_killed_on_its_own_study_can_be_resumed_with_copies(user: User, alone: dict[str, bytes]) -> None:
    """Its baseline is read after the values of the interrupted case are replaced."""
    copies(user)
    sweep_killed(user, "", "/execute/21", 2)
    assert sweep(user, "21,31", "--resume").code == 3
    assert (files(user), stored_values(user, 21)) == (alone, OWN)
