"""Test reads on a server whose load route is broken: they wait for the failing load once a day only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow

from server_stub.behaviours import BEHAVIOURS

if TYPE_CHECKING:
    from conftest import User

READS = [
    ("param", "get", "21", "Macro.gamma"),
    ("param", "list", "21"),
    ("study", "load", "21"),
    ("study", "load", "21", "-F", "json"),
    ("study", "diff", "21", "21"),
]
LOAD = re.compile(r"GET /api/v0/study-case/\d+/\d+")
DAY_S = 86_400.0


def loads(user: User, *words: str) -> int:
    """Run a command that must succeed, and return the number of its loads."""
    user.world.requests.clear()
    done = user.types(*words)
    assert done.code == 0, done.err
    return sum(LOAD.fullmatch(request) is not None for request in user.requests)


@pytest.fixture
def warned(user53: User) -> User:
    """Return a user whose first read has met the broken load."""
    assert loads(user53, "param", "get", "21", "Macro.gamma") == 1
    return user53


@pytest.mark.parametrize("read", mostly_slow([(read,) for read in READS], 4), ids=" ".join)
def test_later_read_does_not_load_and_shows_the_same(user53: User, read: tuple[str, ...]) -> None:
    first = user53.types(*read)
    assert loads(user53, *read) == 0
    second = user53.types(*read)
    assert (second.code, second.out) == (first.code, first.out)
    assert ("read-only mode" in second.err) == ("read-only mode" in first.err)


def test_export_loads_at_most_once(user53: User) -> None:
    assert loads(user53, "study", "export", "21", str(user53.folder / "first")) == 1
    assert loads(user53, "study", "export", "21", str(user53.folder / "second")) == 0
    first, second = ((user53.folder / name / "parameters.toml").read_bytes() for name in ("first", "second"))
    assert first == second


def test_other_studies_of_the_server_are_not_loaded_either(warned: User) -> None:
    assert loads(warned, "param", "list", "27") == 0


def test_note_has_the_time_of_the_failed_load(warned: User) -> None:
    seen_at = datetime.fromtimestamp(warned.world.clock.now(), UTC).astimezone()
    warned.world.clock.sleep(DAY_S / 2)
    done = warned.types("param", "get", "21", "Macro.gamma")
    assert f"{seen_at:%H:%M}" in done.err
    assert "sostrades doctor" in done.err


def test_load_is_tried_again_after_a_day(warned: User) -> None:
    warned.world.clock.sleep(DAY_S - 60)
    assert loads(warned, "param", "get", "21", "Macro.gamma") == 0
    warned.world.clock.sleep(60)
    assert loads(warned, "param", "get", "21", "Macro.gamma") == 1
    assert loads(warned, "param", "get", "21", "Macro.gamma") == 0


def test_value_that_was_just_set_is_read(warned: User) -> None:
    assert warned.types("param", "set", "21", "Macro.gamma=0.25").code == 0
    assert warned.types("param", "get", "21", "dice.Macro.gamma").out == "0.25\n"
    assert warned.types("param", "reset", "21", "dice.Macro.gamma").code == 0
    assert warned.types("param", "get", "21", "dice.Macro.gamma").out == "0.3\n"


def test_read_after_an_unread_change_loads_first(warned: User) -> None:
    """Only a load makes the server apply the change."""
    assert warned.types("calc", "run", "21", "--set", "Macro.gamma=0.25").code == 0
    assert warned.types("param", "get", "21", "Macro.gamma").out == "0.25\n"


@pytest.mark.parametrize("version", ["documented", "5.0"])
def test_repaired_server_is_noticed_by_a_study_without_a_finished_run(warned: User, version: str) -> None:
    warned.world.behaviour = BEHAVIOURS[version]
    warned.types("param", "set", "21", "dice.Macro.gamma=0.25")
    # The study has changed since its last run, so read-only mode has nothing.
    assert loads(warned, "param", "get", "21", "Macro.gamma") == 1
    assert loads(warned, "study", "load", "27") == 1


def test_repaired_server_still_gives_the_right_values(warned: User) -> None:
    warned.world.behaviour = BEHAVIOURS["documented"]
    from_last_run = warned.prints("study", "load", "21")
    warned.types("doctor", "21")
    loaded = warned.prints("study", "load", "21")
    # The file of the last run does not tell which inputs a load leaves out.
    assert from_last_run.keys() - loaded.keys() == {"dice.Macro.locked"}
    assert {key: from_last_run[key]["value"] for key in loaded} == {key: p["value"] for key, p in loaded.items()}


def test_doctor_notices_a_repaired_server(warned: User) -> None:
    warned.world.behaviour = BEHAVIOURS["documented"]
    warned.types("doctor", "21")
    assert loads(warned, "param", "get", "21", "Macro.gamma") == 1


def test_doctor_notices_a_broken_server(user53: User) -> None:
    user53.types("doctor", "21")
    assert loads(user53, "param", "get", "21", "Macro.gamma") == 0


def test_study_without_a_finished_run_gets_the_same_error(user53: User) -> None:
    first, second = (user53.types("param", "list", "22") for _ in range(2))
    assert (first.code, first.kind, first.err) == (second.code, second.kind, second.err)
    assert first.kind == "load_fault"


def test_working_server_is_always_loaded(user: User) -> None:
    for _ in range(2):
        assert loads(user, "param", "get", "21", "Macro.gamma") == 1


def test_change_is_planned_with_a_load(warned: User) -> None:
    """A repaired server shows the present values."""
    warned.world.behaviour = BEHAVIOURS["documented"]
    assert loads(warned, "param", "set", "21", "Macro.gamma=0.3") >= 1
    assert loads(warned, "param", "list", "21") == 1
