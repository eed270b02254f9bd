"""Test `sostrades calc status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


@pytest.mark.parametrize("server", SERVERS)
def test_json_of_one_study_is_the_object_of_the_api(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("calc", "status", "21", "-F", "json")
    assert json.loads(done.out) == json.loads(user.types("api", "GET", "/api/v0/calculation/status/21").out)
    assert (done.code, done.err) == (0, "")


def test_json_of_several_studies_is_a_list(user: User) -> None:
    states = json.loads(user.types("calc", "status", "22", "21", "-F", "json").out)
    assert [(s["study_case_id"], s["study_case_execution_status"]) for s in states] == [(22, ""), (21, "FINISHED")]


def test_pipe_gets_one_row_per_study(user: User) -> None:
    header, *rows = user.types("calc", "status", "21", "22").out.splitlines()
    assert header == "study\tstatus\tdisciplines\tcpu\tmemory"
    assert [row.split("\t")[:2] for row in rows] == [["21", "FINISHED"], ["22", "NO RUN"]]


def test_failed_run_is_exit_0(user: User) -> None:
    assert user.types("calc", "run", "22").code == 3
    done = user.types("calc", "status", "22")
    assert done.code == 0
    assert "\tFAILED\t" in done.out


def test_link_can_be_used_as_study(user: User) -> None:
    done = user.types("calc", "status", "http://localhost:4200/study/21")
    assert (done.code, user.requests) == (0, ["GET /api/v0/calculation/status/21"])


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5), ("9" * 23, 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    done = user_of(server).types("calc", "status", study)
    assert (done.code, done.out) == (code, "")


@pytest.mark.parametrize("wrong", ["abc", "-1", "0", "1.5", "http://gui.example/other/21"])
def test_invalid_study_numbers_are_rejected_without_a_request(user: User, wrong: str) -> None:
    assert user.types("calc", "status", "--", "21", wrong).code == 2
    assert user.requests == []


@pytest.mark.parametrize("arguments", [("abc", "-F", "json"), ("-F", "json", "abc"), ("21", "-F", "json", "--nope")])
def test_usage_error_with_json_is_one_object(user: User, arguments: tuple[str, ...]) -> None:
    done = user.types("calc", "status", *arguments)
    [line] = done.err.splitlines()
    error = json.loads(line)
    assert (done.code, error["code"], error["kind"]) == (2, 2, "usage")


@pytest.mark.parametrize(
    "body",
    ["<html>Please log in</html>", "", "[]", '"pong"', "null", "{}", '{"study_case_id": 21}', "{", '{"a": NaN}'],
)
def test_invalid_answer_is_exit_7(user: User, body: str) -> None:
    user.world.faults.arm(Fault("body", path="status", body=body))
    done = user.types("calc", "status", "21", "-F", "json")
    [line] = done.err.splitlines()
    assert (done.code, done.out, json.loads(line)["code"]) == (7, "", 7)
    assert "log in" not in done.err


def test_retries_are_reported_and_silent_with_json(user: User) -> None:
    for arguments, lines in [((), 3), (("-F", "json"), 0), (("-q",), 0)]:
        user.world.faults.arm(Fault("status", count=3, path="status", status=503))
        done = user.types("calc", "status", "21", *arguments)
        assert done.code == 0
        assert done.err.count("retrying in") == lines


def test_failing_server_is_exit_7_after_retries(user: User) -> None:
    user.world.faults.arm(Fault("status", count=99, path="status", status=503))
    done = user.types("calc", "status", "21", "-F", "json")
    assert done.code == 7
    assert json.loads(done.err)["server"]["status"] == 503
    assert 2 <= len(user.requests) <= 6


def test_retry_after_is_respected(user: User) -> None:
    user.world.faults.arm(Fault("status", path="status", status=429, headers={"Retry-After": "17"}))
    began = user.world.clock.now()
    done = user.types("calc", "status", "21")
    assert done.code == 0
    assert 17 <= user.world.clock.now() - began < 18
    assert "retrying in 17.0 s" in done.err


def test_long_retry_after_is_an_error(user: User) -> None:
    user.world.faults.arm(Fault("status", count=9, path="status", status=429, headers={"Retry-After": "3600"}))
    began = user.world.clock.now()
    assert user.types("calc", "status", "21").code == 7
    assert user.world.clock.now() - began < 5
    assert len(user.requests) == 1


def test_control_characters_of_a_status_are_escaped_except_in_json(user: User) -> None:
    user.world.studies[21].label = "\x1b]0;owned\x07\u202eX"
    on_terminal = user.types("calc", "status", "21", tty=True).out
    assert "\x1b]" not in on_terminal
    assert "\u202e" not in on_terminal
    assert "\\x1b]0;owned" in on_terminal
    assert "\x1b" not in user.types("calc", "status", "21").out
    exact = json.loads(user.types("calc", "status", "21", "-F", "json").out)
    assert exact["study_case_execution_status"] == "\x1b]0;owned\x07\u202eX"


def test_control_characters_of_an_error_are_escaped(user: User) -> None:
    body = json.dumps({"statusCode": 400, "name": "Bad Request", "description": "\x1b[2Jgone\x07 [bold]x"})
    user.world.faults.arm(Fault("status", path="status", status=400, body=body, content_type="application/json"))
    done = user.types("calc", "status", "21", tty=True, NO_COLOR="1")
    assert done.code == 8
    assert "\x1b" not in done.err
    assert "\\x1b[2Jgone\\x07 [bold]x" in done.err


def test_disciplines_of_an_active_run_are_counted(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(4.0)
    row = user.types("calc", "status", "21").out.splitlines()[1].split("\t")
    assert row[1] == "RUNNING"
    # The root node is not a discipline.
    assert row[2] == "3 PENDING, 1 RUNNING"


def test_cpu_and_memory_are_rounded_except_in_json(user: User) -> None:
    """The server prints sums of floats with all digits."""
    body = {
        "study_case_id": 21,
        "disciplines_status": {},
        "study_case_execution_status": "FINISHED",
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": "1.3900000000000001/2",
        "study_case_execution_memory": "1.05/23.54 [GB]",
    }
    user.world.faults.arm(
        Fault("body", count=3, path="status/21", body=json.dumps(body), content_type="application/json")
    )
    header, first, second = user.types("calc", "status", "21", "22", tty=True, NO_COLOR="1").out.splitlines()
    assert "1.39/2" in first
    assert "1.39000" not in first
    for column in ("cpu", "memory"):
        end = header.index(column) + len(column)
        assert first[:end].rstrip() == first[:end]
        assert second[:end].rstrip() == second[:end]
        assert first[end : end + 1].strip() == ""
    assert "\t1.39/2\t" in user.types("calc", "status", "21").out
    assert user.prints("calc", "status", "21")["study_case_execution_cpu"] == "1.3900000000000001/2"


def test_disciplines_of_a_changed_study_are_those_of_the_last_run(user: User) -> None:
    user.types("calc", "run", "21")
    assert user.types("param", "set", "21", "gamma=0.4").code == 0
    [_, row] = user.types("calc", "status", "21").out.splitlines()
    assert row.split("\t")[1:3] == ["NOT EXECUTED", "last run: 4 DONE"]
