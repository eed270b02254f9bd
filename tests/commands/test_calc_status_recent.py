"""Test `sostrades calc status` without a study, and with `--watch`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import Outcome, User


def rows(done: Outcome) -> list[list[str]]:
    """Return study and status of each row."""
    return [line.split("\t")[:2] for line in done.out.splitlines()[1:]]


def use(user: User, *studies: str) -> None:
    """Use studies one after the other, the last one last."""
    for study in studies:
        user.types("calc", "status", study)


def ends(done: Outcome) -> dict[int, int]:
    """Return the exit code of each study in the output of `-F ndjson`."""
    events: list[dict[str, Any]] = [json.loads(line) for line in done.out.splitlines()]
    return {event["study"]: event["exit_code"] for event in events if event["event"] == "finished"}


# Without a study --------------------------------------------------------------------------------


def test_studies_used_on_this_computer_are_shown(user: User) -> None:
    use(user, "24", "21")
    done = user.types("calc", "status")
    assert (done.code, done.err) == (0, "")
    assert sorted(rows(done)) == [["21", "FINISHED"], ["24", "NO RUN"]]


def test_only_the_last_ten_are_read(user: User) -> None:
    use(user, *map(str, (11, 12, 13, 21, 22, 24, 26, 27, 28, 29, 30)))
    user.world.requests.clear()
    assert len(rows(user.types("calc", "status"))) == 10
    assert len(user.requests) == 10


def test_no_study_yet_is_explained(user: User) -> None:
    done = user.types("calc", "status")
    assert (done.code, rows(done), user.requests) == (0, [], [])
    assert "sostrades study load" in done.err
    assert user.prints("calc", "status") == []


def test_json_is_a_list_even_of_one_study(user: User) -> None:
    use(user, "21")
    assert [state["study_case_id"] for state in user.prints("calc", "status")] == [21]


def test_deleted_study_is_left_out_and_no_longer_listed(user: User) -> None:
    use(user, "21", "24")
    del user.world.studies[24]
    done = user.types("calc", "status")
    assert (done.code, rows(done)) == (0, [["21", "FINISHED"]])
    assert "24" in done.err
    assert [row["study"] for row in user.prints("study", "list")] == [21]


def test_study_without_permission_is_left_out(user: User) -> None:
    use(user, "21", "24")
    refusal = {"statusCode": 403, "name": "Forbidden"}
    refusal["description"] = "You do not have the necessary rights to access this study case"
    body = json.dumps(refusal)
    user.world.faults.arm(
        Fault("status", count=9, path="status/24", status=403, body=body, content_type="application/json")
    )
    done = user.types("calc", "status")
    assert (done.code, rows(done)) == (0, [["21", "FINISHED"]])


def test_failing_server_is_an_error_and_shows_the_other_states(user: User) -> None:
    use(user, "21", "24")
    user.world.faults.arm(Fault("status", count=99, path="status/24", status=503))
    done = user.types("calc", "status")
    assert (done.code, rows(done)) == (7, [["21", "FINISHED"]])


def test_terminal_shows_names(user: User) -> None:
    use(user, "21")
    header, row = user.types("calc", "status", tty=True, NO_COLOR="1").out.splitlines()
    assert header.split()[:3] == ["study", "name", "status"]
    assert row.split()[:3] == ["21", "dice", "FINISHED"]
    assert "name" not in user.types("calc", "status").out


# With --watch -----------------------------------------------------------------------------------


def test_active_runs_are_watched_to_the_end(user: User) -> None:
    user.types("calc", "run", "21", "22", "--detach")
    use(user, "24")
    done = user.types("calc", "status", "--watch", "-F", "ndjson")
    assert (done.code, ends(done)) == (3, {21: 0, 22: 3})


def test_idle_studies_are_named(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    use(user, "24")
    done = user.types("calc", "status", "--watch")
    assert done.code == 0
    assert "study 24 (NO RUN)" in done.err
    assert done.out.splitlines()[-1].split("  ")[2] == "FINISHED"


def test_without_an_active_run_the_states_are_shown(user: User) -> None:
    use(user, "21", "24")
    done = user.types("calc", "status", "--watch")
    assert (done.code, sorted(rows(done))) == (0, [["21", "FINISHED"], ["24", "NO RUN"]])


def test_given_studies_are_watched(user: User) -> None:
    user.types("calc", "run", "21", "27", "--detach")
    done = user.types("calc", "status", "21", "24", "--watch", "-F", "ndjson")
    assert (done.code, ends(done)) == (0, {21: 0})


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_unreadable_study_does_not_lose_the_others(user: User, study: str, code: int) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("calc", "status", study, "21", "--watch", "-F", "ndjson")
    assert (done.code, ends(done)) == (code, {21: 0, int(study): code})


def test_watch_has_no_csv(user: User) -> None:
    done = user.types("calc", "status", "21", "--watch", "-F", "csv")
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert user.types("calc", "status", "21", "-F", "csv").code == 0
