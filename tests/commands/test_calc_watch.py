"""`sostrades calc watch`."""

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
    """Return the statuses of the lines of a pipe."""
    return [line.split("  ")[2] for line in done.out.splitlines()]


def events(done: Outcome) -> list[dict[str, Any]]:
    """Return the events of `-F ndjson`."""
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("server", SERVERS)
def test_a_pipe_gets_a_line_for_each_change(user_of: Callable[..., User], server: str) -> None:
    """Each change of the status is one line with time, study and status, the end has the time it took."""
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21")
    assert (done.code, done.err) == (0, "")
    assert statuses(done) == ["PENDING", "RUNNING", "FINISHED"]
    assert done.out.splitlines()[0].startswith("2026-11-22T22:40:48Z  21  PENDING")


def test_a_run_that_is_over_is_one_line(user: User) -> None:
    """A finished run is one line, exit 0, and one request."""
    done = user.types("calc", "watch", "21")
    assert (done.code, statuses(done), user.requests) == (0, ["FINISHED"], [STATUS])


def test_the_last_event_is_the_outcome(user: User) -> None:
    """`-F ndjson` ends with `finished`; discipline events name their discipline; looks without news are not printed."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", "-F", "ndjson")
    seen = events(done)
    assert {event["event"] for event in seen} == {"started", "status", "discipline", "finished"}
    assert all("discipline" in event for event in seen if event["event"] == "discipline")
    assert (seen[-1]["event"], seen[-1]["outcome"], seen[-1]["exit_code"]) == ("finished", "FINISHED", 0)
    assert "cause" not in seen[-1]
    assert (done.code, done.err) == (0, "")


def test_json_is_the_servers_own_object_at_the_end(user: User) -> None:
    """`-F json` prints one object, the last state as the server gave it."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", "-F", "json")
    assert json.loads(done.out) == json.loads(user.types("api", "GET", STATUS.split()[1]).out)


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json")])
def test_a_failed_run_is_exit_3(user: User, form: tuple[str, ...]) -> None:
    """A run that failed is exit 3 in every format, with the cause from the log."""
    user.types("calc", "run", "22", "--detach")
    done = user.types("calc", "watch", "22", *form)
    assert done.code == 3
    assert "deliberate failure" in done.err


@pytest.mark.parametrize("status", ["STOPPED", "POD ERROR"])
def test_other_bad_ends_are_exit_3(user: User, status: str) -> None:
    """STOPPED and POD ERROR are ends, too."""
    user.world.studies[21].label = status
    done = user.types("calc", "watch", "21")
    assert done.code == 3
    assert status in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_without_a_run_there_is_nothing_to_watch(user_of: Callable[..., User], server: str) -> None:
    """A study that never ran, or was changed since, is exit 8 at once."""
    user = user_of(server)
    began = user.world.clock.now()
    assert user.types("calc", "watch", "22").code == 8
    assert user.world.clock.now() - began < 5
    user.types("param", "set", "21", "Macro.gamma=0.9")
    done = user.types("calc", "watch", "21")
    assert done.code == 8
    assert "changed since" in done.err


def test_time_over_is_exit_124(user: User) -> None:
    """A run that does not end is left after `--timeout`, exit 124, and the server is not asked all the time."""
    user.types("calc", "run", "26", "--detach")
    began = user.world.clock.now()
    done = user.types("calc", "watch", "26", "--timeout", "2m", "-F", "ndjson")
    assert done.code == 124
    assert 119 <= user.world.clock.now() - began <= 122
    last = events(done)[-1]
    assert (last["event"], last["status"], last["exit_code"]) == ("finished", "RUNNING", 124)
    assert 10 < len(user.requests) < 90


def test_an_interval_is_kept(user: User) -> None:
    """`--interval 30` asks every 30 s."""
    user.types("calc", "run", "26", "--detach")
    user.world.requests.clear()
    user.types("calc", "watch", "26", "--interval", "30", "--timeout", "5m")
    assert 10 <= sum("/status/" in asked for asked in user.requests) <= 12


@pytest.mark.parametrize("wrong", ["0", "-1", "soon", "5y", "nan", "9" * 400, "99999999h"])
def test_wrong_time_spans_are_refused(user: User, wrong: str) -> None:
    """A time span that is none is exit 2, and nothing is asked."""
    assert user.types("calc", "watch", "21", f"--timeout={wrong}").code == 2
    assert user.types("calc", "watch", "21", f"--interval={wrong}").code == 2
    assert user.requests == []


def test_an_unknown_status_is_shown_and_waited_on(user: User) -> None:
    """A status that nobody knows is printed and watched until a known end."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _Says(user, "POD WARMING UP", times=5)
    done = user.types("calc", "watch", "21")
    assert done.code == 0
    assert statuses(done)[0] == "POD WARMING UP"
    assert statuses(done)[-1] == "FINISHED"


def test_a_failure_that_a_refused_start_has_written_is_not_believed(user: User) -> None:
    """After an execute that was refused while PENDING, FAILED turns into RUNNING: the true end is reported."""
    user.types("calc", "run", "21", "--detach")
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    assert '"FAILED"' in user.types("calc", "status", "21", "-F", "json").out
    done = user.types("calc", "watch", "21")
    assert statuses(done)[-1] == "FINISHED"
    assert done.code == 0


def test_a_true_failure_is_still_told(user: User) -> None:
    """Waiting a little on FAILED does not turn a real failure into something else, nor take long."""
    user.types("calc", "run", "22", "--detach")
    user.world.clock.sleep(60)
    began = user.world.clock.now()
    assert user.types("calc", "watch", "22").code == 3
    assert user.world.clock.now() - began < 30


def test_a_run_that_an_edit_destroyed_is_told(user: User) -> None:
    """A change during the run makes it NOT EXECUTED: exit 8, and the tool says that the run is lost."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _EditsAfter(user, looks=3)
    done = user.types("calc", "watch", "21")
    assert done.code == 8
    assert "lost" in done.err


def test_a_short_outage_is_survived_and_shown(user: User) -> None:
    """A server that fails for a moment does not end the watching; the waits are shown on standard error."""
    user.types("calc", "run", "21", "--detach")
    user.world.faults.arm(Fault("status", count=2, path="status", status=503))
    done = user.types("calc", "watch", "21")
    assert done.code == 0
    assert "retrying" in done.err
    assert statuses(done)[-1] == "FINISHED"


def test_a_dead_server_is_exit_6(user: User) -> None:
    """A server that closes every connection is exit 6 in the end, and the run is not called failed."""
    user.types("calc", "run", "21", "--detach")
    user.world.faults.arm(Fault("drop", count=999, path="status"))
    done = user.types("calc", "watch", "21")
    assert done.code == 6
    assert "ended FAILED" not in done.err


def test_ctrl_c_is_exit_130_and_stops_nothing(user: User) -> None:
    """An interruption ends the watching with exit 130; the run on the server goes on to its end."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _InterruptsAfter(user, looks=2)
    assert user.types("calc", "watch", "21").code == 130
    user.transport = None
    assert user.types("calc", "watch", "21").code == 0


def test_a_terminal_keeps_one_summary(user: User) -> None:
    """On a terminal the live view ends with a line that says how it ended; standard error stays empty."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", "21", tty=True)
    assert done.code == 0
    assert "study 21" in done.out.splitlines()[-1]
    assert "FINISHED" in done.out.splitlines()[-1]
    assert done.err == ""


def test_hostile_names_do_not_reach_a_terminal(user: User) -> None:
    """Names of disciplines and statuses with escape codes are visible text on a terminal."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _Says(user, "WAIT\x1b]0;owned\x07", times=99)
    done = user.types("calc", "watch", "21", "--timeout", "3", tty=True)
    assert "\x1b]" not in done.out
    assert "\\x1b]0;owned" in done.out


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5."""
    done = user_of(server).types("calc", "watch", study)
    assert (done.code, done.out) == (code, "")


class _Counted(httpx.BaseTransport):
    """The stub, with something that happens at some looks."""

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


class _Says(_Counted):
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


class _EditsAfter(_Counted):
    """After some looks somebody changes the study."""

    def __init__(self, user: User, *, looks: int) -> None:
        super().__init__(user)
        self._study = user.world.studies[21]
        self._when = looks

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        if look == self._when:
            self._study.update({"dice.Macro.gamma": 0.77})
        return answer


class _InterruptsAfter(_Counted):
    """After some looks the user presses Ctrl-C."""

    def __init__(self, user: User, *, looks: int) -> None:
        super().__init__(user)
        self._when = looks

    def _at(self, look: int, answer: httpx.Response) -> httpx.Response:
        if look == self._when:
            raise KeyboardInterrupt
        return answer
