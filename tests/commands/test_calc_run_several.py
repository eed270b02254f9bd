"""Test `sostrades calc run` with several studies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/"


def ends(done: Outcome) -> dict[int, tuple[str, int]]:
    """Return outcome and exit code of each study in the output of `-F ndjson`."""
    events = [json.loads(line) for line in done.out.splitlines()]
    return {e["study"]: (e["outcome"], e["exit_code"]) for e in events if e["event"] == "finished"}


def starts(user: User) -> list[str]:
    """Return the studies whose run was started."""
    return [request.removeprefix(EXECUTE) for request in user.requests if request.startswith(EXECUTE)]


def error_of(done: Outcome) -> dict[str, Any]:
    """Return the error object."""
    error: dict[str, Any] = json.loads(done.err)
    return error


@pytest.mark.parametrize("server", SERVERS)
def test_each_study_is_started_once_and_watched_to_its_end(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("calc", "run", "21", "27", "21", "-F", "ndjson")
    assert (done.code, ends(done)) == (0, {21: ("FINISHED", 0), 27: ("FINISHED", 0)})
    assert starts(user) == ["21", "27"]


def test_pipe_gets_lines_with_the_study(user: User) -> None:
    lines = [line.split("  ") for line in user.types("calc", "run", "21", "27").out.splitlines()]
    for study in ("21", "27"):
        assert [line[2] for line in lines if line[1] == study] == ["PENDING", "RUNNING", "FINISHED"]


def test_failed_run_does_not_end_the_others(user: User) -> None:
    done = user.types("calc", "run", "22", "21", "-F", "ndjson")
    assert (done.code, ends(done)) == (3, {22: ("FAILED", 3), 21: ("FINISHED", 0)})
    assert [cause["study"] for cause in error_of(done)["causes"]] == [22]


@pytest.mark.parametrize(
    ("study", "code", "kind"), [("26", 8, "run_active"), ("25", 4, "permission_denied"), ("99999", 5, "no_study")]
)
@pytest.mark.parametrize("first", [True, False])
def test_study_that_cannot_start_does_not_lose_the_others(
    user: User, study: str, code: int, kind: str, first: bool
) -> None:
    order = (study, "21") if first else ("21", study)
    done = user.types("calc", "run", *order, "-F", "ndjson")
    assert done.code == code
    assert {number: end[1] for number, end in ends(done).items()} == {21: 0, int(study): code}
    assert starts(user) == ["21"]
    [cause] = error_of(done)["causes"]
    assert (cause["study"], cause["kind"]) == (int(study), kind)


def test_json_is_a_list_of_the_runs_that_started(user: User) -> None:
    done = user.types("calc", "run", "26", "21", "-F", "json")
    assert [state["study_case_id"] for state in json.loads(done.out)] == [21]
    assert (done.code, len(error_of(done)["causes"])) == (8, 1)


def test_error_names_every_study_that_failed(user: User) -> None:
    done = user.types("calc", "run", "22", "26", "21")
    assert done.code == 3
    assert "study 22" in done.err
    assert "study 26" in done.err


def test_no_start_at_all_is_one_error_with_all_causes(user: User) -> None:
    done = user.types("calc", "run", "26", "99999", "-F", "json")
    assert (done.code, done.out) == (5, "")
    assert [cause["kind"] for cause in error_of(done)["causes"]] == ["run_active", "no_study"]


def test_detach_shows_a_row_per_started_study(user: User) -> None:
    done = user.types("calc", "run", "21", "26", "27", "--detach")
    assert [row.split("\t")[:2] for row in done.out.splitlines()[1:]] == [["21", "PENDING"], ["27", "PENDING"]]
    assert (done.code, done.kind) == (8, "run_active")
    assert starts(user) == ["21", "27"]


def test_detach_without_any_start_shows_only_the_error(user: User) -> None:
    done = user.types("calc", "run", "26", "99999", "--detach", "-F", "json")
    assert (done.code, done.out) == (5, "")
    assert len(error_of(done)["causes"]) == 2


def test_values_are_set_in_each_study(user: User) -> None:
    copy = user.types("study", "copy", "21", "copied").out.strip()
    assert user.types("calc", "run", "21", copy, "--set", "Macro.gamma=0.25").code == 0
    assert {user.world.studies[int(study)].values["Macro.gamma"] for study in ("21", copy)} == {0.25}


def test_unknown_parameter_of_one_study_is_named_with_the_study(user: User) -> None:
    done = user.types("calc", "run", "21", "11", "--set", "Macro.gamma=0.25", "-F", "json")
    assert done.code == 5
    [cause] = error_of(done)["causes"]
    assert cause["study"] == 11
    assert "study 11" in cause["error"]
    assert starts(user) == ["21"]


def test_attach_watches_active_runs_and_starts_the_others(user: User) -> None:
    user.types("calc", "run", "27", "--detach")
    done = user.types("calc", "run", "21", "27", "--attach", "-F", "ndjson")
    assert (done.code, ends(done)) == (0, {21: ("FINISHED", 0), 27: ("FINISHED", 0)})
    assert sorted(starts(user)) == ["21", "27"]


def test_lost_answer_to_a_start_is_checked_and_not_repeated(user: User) -> None:
    user.world.faults.arm(Fault("drop", method="POST", path="execute/21", when="after"))
    done = user.types("calc", "run", "21", "27", "-F", "ndjson")
    assert (done.code, ends(done)) == (0, {21: ("FINISHED", 0), 27: ("FINISHED", 0)})
    assert starts(user) == ["21", "27"]


@pytest.mark.parametrize("studies", [("21",), ("21", "27")])
def test_attach_with_detach_is_a_usage_error(user: User, studies: tuple[str, ...]) -> None:
    done = user.types("calc", "run", *studies, "--attach", "--detach")
    assert (done.code, done.kind, user.requests) == (2, "usage", [])


def test_runs_of_all_studies_are_in_their_histories(user: User) -> None:
    user.types("calc", "run", "21", "22")
    outcomes = {study: [run["outcome"] for run in user.prints("calc", "history", study)] for study in ("21", "22")}
    assert outcomes == {"21": ["FINISHED"], "22": ["FAILED"]}
