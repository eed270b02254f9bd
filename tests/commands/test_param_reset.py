"""`sostrades param reset`: back to what is declared, whatever the type, told where the server tells it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow

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


def held(user: User, name: str, study: int = 21) -> Any:
    """Return what the server holds of a parameter."""
    found = user.world.studies[study]
    found.settle()
    return found.values[f"Macro.{name}"]


def hold(user: User, name: str, value: object, *, finished: bool = True) -> object:
    """Let a study hold a value that someone else put there, and return the declared default."""
    study = user.world.studies[21]
    default = study.values[f"Macro.{name}"]
    study.values[f"Macro.{name}"] = value
    if not finished:
        user.types("param", "set", "21", "Macro.start_year=2021")
        user.world.requests.clear()
    return default


def planned(user: User, *keys: str) -> dict[str, Any]:
    """Return the one row of a plan."""
    done = user.types("param", "reset", "21", *keys, "--dry-run", "-F", "json")
    [row] = json.loads(done.out)
    assert done.err == ""
    return dict(row)


# What it does -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "changed"])
@pytest.mark.parametrize("name", mostly_slow([*PLAIN, *TABLES], 3))
def test_a_default_comes_back(user_of: Callable[..., User], server: str, name: str, *, finished: bool) -> None:
    """Whatever the type, and whether the server tells the default or not, the study then holds it: one request."""
    user = user_of(server)
    default = hold(user, name, {**PLAIN, **TABLES}[name], finished=finished)
    assert user.types("param", "reset", "21", f"dice.Macro.{name}").code == 0
    assert repr(held(user, name)) == repr(default)
    assert user.requests.count(SENT) == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", PLAIN)
def test_a_reset_can_be_undone(user_of: Callable[..., User], server: str, name: str) -> None:
    """What was held before the reset is put back by `undo`, type included."""
    user = user_of(server)
    hold(user, name, PLAIN[name], finished=False)
    user.types("param", "reset", "21", f"dice.Macro.{name}")
    assert user.types("param", "undo", "21").code == 0
    assert repr(held(user, name)) == repr(PLAIN[name])


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_reset_can_be_undone(user: User, name: str) -> None:
    """The table that a reset replaced is kept, and uploaded by `undo`: the download is as before."""
    hold(user, name, TABLES[name])
    before = user.types("param", "download", "21", f"dice.Macro.{name}").out
    user.types("param", "reset", "21", f"Macro.{name}")
    assert user.types("param", "undo", "21").code == 0
    assert user.types("param", "download", "21", f"dice.Macro.{name}").out == before


@pytest.mark.parametrize("name", TABLES)
def test_a_table_cannot_come_back_without_upload(user53: User, name: str) -> None:
    """On 5.3 the default comes, and the undo is exit 7 with the diagnosis; the default stays."""
    default = hold(user53, name, TABLES[name])
    assert user53.types("param", "reset", "21", f"Macro.{name}").code == 0
    undone = user53.types("param", "undo", "21")
    assert undone.code == 7
    assert "4.2.0 to 5.3.4" in undone.err
    assert repr(held(user53, name)) == repr(default)


def test_several_go_in_one_request(user: User) -> None:
    """All keys of a command, full names or their ends, tables as well, are reset by one request."""
    hold(user, "gamma", 0.9)
    hold(user, "population", TABLES["population"])
    done = user.types("param", "reset", "21", "dice.Macro.gamma", "Macro.population", "-F", "json")
    assert [row["key"] for row in json.loads(done.out)] == ["dice.Macro.gamma", "dice.Macro.population"]
    assert user.requests.count(SENT) == 1


# What is told -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("name", "default"), [("gamma", 0.3), ("use_damage", True), ("targets", [1.0, 2.5, 4.0]), ("remark", None)]
)
def test_a_finished_study_tells_the_default(
    user_of: Callable[..., User], server: str, name: str, default: object
) -> None:
    """After a finished run the plan has the old value and the declared default; nothing is sent."""
    user = user_of(server)
    hold(user, name, PLAIN[name])
    row = planned(user, f"Macro.{name}")
    assert (row["key"], row["old"], row["new"]) == (f"dice.Macro.{name}", PLAIN[name], default)
    assert SENT not in user.requests


@pytest.mark.parametrize("server", SERVERS)
def test_a_changed_study_does_not_tell_it(user_of: Callable[..., User], server: str) -> None:
    """After a change nobody tells the default: people read `default value`, scripts null."""
    user = user_of(server)
    hold(user, "gamma", 0.9, finished=False)
    assert planned(user, "Macro.gamma")["new"] is None
    assert "default value" in user.types("param", "reset", "21", "Macro.gamma", "--dry-run", tty=True).out
    assert SENT not in user.requests


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", ["population", "weights", "regions"])
def test_nobody_tells_the_default_of_a_table(user_of: Callable[..., User], server: str, name: str) -> None:
    """Of a table no answer shows the default, not even after a finished run."""
    user = user_of(server)
    hold(user, name, TABLES[name])
    assert planned(user, f"Macro.{name}")["new"] is None


def test_the_request_asks_for_null(user: User) -> None:
    """The request that a plan shows has null as the new value, the declared unit, and not the key."""
    hold(user, "start_year", 2021)
    done = user.types("param", "reset", "21", "Macro.start_year", "--dry-run")
    assert '[{"variableId": "dice.Macro.start_year", "newValue": null, "unit": "year"}]' in done.err
    assert user.world.key not in done.out + done.err


@pytest.mark.parametrize(("value", "code"), [(0.9, 9), (0.3, 0)])
@pytest.mark.parametrize("server", SERVERS)
def test_exit_code_tells_whether_anything_would_change(
    user_of: Callable[..., User], server: str, value: float, code: int
) -> None:
    """`--dry-run --exit-code` is 9 where the value is not the default, and 0 where it is."""
    user = user_of(server)
    hold(user, "gamma", value)
    assert user.types("param", "reset", "21", "Macro.gamma", "--dry-run", "--exit-code").code == code


@pytest.mark.parametrize("name", ["gamma", "use_damage", "targets", "nested", "no_limit", "remark"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_default_that_is_told_is_not_sent_again(user_of: Callable[..., User], server: str, name: str) -> None:
    """What holds its default already is not sent, which would delete the read-only file, and leaves no entry."""
    user = user_of(server)
    done = user.types("param", "reset", "21", f"Macro.{name}")
    assert (done.code, SENT in user.requests) == (0, False)
    assert "1 of 1" in done.err
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", ["gamma", "remark", "population"])
def test_a_default_that_nobody_tells_may_be_held_already(user_of: Callable[..., User], server: str, name: str) -> None:
    """Where the default is not told and nothing moves, the tool says what is most likely, and does not fail."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.periods=7")
    before = repr(held(user, name))
    done = user.types("param", "reset", "21", f"Macro.{name}")
    assert (done.code, repr(held(user, name))) == (0, before)
    assert f"probably because it already is the default: dice.Macro.{name}" in done.err


def test_what_cannot_be_kept_is_said(user: User) -> None:
    """A matrix, which no download gives, is reset with the note that this cannot be undone."""
    default = hold(user, "matrix", Array([[9.0, 9.0]]))
    done = user.types("param", "reset", "21", "Macro.matrix")
    assert done.code == 0
    assert "dice.Macro.matrix: this change cannot be undone" in done.err
    assert held(user, "matrix") == default


@pytest.mark.parametrize("server", SERVERS)
def test_a_reset_that_is_lost_is_not_called_done(user_of: Callable[..., User], server: str) -> None:
    """Where the default is known and the server drops the change for good, the reset is exit 8."""
    user = user_of(server)
    hold(user, "gamma", 0.9)
    user.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", "Macro.gamma")
    assert (done.code, held(user, "gamma")) == (8, 0.9)
    assert "dice.Macro.gamma" in done.err


@pytest.mark.parametrize("keys", [("periods", "gamma"), ("gamma", "periods", "not_known")])
def test_a_lost_answer_to_defaults_that_nobody_tells(user: User, keys: tuple[str, ...]) -> None:
    """Where one of several moved and the others may have held their default, the reset was made, not in part."""
    user.types("param", "set", "21", "Macro.periods=7")
    user.world.faults.arm(Fault("status", status=504, when="after", method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", *(f"Macro.{key}" for key in keys))
    assert (done.code, held(user, "periods")) == (0, 11)
    assert "the change was made despite the error" in done.err
    others = ", ".join(f"dice.Macro.{key}" for key in keys if key != "periods")
    assert f"probably because it already is the default: {others}\n" in done.err


def test_a_lost_answer_where_nothing_moved(user: User) -> None:
    """Where nothing moved and the answer was lost, nothing tells that the reset was made: it is not claimed."""
    user.types("param", "set", "21", "Macro.periods=7")
    user.world.faults.arm(Fault("status", status=504, when="before", method="POST", path="parameters$"))
    done = user.types("param", "reset", "21", "Macro.gamma")
    assert (done.code, held(user, "periods")) == (7, 7)
    assert "and the change was not made" in done.err


# What is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
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
def test_what_has_no_default_is_refused(user_of: Callable[..., User], server: str, keys: list[str], code: int) -> None:
    """An output, a coupling variable, an unknown name and no name at all are refused, and nothing is sent."""
    user = user_of(server)
    hold(user, "gamma", 0.9)
    assert user.types("param", "reset", "21", *keys).code == code
    assert SENT not in user.requests


def test_a_study_of_others_is_refused(user: User) -> None:
    """A study without a right is exit 4, one that is not there exit 5."""
    assert user.types("param", "reset", "25", "Macro.gamma").code == 4
    assert user.types("param", "reset", "99999", "Macro.gamma").code == 5


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_that_runs_is_left_alone(user_of: Callable[..., User], server: str) -> None:
    """A reset while a run is going on is exit 8; `--force` makes it."""
    user = user_of(server)
    hold(user, "gamma", 0.9)
    user.types("calc", "run", "21", "--detach")
    assert user.types("param", "reset", "21", "dice.Macro.gamma").code == 8
    assert SENT not in user.requests
    assert user.types("param", "reset", "21", "dice.Macro.gamma", "--force").code == 0
    assert held(user, "gamma") == 0.3


def test_a_terminal_is_asked_before_several_change(user: User) -> None:
    """At a terminal a reset of two asks; no sends nothing and journals nothing, yes sends both."""
    hold(user, "gamma", 0.9)
    hold(user, "periods", 7)
    words = ("param", "reset", "21", "Macro.gamma", "Macro.periods")
    refused = user.types(*words, tty=True, secret="-", stdin=b"n\n")
    assert (refused.code, SENT in user.requests) == (130, False)
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []
    assert user.types(*words, tty=True, secret="-", stdin=b"y\n").code == 0
    assert (held(user, "gamma"), held(user, "periods")) == (0.3, 11)


def test_many_resets_off_a_terminal_need_a_yes(user: User) -> None:
    """Off a terminal more than 20 parameters need `--yes`."""
    loaded = json.loads(user.types("study", "load", "23", "-F", "json").out)
    floats = [n for n, p in loaded.items() if p["type"] == "float" and "Model" in n and p["value"] is not None][:MANY]
    study = user.world.studies[23]
    study.values.update({name.removeprefix("witness."): 0.125 for name in floats})
    refused = user.types("param", "reset", "23", *floats)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert not any(asked.endswith("/parameters") for asked in user.requests)
    assert user.types("param", "reset", "23", *floats, "--yes").code == 0
    assert study.values[floats[0].removeprefix("witness.")] != 0.125
