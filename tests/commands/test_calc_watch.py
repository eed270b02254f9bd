"""Test `sostrades calc watch`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import SERVERS, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

STATUS = "GET /api/v0/calculation/status/21"


def statuses(done: Outcome) -> list[str]:
    """Return the statuses of the lines in a pipe."""
    return [line.split("  ")[2] for line in done.out.splitlines()]


def events(done: Outcome) -> list[dict[str, Any]]:
    """Return the events of `-F ndjson`."""
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("server", SERVERS)
def test_pipe_gets_one_line_per_change(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21")
    assert (done.code, done.err) == (0, "")
    assert statuses(done) == ["PENDING", "RUNNING", "FINISHED"]
    assert done.out.splitlines()[0].startswith("2026-11-22T22:40:48Z  21  PENDING")


def test_finished_run_is_one_line_and_one_request(user: User) -> None:
    done = user.types("calc", "watch", "21")
    assert (done.code, statuses(done), user.requests) == (0, ["FINISHED"], [STATUS])


def test_ndjson_ends_with_finished_and_has_only_changes(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", "-F", "ndjson")
    emitted = events(done)
    assert {event["event"] for event in emitted} == {"started", "status", "discipline", "finished"}
    assert all("discipline" in event for event in emitted if event["event"] == "discipline")
    assert (emitted[-1]["event"], emitted[-1]["outcome"], emitted[-1]["exit_code"]) == ("finished", "FINISHED", 0)
    assert "cause" not in emitted[-1]
    assert (done.code, done.err) == (0, "")


def test_json_is_the_last_status_object(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", "-F", "json")
    assert json.loads(done.out) == json.loads(user.types("api", "GET", STATUS.split()[1]).out)


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json")])
def test_failed_run_is_exit_3_with_its_cause(user: User, form: tuple[str, ...]) -> None:
    user.types("calc", "run", "22", "--detach")
    done = user.types("calc", "watch", "22", *form)
    assert done.code == 3
    assert "deliberate failure" in done.err


@pytest.mark.parametrize("status", ["STOPPED", "POD ERROR"])
def test_stopped_and_pod_error_are_exit_3(user: User, status: str) -> None:
    user.world.studies[21].label = status
    done = user.types("calc", "watch", "21")
    assert done.code == 3
    assert status in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_study_without_a_run_is_exit_8(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    began = user.world.clock.now()
    assert user.types("calc", "watch", "22").code == 8
    assert user.world.clock.now() - began < 5
    user.types("param", "set", "21", "Macro.gamma=0.9")
    done = user.types("calc", "watch", "21")
    assert done.code == 8
    assert "changed since" in done.err


def test_timeout_is_exit_124_after_few_requests(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    began = user.world.clock.now()
    done = user.types("calc", "watch", "26", "--timeout", "2m", "-F", "ndjson")
    assert done.code == 124
    assert 119 <= user.world.clock.now() - began <= 122
    last = events(done)[-1]
    assert (last["event"], last["status"], last["exit_code"]) == ("finished", "RUNNING", 124)
    assert 10 < len(user.requests) < 90


def test_interval_is_respected(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    user.world.requests.clear()
    user.types("calc", "watch", "26", "--interval", "30", "--timeout", "5m")
    assert 10 <= sum("/status/" in asked for asked in user.requests) <= 12


@pytest.mark.parametrize("wrong", ["0", "-1", "soon", "5y", "nan", "9" * 400, "99999999h"])
def test_invalid_time_spans_are_rejected(user: User, wrong: str) -> None:
    assert user.types("calc", "watch", "21", f"--timeout={wrong}").code == 2
    assert user.types("calc", "watch", "21", f"--interval={wrong}").code == 2
    assert user.requests == []


def test_unknown_status_is_shown_and_watched(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _Says(user, "POD WARMING UP", times=5)
    done = user.types("calc", "watch", "21")
    assert done.code == 0
    assert statuses(done)[0] == "POD WARMING UP"
    assert statuses(done)[-1] == "FINISHED"


def test_spurious_failure_after_a_refused_start_is_ignored(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    assert '"FAILED"' in user.types("calc", "status", "21", "-F", "json").out
    done = user.types("calc", "watch", "21")
    assert statuses(done)[-1] == "FINISHED"
    assert done.code == 0


def test_failure_of_an_old_run_is_reported_at_once(user: User) -> None:
    """Its log shows that it can no longer be spurious."""
    user.types("calc", "run", "22", "--detach")
    user.world.clock.sleep(60)
    user.world.requests.clear()
    began = user.world.clock.now()
    assert user.types("calc", "watch", "22").code == 3
    assert user.world.clock.now() - began < 1
    assert user.requests.count("GET /api/v0/calculation/status/22") == 1


def test_run_reset_by_an_edit_is_exit_8(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _EditsAfter(user, looks=3)
    done = user.types("calc", "watch", "21")
    assert done.code == 8
    assert "lost" in done.err


def test_watch_continues_after_a_short_outage(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.faults.arm(Fault("status", count=2, path="status", status=503))
    done = user.types("calc", "watch", "21")
    assert done.code == 0
    assert "retrying" in done.err
    assert statuses(done)[-1] == "FINISHED"


def test_unreachable_server_is_exit_6(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.faults.arm(Fault("drop", count=999, path="status"))
    done = user.types("calc", "watch", "21")
    assert done.code == 6
    assert "ended FAILED" not in done.err


def test_ctrl_c_is_exit_130_and_the_run_continues(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _InterruptsAfter(user, looks=2)
    assert user.types("calc", "watch", "21").code == 130
    user.transport = None
    assert user.types("calc", "watch", "21").code == 0


def test_terminal_ends_with_one_summary(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", tty=True)
    assert done.code == 0
    assert "study 21" in done.out.splitlines()[-1]
    assert "FINISHED" in done.out.splitlines()[-1]
    assert "sostrades param list 21 --outputs" in done.err


def test_control_characters_of_names_are_escaped_on_a_terminal(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _Says(user, "WAIT\x1b]0;owned\x07", times=99)
    done = user.types("calc", "watch", "21", "--timeout", "3", tty=True)
    assert "\x1b]" not in done.out
    assert "\\x1b]0;owned" in done.out


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    done = user_of(server).types("calc", "watch", study)
    assert (done.code, done.out) == (code, "")


class _CountingStub(httpx.BaseTransport):
    """A stub on which something happens at certain status requests."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._looks = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, perhaps in another way."""
        request.read()
        answer = self._inner.handle_request(request)
        if "/status/" not in request.url.path:
            return answer
        self._looks += 1
        return self._at(self._looks, answer)

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        return answer


class _Says(_CountingStub):
    """At the first looks the server shows another status."""

    def __init__(self, user: User, status: str, *, times: int) -> None:
        super().__init__(user)
        self._status = status
        self._times = times

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        if look > self._times:
            return answer
        payload = json.loads(answer.read())
        hostile = {"dice.\x1b]0;owned\x07": "RUNNING\x1b]1;x\x07"}
        return httpx.Response(
            200, json={**payload, "study_case_execution_status": self._status, "disciplines_status": hostile}
        )


class _EditsAfter(_CountingStub):
    """After some looks somebody changes the study."""

    def __init__(self, user: User, *, looks: int) -> None:
        super().__init__(user)
        self._study = user.world.studies[21]
        self._when = looks

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        if look == self._when:
            self._study.update({"dice.Macro.gamma": 0.77})
        return answer


class _InterruptsAfter(_CountingStub):
    """After some looks the user presses Ctrl-C."""

    def __init__(self, user: User, *, looks: int) -> None:
        super().__init__(user)
        self._when = looks

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        if look == self._when:
            raise KeyboardInterrupt
        return answer


def test_heartbeat_is_on_standard_error(user: User) -> None:
    done = user.types("calc", "watch", "26", "--timeout", "3m", "--heartbeat", "30")
    beats = [line for line in done.err.splitlines() if "still RUNNING after" in line]
    assert 4 <= len(beats) <= 6
    assert "still" not in done.out
    assert "still RUNNING" not in user.types("calc", "watch", "26", "--timeout", "3m", "--heartbeat", "0").err


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_has_no_heartbeat(user: User, form: str) -> None:
    done = user.types("calc", "watch", "26", "--timeout", "3m", "-F", form)
    assert len(done.err.splitlines()) == 1
    assert "miss" not in done.out


def test_verbose_watch_at_a_terminal_has_a_line_per_change(user: User) -> None:
    """The lines about requests would be lost on the screen of the live view."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", "-v", tty=True)
    assert "\x1b[?1049h" not in done.out
    assert "FINISHED" in done.out.splitlines()[-1]
    assert "/status/21" in done.err


def test_view_is_on_the_alternate_screen(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    out = user.types("calc", "watch", "21", tty=True).out
    assert out.index("\x1b[?1049h") < out.index("\x1b[?1049l") < out.rindex("FINISHED")
    assert out.rindex("\x1b[?25h") > out.rindex("\x1b[?25l")
