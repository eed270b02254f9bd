"""Test `sostrades calc history`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User


def test_study_without_runs_is_explained(user: User) -> None:
    done = user.types("calc", "history", "21")
    assert (done.code, done.out) == (0, "run\tstarted\tended\tduration_s\toutcome\tstarted_here\n")
    assert "no run" in done.err
    assert user.prints("calc", "history", "21") == []


def test_no_request_and_no_key_are_needed(user: User) -> None:
    user.types("calc", "run", "21")
    user.world.requests.clear()
    user.environ["SOSTRADES_API_KEY"] = ""
    assert len(user.prints("calc", "history", "21")) == 1
    assert user.requests == []


def test_pipe_gets_exact_times_and_seconds(user: User) -> None:
    user.types("calc", "run", "21")
    [run] = user.prints("calc", "history", "21")
    [_, row] = user.types("calc", "history", "21").out.splitlines()
    assert row.split("\t") == ["1", run["started"], run["ended"], str(run["duration_s"]), "FINISHED", "true"]
    assert run["started"].endswith("Z")


def test_terminal_gets_relative_times_and_durations(user: User) -> None:
    user.types("calc", "run", "21")
    user.world.clock.sleep(7200)
    done = user.types("calc", "history", "21", tty=True, NO_COLOR="1")
    _, row = done.out.splitlines()
    assert row.count("2 h ago") == 2
    assert " s " in row.replace("2 h ago", "")
    assert "FINISHED" in row
    assert done.err == ""


def test_latest_run_is_at_the_end(user: User) -> None:
    user.types("calc", "run", "21")
    user.types("calc", "run", "21", "--detach")
    runs = user.prints("calc", "history", "21")
    assert [(run["run"], run["outcome"]) for run in runs] == [(1, "FINISHED"), (2, None)]
    done = user.types("calc", "history", "21")
    assert "sostrades calc watch 21" in done.err


@pytest.mark.parametrize("form", [(), ("-F", "json")])
def test_failed_runs_do_not_fail_the_command(user: User, form: tuple[str, ...]) -> None:
    user.types("calc", "run", "22")
    done = user.types("calc", "history", "22", *form)
    assert done.code == 0
    assert "FAILED" in done.out


def test_watched_run_that_was_started_elsewhere_is_marked(user: User) -> None:
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    user.types("calc", "watch", "21")
    [run] = user.prints("calc", "history", "21")
    assert (run["outcome"], run["started_here"]) == ("FINISHED", False)
    assert run["started"] < run["ended"]
    assert "no" in user.types("calc", "history", "21", tty=True, NO_COLOR="1").out.splitlines()[1].split()


def test_query_selects_from_the_list(user: User) -> None:
    user.types("calc", "run", "21")
    done = user.types("calc", "history", "21", "--query", "[-1].outcome", "-F", "json")
    assert json.loads(done.out) == "FINISHED"


def test_unreadable_records_are_a_usage_error(user: User) -> None:
    user.types("calc", "run", "21")
    [file] = (user.folder / "state" / "runs").rglob("21.jsonl")
    file.unlink()
    file.mkdir()
    assert (user.types("calc", "history", "21").code, user.types("calc", "history", "21").kind) == (2, "usage")


@pytest.mark.parametrize(("study", "outcome"), [("21", "FINISHED"), ("22", "FAILED")])
def test_status_completes_the_record_of_a_run_that_ended_unwatched(user: User, study: str, outcome: str) -> None:
    user.types("calc", "run", study, "--detach")
    user.world.clock.sleep(600)
    user.types("calc", "status", study)
    [run] = user.prints("calc", "history", study)
    assert run["outcome"] == outcome
    assert run["duration_s"] < 60


def test_status_of_an_active_run_records_no_end(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.types("calc", "status", "21")
    assert user.prints("calc", "history", "21")[0]["outcome"] is None


def test_unreadable_log_does_not_fail_the_status(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(600)
    user.world.faults.arm(Fault("status", count=9, path="log", status=500))
    assert user.types("calc", "status", "21").code == 0
    assert user.prints("calc", "history", "21")[0]["outcome"] is None
