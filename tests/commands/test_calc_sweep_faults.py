"""Test faults during a sweep: transient ones are retried, all others restore the original values."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from broken_network import DownServer
from conftest import QUICK_SERVERS, SERVERS, StubTransport, mostly_slow

from server_stub.faults import Fault
from sostrades_cli.errors import Termination

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
LOOK, START = "/status/21", "/execute/21"


@dataclass
class ActingNetwork(httpx.BaseTransport):
    """A stub behind a network that runs an action before one request."""

    user: User
    act: Callable[[], object]
    path: str = START
    number: int = 2

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        if request.url.path.endswith(self.path):
            self.number -= 1
            if self.number == 0:
                self.act()
        return self._stub.handle_request(request)


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def sweep(user: User, *words: str, cases: str = CASES) -> Outcome:
    """Sweep study 21."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("-o", str(user.folder / "results.csv"), "--collect", "Damage.damages")
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *results, *words)


def stored_values(user: User) -> tuple[Any, Any]:
    """Return the swept values on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    result = user.world.studies[21]
    result.settle()
    return result.values["Macro.gamma"], result.values["Macro.use_damage"]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


def arming(user: User, *faults: Fault) -> Callable[[], None]:
    """Return a function that arms a fault."""

    def act() -> None:
        for fault in faults:
            user.world.faults.arm(fault)

    return act


def sweep_with_action(user: User, act: Callable[[], object], path: str, number: int, *words: str) -> Outcome:
    """Sweep with an action before one request, and remove the faults afterwards."""
    user.transport = ActingNetwork(user, act, path, number)
    done = sweep(user, *words)
    user.transport = None
    user.world.faults.clear()
    assert not (user.folder / "results.csv").exists()
    return done


LOST = [
    Fault("drop", method="POST", path="parameters$", when="after"),
    Fault("drop", method="POST", path="execute", when="after"),
    Fault("status", method="POST", path="execute", status=502, when="after"),
    Fault("drop_update", method="POST", path="parameters$"),
    Fault("drop", path="status", count=20),
    Fault("status", path="logs", count=99, status=500),
    Fault("status", method="POST", path="download", status=503),
]


@pytest.mark.parametrize("fault", mostly_slow(LOST, 2), ids=lambda fault: f"{fault.kind}-{fault.path}")
def test_transient_faults_lose_no_case(anyone: User, fault: Fault) -> None:
    anyone.transport = ActingNetwork(anyone, arming(anyone, fault), LOOK, 4)
    done = sweep(anyone)
    assert (done.code, stored_values(anyone), journaled(anyone)) == (0, OWN, [("sweep", "restored")])
    assert (anyone.folder / "results.csv").read_text().count("FINISHED") == 3
    assert anyone.requests.count(EXECUTE) == 3


def test_timeout_of_a_case_stops_the_sweep(anyone: User) -> None:
    """The original values are restored, and ended cases are kept."""
    done = sweep_with_action(anyone, lambda: None, LOOK, 1, "--timeout", "5")
    assert (done.code, stored_values(anyone), journaled(anyone)) == (124, OWN, [("sweep", "restored")])
    assert done.error is not None
    # The results of the active run are lost, so there is nothing to watch.
    assert (done.kind, "--resume" in str(done.error.hint), "watch" in str(done.error.hint)) == ("timeout", True, False)


def test_change_by_another_user_during_a_run_stops_the_sweep(anyone: User) -> None:
    """The original values of the swept parameters are restored."""
    study = anyone.world.studies[21]
    done = sweep_with_action(anyone, lambda: study.update({"dice.Macro.periods": 5}), LOOK, 8)
    assert (done.code, done.kind, stored_values(anyone)) == (8, "run_lost", OWN)
    assert study.values["Macro.periods"] == 5


def test_study_with_an_active_run_is_not_swept(anyone: User) -> None:
    """Nothing is sent, and that run ends well."""
    anyone.types("param", "list", "21")
    anyone.world.studies[21].execute()
    done = sweep_with_action(anyone, lambda: None, LOOK, 1)
    assert (done.code, SENT in anyone.requests, EXECUTE in anyone.requests) == (8, False, False)
    assert anyone.types("calc", "watch", "21").code == 0


def test_run_of_another_user_in_place_of_the_case_stops_the_sweep(anyone: User) -> None:
    """Its outputs are not those of the case."""
    done = sweep_with_action(anyone, anyone.world.studies[21].execute, "/logs", 2)
    assert (done.code, done.kind) == (8, "run_lost")
    assert (stored_values(anyone), anyone.requests.count(EXECUTE)) == (OWN, 1)


@pytest.mark.parametrize(
    ("path", "status", "code"), [("execute", 403, 4), ("download", 500, 7), ("parameters$", 403, 4), ("status", 500, 7)]
)
def test_permanent_server_error_stops_the_sweep(anyone: User, path: str, status: int, code: int) -> None:
    """The original values are restored, and the sweep can be resumed."""
    fault = Fault("status", path=path, status=status)
    done = sweep_with_action(anyone, arming(anyone, fault), LOOK, 8)
    assert (done.code, stored_values(anyone), journaled(anyone)) == (code, OWN, [("sweep", "restored")])
    assert "--resume" in done.err


def test_server_error_has_a_single_hint(user: User) -> None:
    """To run the command without --resume would be wrong."""
    fault = Fault("status", path="execute", status=500)
    done = sweep_with_action(user, arming(user, fault), LOOK, 8)
    assert done.error is not None
    assert (done.code, "again" in str(done.error.hint), "--resume" in str(done.error.hint)) == (7, False, True)


@pytest.mark.parametrize("anyone", SERVERS, indirect=True)
def test_case_that_is_not_verified_stops_the_sweep(anyone: User) -> None:
    """The original values are restored."""
    fault = Fault("drop_update", method="POST", path="parameters$", count=2)
    done = sweep_with_action(anyone, arming(anyone, fault), START, 1)
    assert (done.code, stored_values(anyone), journaled(anyone)) == (8, OWN, [("sweep", "restored")])
    assert (done.kind, "--resume" in done.err) == ("not_verified", True)


def test_unrestored_values_are_an_error_with_the_undo_command(user: User) -> None:
    """During an endless outage the exit code is that of the outage."""
    done = sweep_with_action(user, arming(user, Fault("drop", count=9999)), LOOK, 8)
    assert (done.code, stored_values(user)[0], journaled(user)) == (6, 0.1, [("sweep", "begun")])
    assert done.error is not None
    assert (done.kind, done.error.in_doubt, done.error.transient) == ("unreachable", True, True)
    assert "sostrades param undo 21 --to 1" in done.err
    assert sweep(user, "--resume").code == 0
    assert stored_values(user) == OWN


def test_unwritable_log_restores_the_original_values(user: User) -> None:
    done = sweep_with_action(user, lambda: shutil.rmtree(user.folder / "results.d"), START, 2)
    assert (done.code, stored_values(user)) == (1, OWN)


def test_unwritable_case_folder_restores_the_original_values(user: User) -> None:
    blocked = user.folder / "results.d" / "mid"
    done = sweep_with_action(user, lambda: blocked.write_text("a file"), START, 2)
    assert (done.code, stored_values(user)) == (1, OWN)
    assert done.error is not None
    # In another folder, there is nothing to resume.
    assert ("--resume" in str(done.error.hint), "another folder" in str(done.error.hint)) == (True, False)


def test_any_case_name_is_possible(user: User) -> None:
    """All files are in the results folder, and no file replaces another."""
    names = ["sweep.jsonl", "../../away", "/etc", "..", "a/b", "CON", "other"]
    done = sweep(user, cases="case,Macro.gamma\n" + "".join(f"{name},0.1\n" for name in names))
    assert (done.code, stored_values(user)) == (0, OWN)
    tables = list((user.folder / "results.d").rglob("*.csv"))
    assert (len(tables), {path.parent.parent for path in tables}) == (len(names), {user.folder / "results.d"})


@pytest.mark.parametrize(
    "cases", ["case,Macro.population\na,@t.csv\n", "case,Macro.gamma,Macro.population\na,0.1,\nb,,@t.csv\n"]
)
def test_tables_cannot_be_swept_without_uploads(user53: User, cases: str) -> None:
    """The fault is found before the first run."""
    (user53.folder / "t.csv").write_text("years,population\n2020,80.0\n")
    done = sweep(user53, cases=cases)
    assert (done.code in {2, 7}, EXECUTE in user53.requests, stored_values(user53)) == (True, False, OWN)


def test_sweep_whose_progress_log_cannot_be_written_leaves_the_study_free(user: User) -> None:
    # The log is a link, which is refused as a full disk would be.
    real = user.folder / "real"
    real.mkdir()
    (user.folder / "other.jsonl").touch()
    (real / "sweep.jsonl").symlink_to(user.folder / "other.jsonl")
    (user.folder / "results.d").symlink_to(real)
    done = sweep(user, "--overwrite")
    assert (done.code, SENT in user.requests) == (2, False)
    [entry] = json.loads(user.types("param", "history", "21", "-F", "json").out)
    assert (entry["command"], entry["outcome"]) == ("sweep", "not made")
    assert user.types("param", "set", "21", "Macro.gamma=0.7").code == 0


def test_results_that_cannot_be_written_are_written_by_a_resumed_sweep(user: User) -> None:
    results = user.folder / "results.csv"
    user.transport = ActingNetwork(user, results.mkdir, number=1)
    done = sweep(user)
    assert (done.code, done.kind) == (1, "write_failed")
    assert done.error is not None
    assert "--resume" in str(done.error.hint)
    results.rmdir()
    user.transport = None
    runs = user.requests.count(EXECUTE)
    assert sweep(user, "--resume").code == 0
    assert results.is_file()
    assert user.requests.count(EXECUTE) == runs


UPDATE, DOWNLOAD = "/study-case/21/parameters", "/parameter/download"
# A path, the number of its request, and whether the server goes down after its answer.
RESTARTS = [
    (START, 2, False),
    (UPDATE, 2, False),
    (UPDATE, 2, True),
    (START, 2, True),
    (DOWNLOAD, 3, False),
    (DOWNLOAD, 3, True),
    (LOOK, 8, True),
    (UPDATE, 4, False),
    (UPDATE, 4, True),
]


@pytest.mark.parametrize(("path", "number", "after"), mostly_slow(RESTARTS, 4))
def test_restart_of_the_server_loses_no_case(user: User, path: str, number: int, *, after: bool) -> None:
    user.transport = DownServer(user, path, number, seconds=120, after=after)
    done = sweep(user)
    assert user.transport.until is not None
    user.transport = None
    assert (done.code, stored_values(user), journaled(user)) == (0, OWN, [("sweep", "restored")]), done.err
    assert (user.folder / "results.csv").read_text().count("FINISHED") == 3
    assert user.requests.count(EXECUTE) == 3


def test_timeout_ends_a_case_whose_run_died_with_the_server(user: User) -> None:
    """Such a run is RUNNING for ever. A resumed sweep runs its case again."""
    user.transport = DownServer(user, LOOK, 16, seconds=30, kills_runs=True)
    done = sweep(user, "--timeout", "1h")
    user.transport = None
    assert (done.code, stored_values(user), journaled(user)) == (124, OWN, [("sweep", "restored")]), done.err
    assert sweep(user, "--resume").code == 0
    assert user.requests.count(EXECUTE) == 4


@pytest.mark.parametrize("remedy", ["undo", "resume"])
def test_sweep_ends_if_the_server_stays_down_and_its_remedy_works(user: User, remedy: str) -> None:
    server = user.transport = DownServer(user, UPDATE, 2, seconds=9999, after=True)
    done = sweep(user)
    user.transport = None
    assert server.until is not None
    outage_s = user.world.clock.now() - (server.until - server.seconds)
    assert (done.code, 300 < outage_s < 330) == (6, True), outage_s
    assert done.error is not None
    refused = user.types("param", "set", "21", "Macro.gamma=0.4")
    assert refused.error is not None
    assert done.error.hint == refused.error.hint
    command = str(done.error.hint).split("`")[1].split()
    again = user.types(*command[1:]) if remedy == "undo" else sweep(user, "--resume")
    assert (again.code, stored_values(user)) == (0, OWN)


def test_longest_outage_can_be_chosen(user: User) -> None:
    server = user.transport = DownServer(user, UPDATE, 2, seconds=900, after=True)
    assert sweep(user, "--max-outage", "20m").code == 0
    assert server.until is not None


@pytest.mark.parametrize(("signal", "code"), [(KeyboardInterrupt, 130), (Termination, 143)])
def test_signal_while_the_server_is_down_is_reported_with_the_same_remedy(
    user: User, signal: type[BaseException], code: int
) -> None:
    def stop() -> None:
        user.world.faults.arm(Fault("drop", count=9999))
        raise signal

    done = sweep_with_action(user, stop, LOOK, 9)
    assert (done.code, stored_values(user)[0]) == (code, 0.1)
    assert done.error is not None
    assert (done.error.in_doubt, "of 3 cases" in done.err, "--resume" in str(done.error.hint)) == (True, True, True)
    assert sweep(user, "--resume").code == 0
    assert stored_values(user) == OWN
