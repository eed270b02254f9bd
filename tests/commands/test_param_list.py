"""Test `sostrades param list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_SERVERS, SERVERS, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


@pytest.mark.parametrize("server", SERVERS)
def test_rows_have_name_kind_type_unit_and_value(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "list", "21")
    header, *rows = done.out.splitlines()
    assert (done.code, header) == (0, "parameter\tkind\ttype\tunit\tvalue")
    assert "dice.Macro.population\tinput\tdataframe\tMpeople\t11 \N{MULTIPLICATION SIGN} 2" in rows
    assert not any("max_mda_iter" in row for row in rows)


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_all_shows_solver_settings(user_of: Callable[..., User], server: str) -> None:
    rows = user_of(server).types("param", "list", "21", "--all").out.splitlines()
    assert any(row.startswith("dice.max_mda_iter\tsolver\tint") for row in rows)


def test_json_is_a_list_of_objects(user: User) -> None:
    done = user.types("param", "list", "21", "--match", "Macro.gamma", "-F", "json")
    fields = {"kind": "input", "type": "float", "unit": "-", "value": 0.3}
    assert json.loads(done.out) == [{"parameter": "dice.Macro.gamma", **fields}]
    assert done.err == ""


def test_ndjson_has_one_object_per_row(user: User) -> None:
    lines = user.types("param", "list", "21", "-F", "ndjson").out.splitlines()
    rows = user.types("param", "list", "21").out.splitlines()[1:]
    assert [json.loads(line)["parameter"] for line in lines] == [row.split("\t")[0] for row in rows]


@pytest.mark.parametrize("pattern", ["*.Macro.g*", "Macro.gam"])
def test_match_accepts_a_glob_or_a_part_of_a_name(user: User, pattern: str) -> None:
    rows = user.types("param", "list", "21", "--match", pattern).out.splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == ["dice.Macro.gamma"]


def test_brackets_of_names_are_literal(user: User) -> None:
    rows = user.types("param", "list", "21", "--match", "*share of wind [%]*").out.splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == ["dice.Energy mix.share of wind [%] & sun"]


def test_no_match_is_an_empty_table(user: User) -> None:
    assert user.types("param", "list", "21", "--match", "zzz*").out.splitlines() == [
        "parameter\tkind\ttype\tunit\tvalue"
    ]
    assert json.loads(user.types("param", "list", "21", "--match", "zzz*", "-F", "json").out) == []


def test_cached_names_are_listed_if_the_load_is_broken(user53: User) -> None:
    """On 5.3 an edit removes the read-only file."""
    before = user53.prints("param", "list", "21")
    user53.types("param", "set", "21", "Macro.gamma=0.9")
    done = user53.types("param", "list", "21")
    assert done.code == 0
    assert "from the cache" in done.err
    after = user53.prints("param", "list", "21")
    assert {row["parameter"]: {**row, "value": None} for row in before} == {row["parameter"]: row for row in after}


def test_cached_outputs_are_not_inputs(user53: User) -> None:
    user53.types("param", "set", "21", "Macro.gamma=0.9")
    rows = user53.types("param", "list", "21").out.splitlines()
    assert not any(row.startswith("dice.Damage.total_damage\tinput") for row in rows)


def test_broken_load_without_a_cache_is_exit_7(user53: User) -> None:
    done = user53.types("param", "list", "22")
    assert (done.code, done.out) == (7, "")
    assert "5.0.2 to 5.3.4" in done.err


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    assert user_of(server).types("param", "list", study).code == code


def test_login_page_is_exit_7(user: User) -> None:
    user.world.faults.arm(Fault("body", path="study-case", body="<html>Please log in</html>"))
    done = user.types("param", "list", "21")
    assert (done.code, done.out) == (7, "")
    assert "Please log in" not in done.err


def test_retries_are_reported_on_stderr(user: User) -> None:
    user.world.faults.arm(Fault("status", count=2, path="study-case", status=503))
    done = user.types("param", "list", "21")
    assert done.code == 0
    assert done.err.count("retrying in") == 2
    assert "retrying" not in done.out
    assert user.requests.count("GET /api/v0/study-case/21/30") == 3


@pytest.mark.parametrize("command", [("param", "list"), slow(("study", "load"))])
@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("zzz", "nothing matches zzz\n"),
        slow("*.gama", "nothing matches *.gama. Did you mean dice.Macro.gamma"),
        ("Macro.gama", "nothing matches Macro.gama. Did you mean dice.Macro.gamma"),
        ("*.max_mda_iter", "only 1 solver setting matches, add --all to show them"),
    ],
)
def test_no_match_is_noted_with_suggestions(user: User, command: tuple[str, ...], match: str, expected: str) -> None:
    """Not in JSON and not with -q."""
    line = (*command, "21", "--match", match)
    done = user.types(*line)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert expected in done.err
    for quiet in ("-Fjson", "-q"):
        assert user.types(*line, quiet).err == ""
    assert "fits" not in user.types(*command, "21", "--match", "gamma").err


def test_title_counts_inputs_outputs_and_hidden_solver_settings(user: User) -> None:
    title = user.types("param", "list", "21", "--no-color", tty=True).err
    assert title == "dice · study 21 · 27 inputs, 8 outputs · 54 solver settings hidden (--all)\n"
    title = user.types("study", "load", "21", "--all", "--no-color", tty=True).err
    assert title == "dice · study 21 · 27 inputs, 54 solver settings\n"


def test_title_uses_singular_for_one_parameter(user: User) -> None:
    for command in (("param", "list"), ("study", "load")):
        line = (*command, "21", "--no-color", "--match")
        assert user.types(*line, "Macro.gamma", tty=True).err == "dice · study 21 · 1 input\n"
        assert "1 solver setting " in user.types(*line, "*max_mda_iter", tty=True).err


@pytest.mark.parametrize("command", [slow(("param", "list")), ("study", "load")])
def test_own_name_of_the_study_is_shown_once_on_a_terminal(user: User, command: tuple[str, ...]) -> None:
    done = user.types(*command, "21", tty=True)
    assert "dice" not in done.out
    assert "Macro.gamma" in done.out
    assert "dice.Macro.gamma" in user.types(*command, "21").out


NOTE = "outputs"


@pytest.mark.parametrize("words", [("--unit", "year"), slow(("--type", "int")), slow(("--match", "gamma"))])
def test_note_on_outputs_is_left_out_where_filters_left_only_inputs(user: User, words: tuple[str, ...]) -> None:
    assert user.types("param", "set", "21", "gamma=0.4").code == 0
    done = user.types("param", "list", "21", *words)
    other = user.types("param", "list", "21")
    assert done.code == 0
    assert NOTE in other.err
    assert NOTE not in done.err


def test_empty_list_at_a_terminal_is_only_the_reason(user: User) -> None:
    done = user.types("param", "list", "21", "--unit", "parsec", "--inputs", tty=True, COLUMNS="120")
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert "parsec" in done.err
    assert user.types("param", "list", "21", "--unit", "parsec").out == "parameter\tkind\ttype\tunit\tvalue\n"
