"""`sostrades study logs --follow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def whole(user: User, study: str = "21") -> str:
    """Return the log as it is."""
    return user.types("study", "logs", study).out


class At(httpx.BaseTransport):
    """The stub, with something that happens before one of the looks at a status."""

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
def test_the_growing_log_is_printed_once(user_of: Callable[..., User], server: str) -> None:
    """All of the log of a run that goes on is printed, every byte once, exit 0 at its end."""
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert (done.code, done.err) == (0, "")
    assert done.out == whole(user)
    assert "is over" in done.out


def test_only_what_is_new_is_asked_for(user: User) -> None:
    """After the first, requests for the log ask for a range that begins where the last one ended."""
    user.types("calc", "run", "21", "--detach")
    user.world.requests.clear()
    user.types("study", "logs", "21", "--follow")
    asked = [one for one in user.world.requests if one.path.endswith("/logs") and one.method == "GET"]
    assert "Range" not in asked[0].headers
    assert all(one.headers["Range"].startswith("bytes=") for one in asked[1:])
    assert {one.status for one in asked} <= {200, 206, 416}


def test_the_exit_code_is_that_of_the_run(user: User) -> None:
    """A run that fails while its log is followed is exit 3, after the last line."""
    user.types("calc", "run", "22", "--detach")
    done = user.types("study", "logs", "22", "--follow", "--since-start")
    assert done.code == 3
    assert done.out == whole(user, "22")


@pytest.mark.parametrize("lines", [0, 1, 5])
def test_lines_limits_what_was_there(user: User, lines: int) -> None:
    """`--lines N` prints the last N lines of what there is, then all that comes."""
    user.types("calc", "run", "21")
    done = user.types("study", "logs", "21", "--follow", "--lines", str(lines))
    everything = whole(user).splitlines(keepends=True)
    assert (done.code, done.out) == (0, "".join(everything[len(everything) - lines :]))


def test_without_options_ten_lines_come_first(user: User) -> None:
    """Without `--lines` the last ten lines are printed first."""
    user.types("calc", "run", "21")
    assert len(user.types("study", "logs", "21", "--follow").out.splitlines()) == 10


def test_a_new_runs_log_starts_over(user: User) -> None:
    """When a new run begins while the log is followed, its log is printed from its first line, and said so."""
    user.types("calc", "run", "26", "--detach")
    study = user.world.studies[26]

    def again() -> None:
        study.execution = None
        study.start_run(user.world.clock.now())

    user.transport = At(user, 6, again)
    done = user.types("study", "logs", "26", "--follow", "--since-start", "--timeout", "60")
    assert done.code == 124
    assert done.out.count("Start of the run") == 2
    assert "new run" in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_that_never_ran_is_said_plainly(user_of: Callable[..., User], server: str) -> None:
    """A study that never ran is exit 8 and said in plain words, without the server's file path."""
    done = user_of(server).types("study", "logs", "22", "--follow")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "never_ran"
    assert "/srv/" not in done.err


@pytest.mark.parametrize("kind", ["drop", "cut", "status"])
@pytest.mark.parametrize("path", ["status", "logs", ""])
def test_an_outage_loses_and_repeats_nothing(user: User, kind: str, path: str) -> None:
    """A moment without contact is said, and the log is whole all the same, every byte once."""
    user.types("calc", "run", "21", "--detach")
    user.transport = At(user, 4, lambda: user.world.faults.arm(Fault(kind, count=4, method="GET", path=path)))
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert done.code == 0
    assert done.out == whole(user)
    assert "Traceback" not in done.err
    assert "{'" not in done.err


def test_time_over_is_124(user: User) -> None:
    """`--timeout` ends the following with exit 124."""
    user.types("calc", "run", "26", "--detach")
    assert user.types("study", "logs", "26", "--follow", "--timeout", "20").code == 124


@pytest.mark.parametrize(
    "wrong", [("--since-start",), ("--follow", "--since-start", "--lines", "3"), ("--lines", "-1"), ("--lines", "x")]
)
def test_options_that_do_not_go_together(user: User, wrong: tuple[str, ...]) -> None:
    """`--since-start` needs `--follow` and excludes `--lines`: exit 2, nothing asked."""
    assert user.types("study", "logs", "21", *wrong).code == 2
    assert user.requests == []


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user: User, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5."""
    done = user.types("study", "logs", study, "--follow")
    assert (done.code, done.out) == (code, "")


def test_a_study_that_was_changed_since_its_run_did_run(user: User) -> None:
    """A study that was changed since its last run has a log, which is printed, and is not said to have never run."""
    user.types("param", "set", "21", "Macro.gamma=0.9")
    done = user.types("study", "logs", "21", "--follow", "--since-start")
    assert done.code == 8
    assert "is over" in done.out
    assert "never ran" not in done.err
    assert "changed" in done.err
