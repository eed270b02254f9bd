"""Test `sostrades calc run`."""

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
def test_successful_run_is_started_once_and_watched_to_its_end(user_of: Callable[..., User], server: str) -> None:
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
def test_failed_run_is_exit_3_with_the_last_traceback(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("calc", "run", "22")
    assert done.code == 3
    assert done.out.splitlines()[-1].split("  ")[2] == "FAILED"
    assert "deliberate failure: temperature is out of bounds" in done.err
    assert "Traceback (most recent call last):" in done.err
    assert "Process 4711 leaves" not in done.err


def test_failed_run_with_unreadable_log_is_exit_3(user: User) -> None:
    user.world.faults.arm(Fault("status", count=99, path="logs", status=500))
    done = user.types("calc", "run", "22")
    assert done.code == 3
    assert "cannot read its log" in done.err


def test_ndjson_has_events_and_ends_with_the_outcome(user: User) -> None:
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


def test_json_is_the_last_status_object(user: User) -> None:
    done = user.types("calc", "run", "21", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == json.loads(user.types("api", "GET", STATUS.split()[1]).out)


def test_detach_returns_after_the_start(user: User) -> None:
    done = user.types("calc", "run", "21", "--detach", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["study_case_execution_status"] == "PENDING"
    assert user.requests == [STATUS, EXECUTE]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("passed", [0.0, 4.0])
def test_active_run_is_not_started_again(user_of: Callable[..., User], server: str, passed: float) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(passed)
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (8, "")
    assert user.requests.count(EXECUTE) == 1
    assert user.types("calc", "watch", "21").code == 0


def test_unknown_status_counts_as_an_active_run(user: User) -> None:
    user.world.studies[21].label = "POD WARMING UP"
    done = user.types("calc", "run", "21")
    assert done.code == 8
    assert "POD WARMING UP" in done.err
    assert EXECUTE not in user.requests


def test_run_started_by_another_user_is_exit_8(user: User) -> None:
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
def test_start_with_a_lost_answer_is_detected_and_watched(
    user_of: Callable[..., User], server: str, fault: Fault
) -> None:
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("calc", "run", "21")
    assert done.code == 0
    assert "the run has started despite the error" in done.err
    assert done.out.splitlines()[-1].split("  ")[2] == "FINISHED"
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("fault", "code"), NOT_BEGUN, ids=["drop", "hang", "502"])
def test_lost_start_request_is_reported_and_not_repeated(
    user_of: Callable[..., User], server: str, fault: Fault, code: int
) -> None:
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (code, "")
    assert "no run of study 21 has started" in done.err
    assert user.requests.count(EXECUTE) == 1


@pytest.mark.parametrize("server", SERVERS)
def test_refused_start_that_started_a_run_is_reported_and_not_repeated(
    user_of: Callable[..., User], server: str
) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("status", status=429, when="after", method="POST", path="execute"))
    done = user.types("calc", "run", "21")
    assert (done.code, done.out, user.requests.count(EXECUTE)) == (7, "", 1)
    assert "study 21 is now PENDING: `sostrades calc watch 21`" in done.err


class _LateAnswer(httpx.BaseTransport):
    """A stub that executes the start and answers after the client has timed out."""

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


def test_run_that_failed_before_the_timeout_of_its_start_is_exit_3(user: User) -> None:
    user.transport = _LateAnswer(user)
    done = user.types("calc", "run", "22")
    assert "no run of" not in done.err
    assert done.code == 3


def test_lost_start_of_a_finished_study_is_not_reported_as_not_started(user: User) -> None:
    """FINISHED before and after proves neither."""
    user.transport = _LateAnswer(user)
    done = user.types("calc", "run", "21")
    assert "no run of study 21 has started" not in done.err


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5), ("24", 8)])
def test_study_that_cannot_be_started_is_an_error(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    user = user_of(server)
    done = user.types("calc", "run", study)
    assert (done.code, done.out) == (code, "")
    assert user.requests.count(f"POST /api/v0/calculation/execute/{study}") <= 1


@pytest.mark.parametrize("wrong", ["abc", "-1", "0", "1.5"])
def test_invalid_study_numbers_are_rejected_without_a_request(user: User, wrong: str) -> None:
    assert user.types("calc", "run", "--", wrong).code == 2
    assert user.requests == []


def test_timeout_is_exit_124_and_the_run_continues(user: User) -> None:
    done = user.types("calc", "run", "21", "--timeout", "2")
    assert done.code == 124
    assert done.kind == "timeout"
    assert user.types("calc", "watch", "21").code == 0


def test_login_page_instead_of_an_answer_is_exit_7(user: User) -> None:
    user.world.faults.arm(Fault("body", method="POST", path="execute", body="<html>Please log in</html>"))
    done = user.types("calc", "run", "21")
    assert (done.code, done.out) == (7, "")
    assert user.requests.count(EXECUTE) == 1


def test_run_uses_changed_parameters(user: User) -> None:
    before: Any = user.types("param", "get", "21", "dice.Damage.total_damage").out
    user.types("param", "set", "21", "Damage.theta=0.5")
    assert user.types("calc", "run", "21").code == 0
    assert user.types("param", "get", "21", "dice.Damage.total_damage").out != before


def test_started_run_has_no_empty_columns(user: User) -> None:
    done = user.types("calc", "run", "21", "--detach", tty=True, NO_COLOR="1")
    header, row = done.out.splitlines()
    assert len(header.split()) == len(row.split())
    assert "----" not in user.types("calc", "run", "22", "--detach").out
