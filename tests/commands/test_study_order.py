"""Test `sostrades study order`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from conftest import User


def test_order_has_loops_and_later_disciplines(user: User) -> None:
    document = user.prints("study", "order", "28")
    loop, problem = document["steps"]
    assert (loop["kind"], loop["step"], problem["kind"], problem["step"]) == ("loop", 1, "discipline", 2)
    assert {step["node"] for step in loop["steps"]} == {
        "sellar.SellarCoupling.Sellar_1",
        "sellar.SellarCoupling.Sellar_2",
    }
    assert problem["name"] == "SellarCoupling.Sellar_Problem"


def test_rows_name_the_group_of_each_member(user: User) -> None:
    done = user.types("study", "order", "21")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[0] == ["step", "kind", "discipline", "group"]
    parallel = next(row for row in rows if row[1] == "parallel")
    assert {row[2] for row in rows if row[3] == parallel[2]} == {"Damage", "Energy mix"}
    # The order within a group has no meaning, and the note says so.
    assert done.err


def test_driver_is_one_step_whose_order_is_unknown(user: User) -> None:
    document = user.prints("study", "order", "29")
    assert {step["name"] for group in document["steps"] for step in group["steps"]} == {"Eval", "SampleGenerator"}
    assert "inside Eval" in user.types("study", "order", "29").err


def test_terminal_shows_members_below_their_group(user: User) -> None:
    done = user.types("study", "order", "28", tty=True, NO_COLOR="1")
    lines = done.out.splitlines()
    assert "MDA 1" in lines[0]
    assert lines[1].index("S") > lines[3].index("2. S")


def test_restricted_viewer_gets_the_order(user: User) -> None:
    everything = user.prints("study", "order", "28")
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.prints("study", "order", "28") == everything


def test_study_without_a_run_has_no_order(user: User) -> None:
    done = user.types("study", "order", "22")
    assert (done.code, done.kind) == (8, "refused")
    assert "sostrades calc run 22" in done.err
