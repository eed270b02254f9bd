"""`sostrades study logs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

ROUTE = "/api/v0/study-case/21/logs"


@pytest.mark.parametrize("server", SERVERS)
def test_the_log_is_printed_exactly(user_of: Callable[..., User], server: str) -> None:
    """Standard output holds the file as the server wrote it, and standard error nothing."""
    user = user_of(server)
    done = user.types("study", "logs", "21")
    assert (done.code, done.err) == (0, "")
    assert done.out == user.types("api", "GET", ROUTE).out
    assert "café ready" in done.out
    assert done.out.endswith("Execution of study 21 is over\n")


def test_the_log_of_a_failed_run_has_its_traceback(user: User) -> None:
    """A failed run's log holds the traceback and what follows it."""
    user.types("calc", "run", "22")
    log = user.types("study", "logs", "22").out
    assert "Traceback (most recent call last):" in log
    assert log.rstrip().endswith("Process 4711 leaves")


def test_the_log_of_a_run_that_goes_on(user: User) -> None:
    """During a run the log is what there is so far."""
    user.types("calc", "run", "21", "--detach")
    first = user.types("study", "logs", "21").out
    user.world.clock.sleep(5.0)
    later = user.types("study", "logs", "21").out
    assert "Start of the run" in first
    assert later.startswith(first)
    assert len(later) > len(first)


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_that_never_ran_has_no_log(user_of: Callable[..., User], server: str) -> None:
    """The server's 500 before the first run is exit 8 and said in plain words, without its file path."""
    done = user_of(server).types("study", "logs", "22", "-o", "-")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "never_ran"
    assert "sostrades calc run 22" in done.err
    assert "Errno" not in done.err
    assert "/srv" not in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_whose_start_failed_has_no_log(user_of: Callable[..., User], server: str) -> None:
    """A start that fails leaves a number for a log that does not exist: the same error, not a fault of the server."""
    user = user_of(server)
    assert user.types("api", "POST", "/api/v0/study-case/21/copy", "--data", '{"new_study_name": "bare"}').code == 0
    bare = str(max(user.world.studies))
    started = user.types("calc", "run", bare)
    shown = user.types("study", "logs", bare)
    assert (started.code, shown.code, shown.out) == (8, 8, "")
    for done in (started, shown):
        assert "Errno" not in done.err
        assert "/srv" not in done.err


def test_the_log_goes_to_a_file(user: User) -> None:
    """`-o FILE` holds the log; an existing file is exit 2 without a request."""
    target = user.folder / "run.log"
    assert user.types("study", "logs", "21", "-o", str(target)).code == 0
    assert target.read_text() == user.types("study", "logs", "21").out
    user.world.requests.clear()
    assert user.types("study", "logs", "21", "-o", str(target)).code == 2
    assert user.requests == []


def test_a_cut_log_is_asked_for_again_or_is_no_file(user: User) -> None:
    """A transfer to a file that breaks is repeated; one that always breaks leaves no file."""
    target = user.folder / "run.log"
    user.world.faults.arm(Fault("cut", count=2, path="logs"))
    assert user.types("study", "logs", "21", "-o", str(target)).code == 0
    assert target.read_text() == user.types("api", "GET", ROUTE).out
    target.unlink()
    user.world.faults.arm(Fault("cut", count=99, path="logs"))
    assert user.types("study", "logs", "21", "-o", str(target)).code == 7
    assert list(user.folder.glob("*run.log*")) == []


def test_a_login_page_is_no_log(user: User) -> None:
    """A 200 with HTML is exit 7, neither printed nor saved."""
    user.world.faults.arm(Fault("body", count=2, path="logs", body="<html>Please log in</html>"))
    printed = user.types("study", "logs", "21")
    assert (printed.code, printed.out) == (7, "")
    assert user.types("study", "logs", "21", "-o", str(user.folder / "run.log")).code == 7
    assert not (user.folder / "run.log").exists()


def test_hostile_lines_are_visible_on_a_terminal_only(user: User) -> None:
    """Escape codes in a log are visible text on a terminal, lines stay lines, and a pipe gets it exactly."""
    text = "first\n\x1b]0;owned\x07\x1b[2J\r\nlast\u202e\n"
    for tty in (True, False):
        fault = Fault("body", path="logs", body=text, content_type="application/octet-stream")
        user.world.faults.arm(fault)
        done = user.types("study", "logs", "21", tty=tty)
        assert done.code == 0
        assert done.out == (text if not tty else "first\n\\x1b]0;owned\\x07\\x1b[2J\nlast\\u202e\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5."""
    done = user_of(server).types("study", "logs", study)
    assert (done.code, done.out) == (code, "")


def test_an_error_is_one_object_with_json(user: User) -> None:
    """SOSTRADES_FORMAT=json makes the error one object; `-F json` of a log is exit 2."""
    error = json.loads(user.types("study", "logs", "22", SOSTRADES_FORMAT="json").err)
    assert (error["code"], error["kind"], error["study"]) == (8, "never_ran", 22)
    assert user.types("study", "logs", "21", "-F", "json").code == 2
