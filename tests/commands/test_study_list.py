"""`sostrades study list`: what commands have met, from memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User


def listed(user: User) -> list[dict[str, object]]:
    """Return the studies as a script reads them."""
    done = user.types("study", "list", "-F", "json")
    assert (done.code, done.err) == (0, "")
    rows: list[dict[str, object]] = json.loads(done.out)
    return rows


def test_studies_are_listed_once_they_were_met(user: User) -> None:
    """Whatever command has met a study, it is listed; a name and parameters are known of those that were loaded."""
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


def test_a_study_that_is_gone_is_forgotten(user: User) -> None:
    """When the server says that it has no such study, the study is listed no more; a wrong number never is."""
    user.types("study", "load", "21")
    del user.world.studies[21]
    assert user.types("calc", "status", "21").code == 5
    assert user.types("calc", "status", "99999").code == 5
    assert listed(user) == []


def test_a_failing_server_makes_nothing_known(user: User) -> None:
    """A study that a command could not reach is not listed; one whose run failed is."""
    user.world.faults.arm(Fault("status", count=20, path="calculation/status/21"))
    user.types("calc", "status", "21")
    assert user.types("calc", "run", "22").code == 3
    assert [row["study"] for row in listed(user)] == [22]


def test_another_server_has_its_own(user: User) -> None:
    """What was seen of one address is not listed for another; no key and no server are needed."""
    user.types("study", "load", "21")
    user.environ["SOSTRADES_API_KEY"] = ""
    assert [row["study"] for row in listed(user)] == [21]
    user.environ["SOSTRADES_HOST"] = "https://other.example"
    assert listed(user) == []


def test_a_terminal_is_told_how_studies_get_there(user: User) -> None:
    """An empty list says so; a table has the address above it."""
    assert "none yet" in user.types("study", "list", tty=True).err
    user.types("study", "load", "21")
    seen = user.types("study", "list", tty=True, NO_COLOR="1")
    assert "http://127.0.0.1:5004" in seen.err
    assert "dice" in seen.out


def test_two_studies_of_one_command_are_both_seen(user: User) -> None:
    """`study diff A B` has met both."""
    user.types("study", "diff", "21", "24")
    assert {row["study"] for row in listed(user)} == {21, 24}
