"""Test `sostrades study logs`."""

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
def test_log_is_printed_exactly(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("study", "logs", "21")
    assert (done.code, done.err) == (0, "")
    assert done.out == user.types("api", "GET", ROUTE).out
    assert "café ready" in done.out
    assert done.out.endswith("Execution of study 21 is over\n")


def test_log_of_a_failed_run_has_its_traceback(user: User) -> None:
    user.types("calc", "run", "22")
    log = user.types("study", "logs", "22").out
    assert "Traceback (most recent call last):" in log
    assert log.rstrip().endswith("Process 4711 leaves")


def test_log_of_an_active_run_is_printed_so_far(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    first = user.types("study", "logs", "21").out
    user.world.clock.sleep(5.0)
    later = user.types("study", "logs", "21").out
    assert "Start of the run" in first
    assert later.startswith(first)
    assert len(later) > len(first)


@pytest.mark.parametrize("server", SERVERS)
def test_study_that_never_ran_has_no_log(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("study", "logs", "22", "-o", "-")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "never_ran"
    assert "sostrades calc run 22" in done.err
    assert "Errno" not in done.err
    assert "/srv" not in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_study_whose_start_failed_has_no_log(user_of: Callable[..., User], server: str) -> None:
    """The server names a log that does not exist."""
    user = user_of(server)
    assert user.types("api", "POST", "/api/v0/study-case/21/copy", "--data", '{"new_study_name": "bare"}').code == 0
    bare = str(max(user.world.studies))
    started = user.types("calc", "run", bare)
    shown = user.types("study", "logs", bare)
    assert (started.code, shown.code, shown.out) == (8, 8, "")
    for done in (started, shown):
        assert "Errno" not in done.err
        assert "/srv" not in done.err


def test_log_is_written_to_a_file(user: User) -> None:
    target = user.folder / "run.log"
    assert user.types("study", "logs", "21", "-o", str(target)).code == 0
    assert target.read_text() == user.types("study", "logs", "21").out
    user.world.requests.clear()
    assert user.types("study", "logs", "21", "-o", str(target)).code == 2
    assert user.requests == []


def test_truncated_log_is_retried_and_leaves_no_file(user: User) -> None:
    target = user.folder / "run.log"
    user.world.faults.arm(Fault("cut", count=2, path="logs"))
    assert user.types("study", "logs", "21", "-o", str(target)).code == 0
    assert target.read_text() == user.types("api", "GET", ROUTE).out
    target.unlink()
    user.world.faults.arm(Fault("cut", count=99, path="logs"))
    assert user.types("study", "logs", "21", "-o", str(target)).code == 7
    assert list(user.folder.glob("*run.log*")) == []


def test_login_page_is_not_a_log(user: User) -> None:
    user.world.faults.arm(Fault("body", count=2, path="logs", body="<html>Please log in</html>"))
    printed = user.types("study", "logs", "21")
    assert (printed.code, printed.out) == (7, "")
    assert user.types("study", "logs", "21", "-o", str(user.folder / "run.log")).code == 7
    assert not (user.folder / "run.log").exists()


def test_control_characters_are_escaped_only_on_a_terminal(user: User) -> None:
    text = "first\n\x1b]0;owned\x07\x1b[2J\r\nlast\u202e\n"
    for tty in (True, False):
        fault = Fault("body", path="logs", body=text, content_type="application/octet-stream")
        user.world.faults.arm(fault)
        done = user.types("study", "logs", "21", tty=tty)
        assert done.code == 0
        assert done.out == (text if not tty else "first\n\\x1b]0;owned\\x07\\x1b[2J\nlast\\u202e\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    done = user_of(server).types("study", "logs", study)
    assert (done.code, done.out) == (code, "")


def test_error_in_json_is_one_object(user: User) -> None:
    error = json.loads(user.types("study", "logs", "22", SOSTRADES_FORMAT="json").err)
    assert (error["code"], error["kind"], error["study"]) == (8, "never_ran", 22)
    assert user.types("study", "logs", "21", "-F", "json").code == 2
