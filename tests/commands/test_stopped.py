"""Commands that did not come to their end: what is told of what the server has begun."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, Terminal  # type: ignore[attr-defined] # the one above this folder

from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root
from sostrades_cli.errors import Hangup, Termination

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the same


class Stopped(httpx.BaseTransport):
    """The stub, at which someone stops the program as soon as a request was answered."""

    def __init__(self, user: User, path: str, error: type[BaseException]) -> None:
        self._stub, self._path, self._error = StubTransport(user.world), path, error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does, too late."""
        response = self._stub.handle_request(request)
        if request.url.path.endswith(self._path) and (request.method == "GET" or b"newValue" in request.read()):
            raise self._error
        return response


class Full(Terminal):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        """Have no room."""
        raise OSError(errno.ENOSPC, "No space left on device")


def to_a_full_disk(user: User, *words: str) -> tuple[int, str]:
    """Run a command whose result cannot be written."""
    err = Terminal()
    code = framework.run(root, Invocation(user.program._replace(stdout=Full(), stderr=err), words))
    return code, err.written


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Termination, 143), (Hangup, 129)])
def test_a_change_that_was_stopped_says_where_to_look(user: User, error: type[BaseException], code: int) -> None:
    """The change may have been made; the hint is the command that tells."""
    user.transport = Stopped(user, "/parameters", error)
    done = user.types("param", "set", "21", "Macro.gamma=0.4")
    assert done.code == code
    assert "what the server has begun goes on" in done.err
    assert done.error is not None
    assert done.error.hint == "sostrades param history 21"


def test_a_read_that_was_stopped_has_begun_nothing(user: User) -> None:
    """After Ctrl-C in a read nothing goes on, and nothing is claimed to."""
    user.transport = Stopped(user, "/30", KeyboardInterrupt)
    done = user.types("param", "get", "21", "Macro.gamma")
    assert (done.code, done.out) == (130, "")
    assert "goes on" not in done.err


def test_a_run_whose_events_cannot_be_written_goes_on(user: User) -> None:
    """On a full disk the watching ends; that the run does not is told, with what to type."""
    code, err = to_a_full_disk(user, "calc", "run", "21")
    assert code == 1
    assert "cannot write the result: No space left on device; what the server has begun goes on" in err
    assert "sostrades calc watch 21" in err
    assert user.world.studies[21].status in {"PENDING", "RUNNING"}


def test_a_table_that_cannot_be_written_asks_for_room(user: User) -> None:
    """Of a read nothing is claimed but that its result could not be written."""
    code, err = to_a_full_disk(user, "study", "load", "21")
    assert (code, "what the server has begun" in err) == (1, False)
    assert "is there room" in err


def test_downloads_that_were_stopped_say_how_to_go_on(user: User) -> None:
    """After Ctrl-C in downloads into a folder the hint is what makes the same command go through."""
    user.transport = Stopped(user, "/30", KeyboardInterrupt)
    words = ("param", "download", "21", "Macro.population", "Macro.weights", "-d", str(user.folder / "d"))
    done = user.types(*words)
    assert (done.code, "give the command again, with --overwrite" in done.err) == (130, True), done.err
    user.transport = None
    assert user.types(*words, "--overwrite").code == 0
