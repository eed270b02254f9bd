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
from sostrades_cli.errors import Hangup, SostradesError, Termination

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


def to_a_full_disk(user: User, *words: str) -> tuple[int, SostradesError]:
    """Run a command whose result cannot be written."""
    invocation = Invocation(user.program._replace(stdout=Full(), stderr=Terminal()), words)
    code = framework.run(root, invocation)
    assert invocation.error is not None
    return code, invocation.error


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Termination, 143), (Hangup, 129)])
def test_a_change_that_was_stopped_says_where_to_look(user: User, error: type[BaseException], code: int) -> None:
    """The change may have been made; the hint is the command that tells."""
    user.transport = Stopped(user, "/parameters", error)
    done = user.types("param", "set", "21", "Macro.gamma=0.4")
    assert done.code == code
    assert done.error is not None
    assert (done.error.study, done.error.hint) == (21, "sostrades param history 21")
    assert "0.4" in user.types("param", "history", "21").out


def test_a_read_that_was_stopped_has_begun_nothing(user: User) -> None:
    """After Ctrl-C in a read nothing goes on, and nothing is claimed to."""
    user.transport = Stopped(user, "/30", KeyboardInterrupt)
    done = user.types("param", "get", "21", "Macro.gamma")
    assert (done.code, done.out) == (130, "")
    assert done.error is not None
    assert (done.error.message, done.error.hint) == ("interrupted", None)


def test_a_run_whose_events_cannot_be_written_goes_on(user: User) -> None:
    """On a full disk the watching ends; that the run does not is told, with what to type."""
    code, error = to_a_full_disk(user, "calc", "run", "21")
    assert (code, error.kind) == (1, "write_failed")
    assert (error.study, error.hint) == (21, "sostrades calc watch 21")
    assert user.world.studies[21].status in {"PENDING", "RUNNING"}


def test_a_table_that_cannot_be_written_asks_for_room(user: User) -> None:
    """Of a read nothing is claimed but that its result could not be written."""
    code, error = to_a_full_disk(user, "study", "load", "21")
    assert (code, error.kind, error.study) == (1, "write_failed", None)
    assert error.hint


def test_downloads_that_were_stopped_say_how_to_go_on(user: User) -> None:
    """After Ctrl-C in downloads into a folder the hint is what makes the same command go through."""
    user.transport = Stopped(user, "/30", KeyboardInterrupt)
    words = ("param", "download", "21", "Macro.population", "Macro.weights", "-d", str(user.folder / "d"))
    done = user.types(*words)
    assert (done.code, "--overwrite" in done.err) == (130, True), done.err
    user.transport = None
    assert user.types(*words, "--overwrite").code == 0
