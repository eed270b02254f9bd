"""Test that a change with several wrong inputs reports all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

WRITE = "POST /api/v0/study-case/21/parameters"


def errors_of(user: User, *words: str) -> tuple[int, list[str], str]:
    """Return the exit code, the kinds of the causes, and their messages."""
    done = user.types(*words, "-F", "json")
    error = json.loads(done.err.splitlines()[-1])
    causes = error["causes"]
    return done.code, [cause["kind"] for cause in causes], "\n".join(cause["error"] for cause in causes)


def test_all_unknown_names_are_reported(user: User) -> None:
    code, kinds, messages = errors_of(user, "param", "set", "21", "gama=3", "periods=7", "targts=2")
    assert (code, kinds) == (5, ["not_found", "not_found"])
    assert "gama" in messages
    assert "targts" in messages
    assert WRITE not in user.requests


@pytest.mark.parametrize("server", ["5.3"])
def test_all_unknown_names_are_reported_if_the_server_cannot_load(user_of: Callable[..., User], server: str) -> None:
    code, kinds, _ = errors_of(user_of(server=server), "param", "set", "21", "gama:=3", "targts:=2")
    assert (code, kinds) == (5, ["not_found", "not_found"])


def test_suggestions_are_shown_for_each_unknown_name(user: User) -> None:
    done = user.types("param", "set", "21", "gama=3", "targts=2")
    assert "dice.Macro.gamma" in done.err
    assert "dice.Macro.targets" in done.err


def test_outputs_are_reported_together(user: User) -> None:
    code, kinds, _ = errors_of(user, "param", "set", "21", "total_damage=3", "message=x")
    assert (code, kinds) == (2, ["usage", "usage"])


def test_ambiguous_and_unknown_names_are_reported_together(user: User) -> None:
    code, kinds, _ = errors_of(user, "param", "set", "21", "cost*:=1", "gama=3")
    assert (code, sorted(kinds)) == (2, ["ambiguous_name", "not_found"])


def test_unknown_names_and_wrong_values_are_reported_together(user: User) -> None:
    words = (
        "gama=1",
        "periods=2.5",
        "use_damage=maybe",
        "Macro.gamma=x",
        "total_damage=1",
        "theta=0.5",
        "shares.sun=1",
    )
    code, kinds, messages = errors_of(user, "param", "set", "21", *words)
    assert (code, sorted(kinds)) == (2, [*["invalid_value"] * 3, *["not_found"] * 2, "usage"])
    assert all(name in messages for name in ("gama", "periods", "use_damage", "Macro.gamma", "total_damage", "sun"))
    assert "theta" not in messages
    assert WRITE not in user.requests


def test_unknown_name_and_wrong_value_are_reported_together_if_the_server_cannot_load(user53: User) -> None:
    code, kinds, _ = errors_of(user53, "param", "set", "21", "gama:=1", "periods=2.5")
    assert (code, sorted(kinds)) == (2, ["invalid_value", "not_found"])


def test_wrong_unit_and_repeated_key_are_reported_with_the_others(user: User) -> None:
    words = ("gamma=0.5", "Macro.gamma=0.6", "periods=x", "start_year=2021", "--unit", "year")
    code, kinds, messages = errors_of(user, "param", "set", "21", *words)
    assert (code, len(kinds)) == (2, 3)
    assert "twice" in messages


def test_thousands_of_unknown_names_cost_few_requests(user: User) -> None:
    (user.folder / "c.json").write_text(json.dumps({f"Other.key_{number}": 1.0 for number in range(2000)}))
    code, kinds, _ = errors_of(user, "param", "set", "21", "--from", str(user.folder / "c.json"))
    assert (code, len(kinds)) == (5, 10)
    assert len(user.requests) < 50


def test_all_missing_files_and_incomplete_arguments_are_reported(user: User) -> None:
    words = ("population=@a.csv", "gamma", "events=@b.csv", "periods=7")
    code, kinds, messages = errors_of(user, "param", "set", "21", *words)
    assert (code, len(kinds)) == (2, 3)
    assert "a.csv" in messages
    assert "b.csv" in messages
    assert WRITE not in user.requests


def test_incomplete_arguments_and_unknown_names_are_reported_together(user: User) -> None:
    words = ("population=@a.csv", "gamma", "periods=x", "gama=1", "savings_rate*=x", "targets:=[")
    code, kinds, messages = errors_of(user, "param", "set", "21", *words)
    assert (code, len(kinds)) == (2, 6)
    assert all(word in messages for word in ("a.csv", "'gamma'", "periods", "gama", "savings_rate", "targets"))
    assert WRITE not in user.requests


def test_only_incomplete_arguments_send_no_request(user: User) -> None:
    code, kinds, _ = errors_of(user, "param", "set", "21", "population=@a.csv", "events=@b.csv", "gamma*=x")
    assert (code, len(kinds), user.requests) == (2, 3, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", '[Macro]\npopulation = "@a.csv"\nperiods = 2.5\ngama = 1\n'),
        ("c.json", '{"Macro.population": "@a.csv", "Macro.periods": 2.5, "gama": 1}'),
        ("c.csv", "key,value\nMacro.population,@a.csv\nMacro.periods,2.5\ngama,1\n"),
    ],
)
def test_missing_files_of_a_file_are_reported_with_the_other_errors(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    code, kinds, messages = errors_of(user, "param", "set", "21", "--from", str(user.folder / name))
    assert (code, len(kinds)) == (2, 3)
    assert "a.csv" in messages


def test_unchanged_solver_settings_are_not_mentioned(user: User) -> None:
    (user.folder / "load.json").write_text(user.types("study", "load", "21", "-F", "json").out)
    done = user.types("param", "set", "21", "--from", str(user.folder / "load.json"))
    assert done.code == 0
    assert "dice.max_mda_iter" not in done.err


def test_changed_solver_setting_is_mentioned(user: User) -> None:
    assert "dice.max_mda_iter is a solver setting" in user.types("param", "set", "21", "dice.max_mda_iter=31").err


def test_all_values_of_a_toml_file_that_json_lacks_are_named(user: User) -> None:
    text = "[Macro]\ngamma = nan\nnote = 2020-05-05\nperiods = 7\ntargets = [1.0, inf]\n"
    (user.folder / "c.toml").write_text(text)
    done = user.types("param", "set", "21", "--from", str(user.folder / "c.toml"))
    assert (done.code, user.requests) == (2, [])
    assert all(name in done.err for name in ("Macro.gamma", "Macro.note", "Macro.targets", "2020-05-05"))
    assert "periods" not in done.err
