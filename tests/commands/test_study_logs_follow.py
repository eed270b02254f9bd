"""Test `sostrades study logs --follow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS, StubTransport, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def whole(user: User, study: str = "21") -> str:
    """Return the complete log."""
    return user.types("study", "logs", study).out


class EventAtPoll(httpx.BaseTransport):
    """A stub on which something happens just before the n-th status request."""

    def __init__(self, user: User, look: int, happens: Callable[[], None]) -> None:
        self._inner = StubTransport(user.world)
        self._look = look
        self._happens = happens
        self._looks = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, after what happens."""
        if "/status/" in request.url.path:
            self._looks += 1
            if self._looks == self._look:
                self._happens()
        return self._inner.handle_request(request)


@pytest.mark.parametrize("server", SERVERS)
def test_growing_log_is_printed_once(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert (done.code, done.err) == (0, "")
    assert done.out == whole(user)
    assert "is over" in done.out


def test_only_new_bytes_are_requested(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.requests.clear()
    user.types("study", "logs", "21", "--follow")
    asked = [request for request in user.world.requests if request.path.endswith("/logs") and request.method == "GET"]
    assert "Range" not in asked[0].headers
    assert all(item.headers["Range"].startswith("bytes=") for item in asked[1:])
    assert {item.status for item in asked} <= {200, 206, 416}


def test_exit_code_is_that_of_the_run(user: User) -> None:
    user.types("calc", "run", "22", "--detach")
    done = user.types("study", "logs", "22", "--follow", "--since-start")
    assert done.code == 3
    assert done.out == whole(user, "22")


@pytest.mark.parametrize("lines", [0, 1, slow(5)])
def test_lines_option_limits_the_existing_part(user: User, lines: int) -> None:
    user.types("calc", "run", "21")
    done = user.types("study", "logs", "21", "--follow", "--lines", str(lines))
    everything = whole(user).splitlines(keepends=True)
    assert (done.code, done.out) == (0, "".join(everything[len(everything) - lines :]))


def test_ten_lines_are_printed_first_by_default(user: User) -> None:
    user.types("calc", "run", "21")
    assert len(user.types("study", "logs", "21", "--follow").out.splitlines()) == 10


def test_log_of_a_new_run_is_printed_from_its_start(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    study = user.world.studies[26]

    def again() -> None:
        study.execution = None
        study.start_run(user.world.clock.now())

    user.transport = EventAtPoll(user, 6, again)
    done = user.types("study", "logs", "26", "--follow", "--since-start", "--timeout", "60")
    assert done.code == 124
    assert done.out.count("Start of the run") == 2
    assert "new run" in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_study_that_never_ran_is_exit_8(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("study", "logs", "22", "--follow")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "never_ran"
    assert "/srv/" not in done.err


@pytest.mark.parametrize("kind", [slow("drop"), "cut", slow("status")])
@pytest.mark.parametrize("path", ["status", "logs", ""])
def test_log_is_complete_without_repeated_bytes_after_an_outage(user: User, kind: str, path: str) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = EventAtPoll(user, 4, lambda: user.world.faults.arm(Fault(kind, count=4, method="GET", path=path)))
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert done.code == 0
    assert done.out == whole(user)
    assert "Traceback" not in done.err
    assert "{'" not in done.err


def test_timeout_is_exit_124(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    assert user.types("study", "logs", "26", "--follow", "--timeout", "20").code == 124


@pytest.mark.parametrize(
    "wrong", [("--since-start",), ("--follow", "--since-start", "--lines", "3"), ("--lines", "-1"), ("--lines", "x")]
)
def test_conflicting_options_are_rejected(user: User, wrong: tuple[str, ...]) -> None:
    assert user.types("study", "logs", "21", *wrong).code == 2
    assert user.requests == []


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(user: User, study: str, code: int) -> None:
    done = user.types("study", "logs", study, "--follow")
    assert (done.code, done.out) == (code, "")


def test_log_of_a_changed_study_is_printed(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert done.code == 8
    assert "is over" in done.out
    assert "never ran" not in done.err
    assert "changed" in done.err
