"""Test `sostrades param reset`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, mostly_slow, slow

from server_stub.faults import Fault
from server_stub.values import Array, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
MANY = 21
PLAIN = {
    "gamma": 0.9,
    "periods": 7,
    "use_damage": False,
    "scenario": "rainy",
    "note": "plain",
    "targets": [9.5],
    "region_names": ["Asia"],
    "shares": {"sun": 1.0},
    "nested": {"A": {"x": 5.0}},
    "remark": "said",
    "no_limit": 12.5,
    "not_known": 12.5,
}
TABLES = {
    "population": Table(("years", "population"), ((2020, 1.5),)),
    "events": Table(("name", "active", "comment", "amount"), (("Rome", True, None, math.nan),)),
    "weights": Array([1.0, 2.0]),
    "regions": {"Africa": Table(("years", "share"), ((2020, 1.0),))},
}


def stored_value(user: User, name: str, study: int = 21) -> Any:
    """Return a parameter as stored on the server."""
    result = user.world.studies[study]
    result.settle()
    return result.values[f"Macro.{name}"]


def store_value(user: User, name: str, value: object, *, finished: bool = True) -> object:
    """Store a value as somebody else does, and return the declared default."""
    study = user.world.studies[21]
    default = study.values[f"Macro.{name}"]
    study.values[f"Macro.{name}"] = value
    if not finished:
        user.types("param", "set", "21", "Macro.start_year=2021")
        user.world.requests.clear()
    return default


def planned_row(user: User, *keys: str) -> dict[str, Any]:
    """Return the only row of a plan."""
    done = user.types("param", "reset", "21", *keys, "--dry-run", "-F", "json")
    [row] = json.loads(done.out)
    assert done.err == ""
    return dict(row)


# What it does -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "changed"])
@pytest.mark.parametrize("name", mostly_slow([*PLAIN, *TABLES], 5))
def test_default_is_restored_with_one_request(
    user_of: Callable[..., User], server: str, name: str, *, finished: bool
) -> None:
    user = user_of(server)
    default = store_value(user, name, {**PLAIN, **TABLES}[name], finished=finished)
    assert user.types("param", "reset", "21", f"dice.Macro.{name}").code == 0
    assert repr(stored_value(user, name)) == repr(default)
    assert user.requests.count(SENT) == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", mostly_slow(PLAIN, 6))
def test_reset_can_be_undone(user_of: Callable[..., User], server: str, name: str) -> None:
    user = user_of(server)
    store_value(user, name, PLAIN[name], finished=False)
    user.types("param", "reset", "21", f"dice.Macro.{name}")
    assert user.types("param", "undo", "21").code == 0
    assert repr(stored_value(user, name)) == repr(PLAIN[name])


@pytest.mark.parametrize("name", mostly_slow(TABLES, 3))
def test_reset_of_a_table_can_be_undone(user: User, name: str) -> None:
    store_value(user, name, TABLES[name])
    before = user.types("param", "download", "21", f"dice.Macro.{name}").out
    user.types("param", "reset", "21", f"Macro.{name}")
    assert user.types("param", "undo", "21").code == 0
    assert user.types("param", "download", "21", f"dice.Macro.{name}").out == before


@pytest.mark.parametrize("name", mostly_slow(TABLES, 3))
def test_reset_of_a_table_cannot_be_undone_without_uploads(user53: User, name: str) -> None:
    """Exit 7 on 5.3, and the default stays."""
    default = store_value(user53, name, TABLES[name])
    assert user53.types("param", "reset", "21", f"Macro.{name}").code == 0
    undone = user53.types("param", "undo", "21")
    assert undone.code == 7
    assert "4.2.0 to 5.3.4" in undone.err
    assert repr(stored_value(user53, name)) == repr(default)


def test_several_keys_are_reset_by_one_request(user: User) -> None:
    store_value(user, "gamma", 0.9)
    store_value(user, "population", TABLES["population"])
    done = user.types("param", "reset", "21", "dice.Macro.gamma", "Macro.population", "-F", "json")
    assert [row["key"] for row in json.loads(done.out)] == ["dice.Macro.gamma", "dice.Macro.population"]
    assert user.requests.count(SENT) == 1


# What is told -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("name", "default"), [("gamma", 0.3), ("use_damage", True), ("targets", [1.0, 2.5, 4.0]), ("remark", None)]
)
def test_plan_of_a_finished_study_has_the_default(
    user_of: Callable[..., User], server: str, name: str, default: object
) -> None:
    user = user_of(server)
    store_value(user, name, PLAIN[name])
    row = planned_row(user, f"Macro.{name}")
    assert (row["key"], row["old"], row["new"]) == (f"dice.Macro.{name}", PLAIN[name], default)
    assert SENT not in user.requests


@pytest.mark.parametrize("server", SERVERS)
def test_plan_of_a_changed_study_has_no_default(user_of: Callable[..., User], server: str) -> None:
    """The table says `default value`, and JSON has null."""
    user = user_of(server)
    store_value(user, "gamma", 0.9, finished=False)
    assert planned_row(user, "Macro.gamma")["new"] is None
    assert "default value" in user.types("param", "reset", "21", "Macro.gamma", "--dry-run", tty=True).out
    assert SENT not in user.requests


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("name", "default"), [("gamma", 0.3), slow("periods", 11), ("shares", {"coal": 0.4, "wind": 0.6})]
)
def test_result_shows_the_default_that_the_server_did_not_announce(
    user_of: Callable[..., User], server: str, name: str, default: object
) -> None:
    user = user_of(server)
    store_value(user, name, PLAIN[name], finished=False)
    [row] = user.prints("param", "reset", "21", f"dice.Macro.{name}")
    assert row["new"] == default


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("name", ["population", "weights", "regions"])
def test_plan_never_has_the_default_of_a_table(user_of: Callable[..., User], server: str, name: str) -> None:
    user = user_of(server)
    store_value(user, name, TABLES[name])
    assert planned_row(user, f"Macro.{name}")["new"] is None


def test_request_contains_null_and_the_unit_but_no_key(user: User) -> None:
    store_value(user, "start_year", 2021)
    done = user.types("param", "reset", "21", "Macro.start_year", "--dry-run", "-v")
    assert '[{"variableId": "dice.Macro.start_year", "newValue": null, "unit": "year"}]' in done.err
    assert user.world.key not in done.out + done.err


@pytest.mark.parametrize(("value", "code"), [(0.9, 9), (0.3, 0)])
@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_exit_code_option_is_9_only_if_a_value_would_change(
    user_of: Callable[..., User], server: str, value: float, code: int
) -> None:
    user = user_of(server)
    store_value(user, "gamma", value)
    assert user.types("param", "reset", "21", "Macro.gamma", "--dry-run", "--exit-code").code == code


@pytest.mark.parametrize("name", ["gamma", slow("use_damage"), "targets", slow("nested"), "no_limit", slow("remark")])
@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_known_default_is_not_sent_again(user_of: Callable[..., User], server: str, name: str) -> None:
    """A write would delete the read-only file."""
    user = user_of(server)
    done = user.types("param", "reset", "21", f"Macro.{name}")
    assert (done.code, SENT in user.requests) == (0, False)
    assert "1 of 1" in done.err
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize("name", ["gamma", "remark", "population"])
def test_unknown_default_without_an_effect_is_a_note(user_of: Callable[..., User], server: str, name: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.periods=7")
    before = repr(stored_value(user, name))
    done = user.types("param", "reset", "21", f"Macro.{name}")
    assert (done.code, repr(stored_value(user, name))) == (0, before)
    assert f"probably because it already is the default: dice.Macro.{name}" in done.err


def test_reset_that_cannot_be_undone_is_noted(user: User) -> None:
    """No download shows a 2-D array."""
    default = store_value(user, "matrix", Array([[9.0, 9.0]]))
    done = user.types("param", "reset", "21", "Macro.matrix")
    assert done.code == 0
    assert "dice.Macro.matrix: this change cannot be undone" in done.err
    assert stored_value(user, "matrix") == default


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_dropped_reset_to_a_known_default_is_exit_8(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    store_value(user, "gamma", 0.9)
    user.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", "Macro.gamma")
    assert (done.code, stored_value(user, "gamma")) == (8, 0.9)
    assert "dice.Macro.gamma" in done.err


@pytest.mark.parametrize("keys", [slow(("periods", "gamma")), ("gamma", "periods", "not_known")])
def test_lost_answer_with_one_changed_value_counts_as_done(user: User, keys: tuple[str, ...]) -> None:
    """The others may already have had their defaults."""
    user.types("param", "set", "21", "Macro.periods=7")
    user.world.faults.arm(Fault("status", status=504, when="after", method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", *(f"Macro.{key}" for key in keys))
    assert (done.code, stored_value(user, "periods")) == (0, 11)
    assert "the change was made despite the error" in done.err
    others = ", ".join(f"dice.Macro.{key}" for key in keys if key != "periods")
    assert f"probably because it already is the default: {others}\n" in done.err


def test_lost_answer_without_an_effect_is_not_reported_as_done(user: User) -> None:
    user.types("param", "set", "21", "Macro.periods=7")
    user.world.faults.arm(Fault("status", status=504, when="before", method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", "Macro.gamma")
    assert (done.code, stored_value(user, "periods")) == (7, 7)
    assert "and the change was not made" in done.err


# What is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (["dice.Damage.total_damage"], 2),
        (["dice.Damage.temperature"], 2),
        (["dice.Macro.nope"], 5),
        (["Macro.gamma", "dice.Macro.nope"], 5),
        ([], 2),
    ],
)
def test_parameters_without_a_default_are_rejected(
    user_of: Callable[..., User], server: str, keys: list[str], code: int
) -> None:
    user = user_of(server)
    store_value(user, "gamma", 0.9)
    assert user.types("param", "reset", "21", *keys).code == code
    assert SENT not in user.requests


def test_missing_permission_is_exit_4_and_missing_study_exit_5(user: User) -> None:
    assert user.types("param", "reset", "25", "Macro.gamma").code == 4
    assert user.types("param", "reset", "99999", "Macro.gamma").code == 5


@pytest.mark.parametrize("server", SERVERS)
def test_active_run_is_not_changed_without_force(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    store_value(user, "gamma", 0.9)
    user.types("calc", "run", "21", "--detach")
    assert user.types("param", "reset", "21", "dice.Macro.gamma").code == 8
    assert SENT not in user.requests
    assert user.types("param", "reset", "21", "dice.Macro.gamma", "--force").code == 0
    assert stored_value(user, "gamma") == 0.3


def test_terminal_asks_before_several_resets(user: User) -> None:
    store_value(user, "gamma", 0.9)
    store_value(user, "periods", 7)
    words = ("param", "reset", "21", "Macro.gamma", "Macro.periods")
    refused = user.types(*words, tty=True, secret="-", stdin=b"n\n")
    assert (refused.code, SENT in user.requests) == (130, False)
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []
    assert user.types(*words, tty=True, secret="-", stdin=b"y\n").code == 0
    assert (stored_value(user, "gamma"), stored_value(user, "periods")) == (0.3, 11)


def test_more_than_20_resets_in_a_pipe_need_yes(user: User) -> None:
    loaded = json.loads(user.types("study", "load", "13", "-F", "json").out)
    floats = [n for n, p in loaded.items() if p["type"] == "float" and p["value"] is not None][:MANY]
    assert len(floats) == MANY
    study = user.world.studies[13]
    study.values.update({name.removeprefix("sectors."): 0.125 for name in floats})
    refused = user.types("param", "reset", "13", *floats)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert not any(asked.endswith("/parameters") for asked in user.requests)
    assert user.types("param", "reset", "13", *floats, "--yes").code == 0
    assert study.values[floats[0].removeprefix("sectors.")] != 0.125
