"""Several studies watched at once."""

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
def runs(user: User) -> User:
    """Return a user of a server where 21 and 22 have just been started, and 22 will fail."""
    user.types("calc", "run", "21", "--detach")
    user.types("calc", "run", "22", "--detach")
    user.world.requests.clear()
    return user


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json"), ("--quiet",)])
@pytest.mark.parametrize("order", [("21", "22"), ("22", "21")])
def test_the_exit_code_is_the_worst(runs: User, form: tuple[str, ...], order: tuple[str, str]) -> None:
    """One study that finished and one that failed are exit 3, in any order and format, with the cause."""
    done = runs.types("calc", "watch", *order, *form)
    assert done.code == 3
    assert "deliberate failure" in done.err


def test_all_well_is_exit_0(user: User) -> None:
    """Studies that all finished are exit 0 with an empty standard error."""
    done = user.types("calc", "watch", "21", "23")
    assert (done.code, done.err) == (0, "")
    assert sorted(line.split("  ")[1] for line in done.out.splitlines()) == ["21", "23"]


@pytest.mark.parametrize(("studies", "code"), [(("21", "24"), 8), (("21", "25"), 4), (("21", "99999"), 5)])
def test_one_that_cannot_be_watched_does_not_end_the_others(user: User, studies: tuple[str, str], code: int) -> None:
    """A study without a run, a right, or at all gives its exit code, and the others are watched to their end."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "watch", *studies, "-F", "ndjson")
    ends = {event["study"]: event["exit_code"] for event in events(done) if event["event"] == "finished"}
    assert (done.code, ends) == (code, {21: 0, int(studies[1]): code})


def test_time_over_of_one_is_exit_124(user: User) -> None:
    """A study that goes on when time is over makes 124 of an otherwise good end."""
    done = user.types("calc", "watch", "21", "26", "--timeout", "20")
    assert done.code == 124
    assert "still RUNNING" in done.err


def test_each_study_has_its_events(runs: User) -> None:
    """`-F ndjson` has `started` and `finished` of each study, and standard error one object."""
    done = runs.types("calc", "watch", "21", "22", "-F", "ndjson")
    for study, outcome in ((21, "FINISHED"), (22, "FAILED")):
        own = [event for event in events(done) if event["study"] == study]
        assert (own[0]["event"], own[-1]["event"], own[-1]["outcome"]) == ("started", "finished", outcome)
    assert events(done)[-1]["event"] == "finished"
    assert json.loads(done.err)["code"] == 3


def test_json_is_a_list_in_the_order_asked_for(runs: User) -> None:
    """`-F json` of several studies is a list of their last states, in the order of the command line."""
    runs.transport = _LaterFirst(runs, "/21")
    listed = json.loads(runs.types("calc", "watch", "21", "22", "-F", "json").out)
    assert [state["study_case_id"] for state in listed] == [21, 22]
    assert [state["study_case_execution_status"] for state in listed] == ["FINISHED", "FAILED"]


def test_json_is_a_list_also_when_one_has_no_state(user: User) -> None:
    """`-F json` of several studies is a list even if only one of them has a state."""
    listed = json.loads(user.types("calc", "watch", "21", "25", "-F", "json").out)
    assert [state["study_case_id"] for state in listed] == [21]


def test_json_is_a_list_also_when_the_first_fails_at_once(user: User) -> None:
    """`-F json` of several studies with `--fail-fast` is a list even if the others were never looked at."""
    user.world.studies[22].label = "STOPPED"
    user.transport = _LaterFirst(user, "/21")
    done = user.types("calc", "watch", "21", "22", "--fail-fast", "-F", "json")
    assert done.code == 3
    assert isinstance(json.loads(done.out), list)


def test_fail_fast_ends_with_the_first_failure(runs: User) -> None:
    """`--fail-fast` ends when one fails, long before the others; without it all are watched."""
    runs.types("calc", "run", "23", "--detach")
    began = runs.world.clock.now()
    done = runs.types("calc", "watch", "23", "22", "--fail-fast")
    assert done.code == 3
    assert runs.world.clock.now() - began < 40
    assert "FINISHED" not in done.out
    assert "FINISHED" in runs.types("calc", "watch", "22", "23").out


def test_the_same_study_twice_is_watched_once(user: User) -> None:
    """A study that is named twice is watched once."""
    assert len(user.types("calc", "watch", "21", "21").out.splitlines()) == 1


def test_a_terminal_has_one_summary_for_each(runs: User) -> None:
    """On a terminal the last lines are one summary for each study."""
    done = runs.types("calc", "watch", "21", "22", tty=True)
    assert {("study 21" in line, "study 22" in line) for line in done.out.splitlines()[-2:]} == {
        (True, False),
        (False, True),
    }


class _LaterFirst(httpx.BaseTransport):
    """The stub, which answers one path only after another has been answered."""

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
