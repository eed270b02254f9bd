"""`sostrades calc run`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import SERVERS, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

EXECUTE = "POST /api/v0/calculation/execute/21"
STATUS = "GET /api/v0/calculation/status/21"


@pytest.mark.parametrize("server", SERVERS)
def test_a_good_run_is_watched_to_its_end(user_of: Callable[..., User], server: str) -> None:
    """Status first, one execute, then a line per change until FINISHED; exit 0 and a silent standard error."""
    user = user_of(server)
    done = user.types("calc", "run", "21")
    lines = [line.split("  ") for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [line[2] for line in lines] == ["PENDING", "RUNNING", "FINISHED"]
    assert all(line[1] == "21" for line in lines)
    assert lines[-1][3].startswith("after ")
    assert user.requests[:2] == [STATUS, EXECUTE]
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("server", SERVERS)
def test_a_failed_run_is_exit_3_with_its_cause(user_of: Callable[..., User], server: str) -> None:
    """A run that fails is exit 3, and the error holds the last traceback of the log, not the lines after it."""
    done = user_of(server).types("calc", "run", "22")
    assert done.code == 3
    assert done.out.splitlines()[-1].split("  ")[2] == "FAILED"
    assert "deliberate failure: temperature is out of bounds" in done.err
    assert "Traceback (most recent call last):" in done.err
    assert "Process 4711 leaves" not in done.err


def test_a_failed_run_whose_log_cannot_be_had_is_exit_3_all_the_same(user: User) -> None:
    """The outcome is not hidden by a log that cannot be read."""
    user.world.faults.arm(Fault("status", count=99, path="logs", status=500))
    done = user.types("calc", "run", "22")
    assert done.code == 3
    assert "cannot read its log" in done.err


def test_events_tell_the_whole_run(user: User) -> None:
    """`-F ndjson` prints one event a line with the fixed names; the last one holds outcome, exit code and cause."""
    done = user.types("calc", "run", "22", "-F", "ndjson")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert all({"event", "time", "study", "status"} <= event.keys() for event in events)
    assert (events[0]["event"], events[0]["status"]) == ("started", "PENDING")
    last = events[-1]
    assert (last["event"], last["outcome"], last["exit_code"], last["study"]) == ("finished", "FAILED", 3, 22)
    assert last["elapsed_s"] > 5
    assert "deliberate failure" in last["cause"]
    [error] = done.err.splitlines()
    assert (json.loads(error)["code"], json.loads(error)["kind"], done.code) == (3, "run_failed", 3)


def test_json_is_the_last_state(user: User) -> None:
    """`-F json` prints the server's own status object, once, at the end."""
    done = user.types("calc", "run", "21", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == json.loads(user.types("api", "GET", STATUS.split()[1]).out)


def test_detach_returns_at_once(user: User) -> None:
    """`--detach` returns when the start was accepted, with the server's state."""
    done = user.types("calc", "run", "21", "--detach", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["study_case_execution_status"] == "PENDING"
    assert user.requests == [STATUS, EXECUTE]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("passed", [0.0, 4.0])
def test_a_live_run_is_never_executed_again(user_of: Callable[..., User], server: str, passed: float) -> None:
    """A study that is PENDING or RUNNING is exit 8 without an execute, and its run ends well."""
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(passed)
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (8, "")
    assert user.requests.count(EXECUTE) == 1
    assert user.types("calc", "watch", "21").code == 0


def test_an_unknown_status_is_taken_for_a_live_run(user: User) -> None:
    """A status that the tool does not know may be a run: exit 8, nothing started."""
    user.world.studies[21].label = "POD WARMING UP"
    done = user.types("calc", "run", "21")
    assert done.code == 8
    assert "POD WARMING UP" in done.err
    assert EXECUTE not in user.requests


def test_a_run_that_began_between_look_and_start_is_exit_8(user: User) -> None:
    """When the server refuses because a run is going on already, the tool says so and does not try again."""
    refusal = "CalculationError(CalculationError(Study already submitted.\nIt must be stopped/terminated))"
    body = json.dumps({"statusCode": 400, "name": "Bad Request", "description": refusal})
    fault = Fault("status", method="POST", path="execute", status=400, body=body, content_type="application/json")
    user.world.faults.arm(fault)
    done = user.types("calc", "run", "21")
    assert done.code == 8
    assert done.kind == "run_active"
    assert user.requests.count(EXECUTE) == 1


BEGUN = [
    Fault("drop", method="POST", path="execute", when="after"),
    Fault("status", method="POST", path="execute", status=502, when="after"),
    Fault("status", method="POST", path="execute", status=500, when="after"),
    Fault("cut", method="POST", path="execute"),
]
NOT_BEGUN = [
    (Fault("drop", method="POST", path="execute", when="before"), 6),
    (Fault("hang", method="POST", path="execute"), 6),
    (Fault("status", method="POST", path="execute", status=502, when="before"), 7),
]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("fault", BEGUN, ids=lambda fault: f"{fault.kind}{fault.status}")
def test_a_start_whose_answer_was_lost_is_found(user_of: Callable[..., User], server: str, fault: Fault) -> None:
    """When only the answer was lost, the status shows that the run has begun: it is said so, and watched."""
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("calc", "run", "21")
    assert done.code == 0
    assert "the run has started despite the error" in done.err
    assert done.out.splitlines()[-1].split("  ")[2] == "FINISHED"
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("fault", "code"), NOT_BEGUN, ids=["drop", "hang", "502"])
def test_a_start_that_never_arrived_is_told(user_of: Callable[..., User], server: str, fault: Fault, code: int) -> None:
    """When the request itself was lost, the tool says that no run has begun, and never sends it again."""
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (code, "")
    assert "no run of study 21 has started" in done.err
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("server", SERVERS)
def test_a_refused_start_that_began_all_the_same_is_told(user_of: Callable[..., User], server: str) -> None:
    """A refusal is an error, whose it ever is; that a run goes on is said with it, and it is not started again."""
    user = user_of(server)
    user.world.faults.arm(Fault("status", status=429, when="after", method="POST", path="execute"))
    done = user.types("calc", "run", "21")
    assert (done.code, done.out, user.requests.count(EXECUTE)) == (7, "", 1)
    assert "study 21 is now PENDING: `sostrades calc watch 21`" in done.err


class _AnswersTooLate(httpx.BaseTransport):
    """The stub, whose execute is carried out and answered only after the client has given up."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._clock = user.world.clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer; of an execute let the answer come too late."""
        request.read()
        answer = self._inner.handle_request(request)
        if "/execute/" in request.url.path:
            self._clock.sleep(61.0)
            raise httpx.ReadTimeout("timed out")
        return answer


def test_a_run_that_is_over_before_its_start_was_given_up(user: User) -> None:
    """A first run that has failed by the time the lost answer is looked into has begun: exit 3, not `no run`."""
    user.transport = _AnswersTooLate(user)
    done = user.types("calc", "run", "22")
    assert "no run of" not in done.err
    assert done.code == 3


def test_a_finished_study_whose_new_run_finished_meanwhile(user: User) -> None:
    """FINISHED before and after a lost start does not prove that no run has begun, so that is not said."""
    user.transport = _AnswersTooLate(user)
    done = user.types("calc", "run", "21")
    assert "no run of study 21 has started" not in done.err


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5), ("24", 8)])
def test_what_cannot_be_started(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """Without a right exit 4, an unknown study exit 5, one that cannot be loaded exit 8; nothing is sent twice."""
    user = user_of(server)
    done = user.types("calc", "run", study)
    assert (done.code, done.out) == (code, "")
    assert user.requests.count(f"POST /api/v0/calculation/execute/{study}") <= 1


@pytest.mark.parametrize("wrong", ["abc", "-1", "0", "1.5"])
def test_wrong_numbers_are_refused_without_a_request(user: User, wrong: str) -> None:
    """A number that no study has is exit 2, and nothing is asked."""
    assert user.types("calc", "run", "--", wrong).code == 2
    assert user.requests == []


def test_time_over_is_exit_124_and_the_run_goes_on(user: User) -> None:
    """`--timeout` ends the watching, not the run."""
    done = user.types("calc", "run", "21", "--timeout", "2")
    assert done.code == 124
    assert done.kind == "timeout"
    assert user.types("calc", "watch", "21").code == 0


def test_a_login_page_in_place_of_the_answer_is_exit_7(user: User) -> None:
    """A 200 with HTML tells nothing about the start: exit 7, sent once."""
    user.world.faults.arm(Fault("body", method="POST", path="execute", body="<html>Please log in</html>"))
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (7, "")
    assert user.requests.count(EXECUTE) == 1


def test_a_changed_study_runs_with_the_change(user: User) -> None:
    """After `param set` a run computes with what was set."""
    before: Any = user.types("param", "get", "21", "dice.Damage.total_damage").out
    user.types("param", "set", "21", "Damage.theta=0.5")
    assert user.types("calc", "run", "21").code == 0
    assert user.types("param", "get", "21", "dice.Damage.total_damage").out != before
