"""Test `sostrades calc watch` with several studies."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

if TYPE_CHECKING:
    from conftest import Outcome, User


def events(done: Outcome) -> list[dict[str, Any]]:
    """Return the events of `-F ndjson`."""
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def started_user(user: User) -> User:
    """Return a user who has just started studies 21 and 22. Study 22 will fail."""
    user.types("calc", "run", "21", "--detach")
    user.types("calc", "run", "22", "--detach")
    user.world.requests.clear()
    return user


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json"), ("--quiet",)])
@pytest.mark.parametrize("order", [("21", "22"), ("22", "21")])
def test_exit_code_is_the_worst(started_user: User, form: tuple[str, ...], order: tuple[str, str]) -> None:
    done = started_user.types("calc", "watch", *order, *form)
    assert done.code == 3
    assert "deliberate failure" in done.err


def test_successful_runs_are_exit_0(user: User) -> None:
    done = user.types("calc", "watch", "21", "23")
    assert (done.code, done.err) == (0, "")
    assert sorted(line.split("  ")[1] for line in done.out.splitlines()) == ["21", "23"]


@pytest.mark.parametrize(("studies", "code"), [(("21", "24"), 8), (("21", "25"), 4), (("21", "99999"), 5)])
def test_study_that_cannot_be_watched_does_not_end_the_others(user: User, studies: tuple[str, str], code: int) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", *studies, "-F", "ndjson")
    ends = {event["study"]: event["exit_code"] for event in events(done) if event["event"] == "finished"}
    assert (done.code, ends) == (code, {21: 0, int(studies[1]): code})


def test_timeout_of_one_study_is_exit_124(user: User) -> None:
    done = user.types("calc", "watch", "21", "26", "--timeout", "20")
    assert done.code == 124
    assert "still RUNNING" in done.err


def test_each_study_has_its_events(started_user: User) -> None:
    done = started_user.types("calc", "watch", "21", "22", "-F", "ndjson")
    for study, outcome in ((21, "FINISHED"), (22, "FAILED")):
        own = [event for event in events(done) if event["study"] == study]
        assert (own[0]["event"], own[-1]["event"], own[-1]["outcome"]) == ("started", "finished", outcome)
    assert events(done)[-1]["event"] == "finished"
    assert json.loads(done.err)["code"] == 3


def test_json_is_a_list_in_the_order_of_the_arguments(started_user: User) -> None:
    started_user.transport = _LaterFirst(started_user, "/21")
    listed = json.loads(started_user.types("calc", "watch", "21", "22", "-F", "json").out)
    assert [state["study_case_id"] for state in listed] == [21, 22]
    assert [state["study_case_execution_status"] for state in listed] == ["FINISHED", "FAILED"]


def test_json_is_a_list_if_only_one_study_has_a_state(user: User) -> None:
    listed = json.loads(user.types("calc", "watch", "21", "25", "-F", "json").out)
    assert [state["study_case_id"] for state in listed] == [21]


def test_json_is_a_list_if_the_first_study_fails_at_once(user: User) -> None:
    user.world.studies[22].label = "STOPPED"
    user.transport = _LaterFirst(user, "/21")
    done = user.types("calc", "watch", "21", "22", "--fail-fast", "-F", "json")
    assert done.code == 3
    assert isinstance(json.loads(done.out), list)


def test_fail_fast_ends_with_the_first_failure(started_user: User) -> None:
    started_user.types("calc", "run", "23", "--detach")
    began = started_user.world.clock.now()
    done = started_user.types("calc", "watch", "23", "22", "--fail-fast")
    assert done.code == 3
    assert started_user.world.clock.now() - began < 40
    assert "FINISHED" not in done.out
    assert "FINISHED" in started_user.types("calc", "watch", "22", "23").out


def test_repeated_study_is_watched_once(user: User) -> None:
    assert len(user.types("calc", "watch", "21", "21").out.splitlines()) == 1


def test_terminal_has_one_summary_per_study(started_user: User) -> None:
    done = started_user.types("calc", "watch", "21", "22", tty=True)
    assert {("study 21" in line, "study 22" in line) for line in done.out.splitlines()[-2:]} == {
        (True, False),
        (False, True),
    }


class _LaterFirst(httpx.BaseTransport):
    """A stub that answers one path only after another one."""

    def __init__(self, user: User, path: str) -> None:
        self._inner = StubTransport(user.world)
        self._path = path
        self._other = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, in turn."""
        if request.url.path.endswith(self._path):
            self._other.wait(timeout=60)
        answer = self._inner.handle_request(request)
        if not request.url.path.endswith(self._path):
            self._other.set()
        return answer
