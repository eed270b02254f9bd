"""Test `sostrades study list`, which reads the cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
        23: (None, None),
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


def test_both_studies_of_a_diff_are_listed(user: User) -> None:
    user.types("study", "diff", "21", "24")
    assert {row["study"] for row in listed(user)} == {21, 24}
