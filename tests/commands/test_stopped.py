"""Test what interrupted commands report about work on the server."""

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


class StoppedAfterAnswer(httpx.BaseTransport):
    """A stub on which the program is interrupted right after a request was answered."""

    def __init__(self, user: User, path: str, error: type[BaseException]) -> None:
        self._stub, self._path, self._error = StubTransport(user.world), path, error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does, too late."""
        response = self._stub.handle_request(request)
        if request.url.path.endswith(self._path) and (request.method == "GET" or b"newValue" in request.read()):
            raise self._error
        return response


class FullStream(Terminal):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        """Raise the error of a full disk."""
        raise OSError(errno.ENOSPC, "No space left on device")


def to_a_full_disk(user: User, *words: str) -> tuple[int, SostradesError]:
    """Run a command whose result cannot be written."""
    invocation = Invocation(user.program._replace(stdout=FullStream(), stderr=Terminal()), words)
    code = framework.run(root, invocation)
    assert invocation.error is not None
    return code, invocation.error


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Termination, 143), (Hangup, 129)])
def test_interrupted_change_hints_at_the_history(user: User, error: type[BaseException], code: int) -> None:
    user.transport = StoppedAfterAnswer(user, "/parameters", error)
    done = user.types("param", "set", "21", "Macro.gamma=0.4")
    assert done.code == code
    assert done.error is not None
    assert (done.error.study, done.error.hint) == (21, "sostrades param history 21")
    assert "0.4" in user.types("param", "history", "21").out


@pytest.mark.parametrize("line", ["param set 21 Macro.gamma=0.4", "param reset 21 Macro.gamma", "calc run 21"])
def test_command_that_is_interrupted_before_its_change_has_sent_nothing(user: User, line: str) -> None:
    user.transport = StoppedAfterAnswer(user, "/status/21", KeyboardInterrupt)
    done = user.types(*line.split())
    assert (done.code, done.error is not None and done.error.hint) == (130, None)
    assert "nothing was sent" in done.err
    assert not [request for request in user.requests if request.endswith("/parameters") or "/execute/" in request]


def test_error_of_an_interrupted_read_has_no_hint(user: User) -> None:
    user.transport = StoppedAfterAnswer(user, "/30", KeyboardInterrupt)
    done = user.types("param", "get", "21", "Macro.gamma")
    assert (done.code, done.out) == (130, "")
    assert done.error is not None
    assert (done.error.message, done.error.hint) == ("interrupted", None)


def test_run_continues_if_its_events_cannot_be_written(user: User) -> None:
    code, error = to_a_full_disk(user, "calc", "run", "21")
    assert (code, error.kind) == (1, "write_failed")
    assert (error.study, error.hint) == (21, "sostrades calc watch 21")
    assert user.world.studies[21].status in {"PENDING", "RUNNING"}


def test_unwritable_table_is_an_output_error(user: User) -> None:
    code, error = to_a_full_disk(user, "study", "load", "21")
    assert (code, error.kind, error.study) == (1, "write_failed", None)
    assert error.hint


def test_interrupted_downloads_hint_at_resuming(user: User) -> None:
    user.transport = StoppedAfterAnswer(user, "/30", KeyboardInterrupt)
    words = ("param", "download", "21", "Macro.population", "Macro.weights", "-d", str(user.folder / "d"))
    done = user.types(*words)
    assert (done.code, "--overwrite" in done.err) == (130, True), done.err
    user.transport = None
    assert user.types(*words, "--overwrite").code == 0
