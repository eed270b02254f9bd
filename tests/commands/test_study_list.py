"""Test `sostrades study list`, which reads the cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User


def listed(user: User) -> list[dict[str, object]]:
    """Return the studies in JSON."""
    done = user.types("study", "list", "-F", "json")
    assert (done.code, done.err) == (0, "")
    rows: list[dict[str, object]] = json.loads(done.out)
    return rows


def test_used_studies_are_listed_once(user: User) -> None:
    assert listed(user) == []
    user.types("study", "load", "21")
    user.types("calc", "status", "22", "23")
    user.types("alias", "set", "dice", "21")
    user.types("alias", "set", "far", "99")
    asked = len(user.requests)
    rows = listed(user)
    assert len(user.requests) == asked
    assert {row["study"]: (row["alias"], row["name"]) for row in rows} == {
        21: ("dice", "dice"),
        22: (None, None),
        # Its disciplines begin with its name.
        23: (None, "witness"),
        99: ("far", None),
    }
    assert next(row["parameters"] for row in rows if row["study"] == 21) > 50  # type: ignore[operator] # a number


def test_deleted_study_is_removed_from_the_list(user: User) -> None:
    user.types("study", "load", "21")
    del user.world.studies[21]
    assert user.types("calc", "status", "21").code == 5
    assert user.types("calc", "status", "99999").code == 5
    assert listed(user) == []


def test_unreachable_study_is_not_listed(user: User) -> None:
    user.world.faults.arm(Fault("status", count=20, path="calculation/status/21"))
    user.types("calc", "status", "21")
    assert user.types("calc", "run", "22").code == 3
    assert [row["study"] for row in listed(user)] == [22]


def test_list_belongs_to_a_server(user: User) -> None:
    """No key and no server are needed."""
    user.types("study", "load", "21")
    user.environ["SOSTRADES_API_KEY"] = ""
    assert [row["study"] for row in listed(user)] == [21]
    user.environ["SOSTRADES_HOST"] = "https://other.example"
    assert listed(user) == []


def test_empty_list_is_explained_on_a_terminal(user: User) -> None:
    assert "none yet" in user.types("study", "list", tty=True).err
    user.types("study", "load", "21")
    done = user.types("study", "list", tty=True, NO_COLOR="1")
    assert "http://127.0.0.1:5004" in done.err
    assert "dice" in done.out


def test_last_use_is_relative_on_a_terminal_and_exact_elsewhere(user: User) -> None:
    user.types("study", "load", "21")
    [row] = listed(user)
    assert row["last_seen"] in user.types("study", "list").out  # type: ignore[operator] # a text
    on_terminal = user.types("study", "list", tty=True, NO_COLOR="1").out
    assert row["last_seen"] not in on_terminal
    assert "last used" in on_terminal


def test_both_studies_of_a_diff_are_listed(user: User) -> None:
    user.types("study", "diff", "21", "24")
    assert {row["study"] for row in listed(user)} == {21, 24}


@pytest.mark.parametrize(("study", "code"), [("21", 0), ("22", 3), ("24", 8)])
def test_watched_study_is_listed_after_any_outcome(user: User, study: str, code: int) -> None:
    if code == 3:
        user.types("api", "POST", f"/api/v0/calculation/execute/{study}")
    assert user.types("calc", "watch", study).code == code
    assert [row["study"] for row in listed(user)] == [int(study)]


def test_watched_study_has_its_name(user: User) -> None:
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    user.types("calc", "watch", "21")
    assert [(row["study"], row["name"]) for row in listed(user)] == [(21, "dice")]
    assert user.types("calc", "status", "dice").code == 0


def test_interrupted_watch_keeps_the_study(user: User) -> None:
    user.transport = InterruptedAfter(StubTransport(user.world), requests=3)
    assert user.types("calc", "watch", "26").code == 130
    assert [row["study"] for row in listed(user)] == [26]


def test_studies_beside_a_failed_one_are_listed(user: User) -> None:
    assert user.types("calc", "status", "21", "99999", "25").code == 4
    assert [row["study"] for row in listed(user)] == [21]


def test_active_study_that_is_not_started_is_listed(user: User) -> None:
    assert user.types("calc", "run", "26").code == 8
    assert [row["study"] for row in listed(user)] == [26]


class InterruptedAfter(httpx.BaseTransport):
    """A stub whose user presses Ctrl-C during a request."""

    def __init__(self, inner: httpx.BaseTransport, requests: int) -> None:
        self._inner = inner
        self._left = requests

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or be interrupted."""
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._inner.handle_request(request)
