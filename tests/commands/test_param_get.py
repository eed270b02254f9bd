"""Test `sostrades param get`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_SERVERS, QUICK_WITH_READ_ONLY_MODE, SERVERS, mostly_slow, slow

from server_stub.faults import Fault
from server_stub.values import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SCALARS = [
    ("gamma", "0.3"),
    ("start_year", "2020"),
    ("use_damage", "true"),
    ("scenario", "sunny"),
    ("note", "café ☃ naïve"),
]
VALUES = [
    *SCALARS,
    ("targets", "[1.0, 2.5, 4.0]"),
    ("region_names", '["Europe", "Asia"]'),
    ("shares", '{"coal": 0.4, "wind": 0.6}'),
    ("not_known", "nan"),
    ("no_limit", "inf"),
    ("remark", "no value"),
]


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(("name", "text"), VALUES)
def test_value_is_printed_bare(user_of: Callable[..., User], server: str, name: str, text: str) -> None:
    """Numbers and strings as they are, lists and dicts as JSON."""
    done = user_of(server).types("param", "get", "21", f"dice.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize("server", [slow("documented"), slow("5.0"), "5.3"])
@pytest.mark.parametrize(("name", "text"), SCALARS)
def test_scalar_of_a_study_that_never_ran_is_printed(
    user_of: Callable[..., User], server: str, name: str, text: str
) -> None:
    done = user_of(server).types("param", "get", "22", f"crash.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize(("name", "text"), mostly_slow(VALUES, 3))
def test_value_is_printed_unchanged_after_another_was_edited(user53: User, name: str, text: str) -> None:
    """The edit removes the read-only file, so the type comes from the cache."""
    user53.types("param", "set", "21", "Macro.savings_rate=0.5")
    done = user53.types("param", "get", "21", f"dice.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("gamma", 0.3), ("use_damage", True), ("note", "café ☃ naïve"), ("targets", [1.0, 2.5, 4.0]), ("remark", None)],
)
def test_json_is_the_value(user_of: Callable[..., User], server: str, name: str, value: Any) -> None:
    done = user_of(server).types("param", "get", "21", f"dice.Macro.{name}", "-F", "json")
    assert (json.loads(done.out), done.err) == (value, "")


def test_numeric_string_is_a_string_in_json(user53: User) -> None:
    user53.types("param", "set", "21", "Macro.note=7")
    assert json.loads(user53.types("param", "get", "21", "Macro.note", "-F", "json").out) == "7"


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("name", "first"),
    [("population", "years,population"), ("weights", "value"), ("regions", "variable,years,share")],
)
def test_table_is_the_csv_of_the_server(user_of: Callable[..., User], server: str, name: str, first: str) -> None:
    user = user_of(server)
    done = user.types("param", "get", "21", f"dice.Macro.{name}")
    assert done.out.splitlines()[0] == first
    assert done.out == user.types("param", "download", "21", f"dice.Macro.{name}").out


def test_table_in_json_is_a_list_of_objects(user: User) -> None:
    done = user.types("param", "get", "21", "Macro.population", "-F", "json")
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert [list(row) for row in rows] == [["years", "population"]] * 11


@pytest.mark.parametrize("server", SERVERS)
def test_short_name_is_accepted(user_of: Callable[..., User], server: str) -> None:
    assert user_of(server).types("param", "get", "21", "Macro.gamma").out == "0.3\n"


@pytest.mark.parametrize("server", SERVERS)
def test_output_is_found_by_full_name(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("param", "get", "21", "dice.Damage.total_damage")
    assert done.code == 0
    assert float(done.out) == user.world.studies[21].values["Damage.total_damage"]


@pytest.mark.parametrize("server", SERVERS)
def test_output_before_the_first_run_has_no_value(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "get", "22", "crash.Damage.total_damage")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "no_value"


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_unknown_name_is_exit_5_with_suggestions(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "get", "21", "dice.Macro.gama")
    assert (done.code, done.out) == (5, "")
    assert "dice.Macro.gamma" in done.err


def test_pattern_gives_solver_settings_if_it_matches_nothing_else(user: User) -> None:
    result = user.prints("param", "get", "21", "*linearization_mode")
    assert len(result) > 1
    assert all(key.endswith("linearization_mode") for key in result)


def test_name_without_the_study_name_is_exact(user: User) -> None:
    """`linearization_mode` belongs to the study, although other names end with it."""
    done = user.types("param", "get", "21", "linearization_mode")
    assert (done.code, done.out) == (0, "auto\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    assert user_of(server).types("param", "get", study, "x.y").code == code


def test_two_dimensional_array_is_an_error(user: User) -> None:
    done = user.types("param", "get", "21", "dice.Macro.matrix")
    assert done.code in {7, 8}
    assert done.out == ""
    assert "dice.Macro.matrix" in done.err


def test_login_page_is_not_a_value(user53: User) -> None:
    page = Fault("body", count=9, path="download", body="<html><body>Please log in</body></html>")
    user53.world.faults.arm(page)
    done = user53.types("param", "get", "22", "crash.Macro.gamma")
    assert (done.code, done.out) == (7, "")


def test_invalid_bytes_are_a_server_fault(user: User) -> None:
    user.world.faults.arm(Fault("body", path="download", body="", content_type="text/csv; charset=utf-8"))
    assert user.types("param", "get", "21", "dice.Damage.total_damage").code in {0, 7}


def test_control_characters_are_escaped_only_on_a_terminal(user: User) -> None:
    user.world.studies[21].values["Macro.note"] = "\x1b[31mred\x07"
    assert user.types("param", "get", "21", "Macro.note", tty=True).out == "\\x1b[31mred\\x07\n"
    assert user.types("param", "get", "21", "Macro.note").out == "\x1b[31mred\x07\n"


def test_array_of_one_item_is_an_array(user: User) -> None:
    user.world.studies[21].values["Macro.weights"] = Array([1.5])
    assert user.types("param", "get", "21", "Macro.weights").out == "value\n1.5\n"


@pytest.mark.parametrize("command", ["get", "show", "reset", "download"])
@pytest.mark.parametrize("name", ["", " "])
def test_empty_name_is_a_usage_error_without_a_request(user: User, command: str, name: str) -> None:
    done = user.types("param", command, "21", name)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "empty" in done.err


SEVERAL = ("param", "get", "21", "total_damage", "Macro.gamma", "dice.Macro.no_limit", "Macro.population")


@pytest.mark.parametrize("anyone", QUICK_WITH_READ_ONLY_MODE, indirect=True)
def test_several_values_are_rows_in_the_order_given(anyone: User) -> None:
    done = anyone.types(*SEVERAL)
    damage = str(anyone.world.studies[21].values["Damage.total_damage"])
    assert done.out.splitlines() == [
        "key\tvalue",
        f"dice.Damage.total_damage\t{damage}",
        "dice.Macro.gamma\t0.3",
        "dice.Macro.no_limit\tinf",
        "dice.Macro.population\t11 \N{MULTIPLICATION SIGN} 2",
    ]


def test_several_values_are_an_object_in_json(anyone: User) -> None:
    values = anyone.prints(*SEVERAL, "remark")
    assert list(values) == [
        "dice.Damage.total_damage",
        "dice.Macro.gamma",
        "dice.Macro.no_limit",
        "dice.Macro.population",
        "dice.Macro.remark",
    ]
    assert values["dice.Macro.gamma"] == 0.3
    assert values["dice.Macro.no_limit"] == "inf"
    assert values["dice.Macro.remark"] is None
    assert values["dice.Macro.population"] == anyone.prints("param", "get", "21", "Macro.population")


def test_several_values_take_one_load(user: User) -> None:
    user.types("param", "get", "21", "dice.Macro.gamma", "dice.Macro.note", "dice.Macro.periods")
    assert user.requests == ["GET /api/v0/study-case/21/30"]


def test_values_that_can_be_read_are_printed_before_the_error_of_others(user: User) -> None:
    done = user.types("param", "get", "21", "Macro.gamma", "Macro.matrix", "Macro.note", "-F", "json")
    assert (done.code, done.kind) == (7, "no_layout")
    assert list(json.loads(done.out)) == ["dice.Macro.gamma", "dice.Macro.note"]
    # An output without a run is another error of the same kind.
    done = user.types("param", "get", "22", "Macro.gamma", "crash.Damage.total_damage", "crash.Damage.damages")
    assert (done.code, done.kind) == (8, "no_value")
    assert done.out.splitlines()[1:] == ["crash.Macro.gamma\t0.3"]
    done = user.types("param", "get", "22", "crash.Damage.total_damage", "crash.Damage.damages")
    assert (done.code, done.kind, done.out) == (8, "no_value", "")


@pytest.mark.parametrize("anyone", QUICK_WITH_READ_ONLY_MODE, indirect=True)
def test_all_unknown_keys_are_reported(anyone: User) -> None:
    done = anyone.types("param", "get", "21", "gama", "Macro.gamma", "nope", "-F", "json")
    assert (done.code, done.kind, done.out) == (5, "not_found", "")
    assert ["gama" in cause["error"] or "nope" in cause["error"] for cause in json.loads(done.err)["causes"]] == [
        True,
        True,
    ]


def test_key_given_twice_is_one_value(user: User) -> None:
    assert user.types("param", "get", "21", "gamma", "gamma").out == "0.3\n"


# Entries of dicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    "key", ["dice.Macro.shares.coal", slow("Macro.shares.coal"), "shares.coal", "macro.shares.coal"]
)
def test_entry_of_a_dict_is_printed(user_of: Callable[..., User], server: str, key: str) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    assert user.types("param", "get", "21", key).out == "0.4\n"
    both = user.types("param", "get", "21", key, "Macro.gamma", "-F", "json")
    assert json.loads(both.out) == {"dice.Macro.shares.coal": 0.4, "dice.Macro.gamma": 0.3}


def test_nested_entry_is_printed(user: User) -> None:
    user.world.studies[21].values["Macro.shares"] = {"a": {"b.c": [1, 2]}}
    assert user.types("param", "get", "21", "Macro.shares.a.b.c").out == "[1, 2]\n"
    assert json.loads(user.types("param", "get", "21", "Macro.shares.a").out) == {"b.c": [1, 2]}


def test_entry_of_a_dict_is_read_in_python(user: User) -> None:
    assert user.client().study(21).get("Macro.shares.coal") == 0.4


@pytest.mark.parametrize(("key", "code"), [("Macro.shares.cole", 5), ("Macro.regions.EU", 2), ("Macro.gamma.x", 5)])
def test_missing_entry_is_an_error(user: User, key: str, code: int) -> None:
    done = user.types("param", "get", "21", key)
    assert (done.code, done.out) == (code, "")


def test_error_of_a_missing_entry_has_a_suggestion_and_a_command(user: User) -> None:
    done = user.types("param", "get", "21", "Macro.shares.cole")
    assert done.error is not None
    assert ("coal" in done.err, "param get 21 dice.Macro.shares" in (done.error.hint or "")) == (True, True)


def test_entry_in_brackets_gets_its_spelling_with_a_dot(user: User) -> None:
    for words in (("get", "21", "Macro.shares[coal]"), ("set", "21", "Macro.shares['coal']=0.5")):
        done = user.types("param", *words)
        assert done.error is not None
        assert (done.code, "Macro.shares.coal" in (done.error.hint or "")) == (5, True)


def test_pattern_gives_all_parameters_that_it_matches(user: User) -> None:
    done = user.types("param", "get", "21", "gamma", "Macro.s*", "-F", "json")
    result = json.loads(done.out)
    assert next(iter(result)) == "dice.Macro.gamma"
    listed = json.loads(user.types("param", "list", "21", "--match", "Macro.s*", "-F", "json").out)
    assert list(result)[1:] == [parameter["parameter"] for parameter in listed]
    assert user.types("param", "get", "21", "Macro.gam*").out == user.types("param", "get", "21", "gamma").out


def test_pattern_that_matches_nothing_is_not_found(user: User) -> None:
    done = user.types("param", "get", "21", "Nowhere.*")
    assert (done.code, done.kind) == (5, "not_found")


def test_output_of_an_earlier_run_is_found_by_its_node_on_another_computer(user: User) -> None:
    """A study that is not finished lists no outputs, and the cache of this computer has none."""
    assert user.types("calc", "run", "21").code == 0
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    fresh = {"SOSTRADES_CACHE_DIR": str(user.folder / "other")}
    short = user.types("param", "get", "21", "total_damage", **fresh)
    assert (short.code, "before a run" in short.err, "calc run 21" in short.err) == (5, True, True)
    assert user.types("param", "get", "21", "Damage.nothing", **fresh).code == 5
    done = user.types("param", "get", "21", "Damage.total_damage", **fresh)
    assert (done.code, float(done.out) > 0) == (0, True), done.err
    other = {"SOSTRADES_CACHE_DIR": str(user.folder / "second")}
    assert user.types("param", "download", "21", "Damage.total_damage", **other).out.strip().endswith(done.out.strip())
    assert user.types("param", "download", "21", "Damage.nothing", **other).code == 5
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n")
    words = ("calc", "sweep", "21", str(user.folder / "cases.csv"), "-o", str(user.folder / "r.csv"), "--dry-run")
    swept = user.types(*words, "--collect", "total_damage", SOSTRADES_CACHE_DIR=str(user.folder / "third"))
    assert (swept.code, "before a run" in swept.err) == (5, True)
    assert user.types(*words, "--collect", "Damage.total_damage", **fresh).code == 0


def test_server_without_read_only_mode_does_not_advise_another_run(user_of: Callable[..., User]) -> None:
    user = user_of("5.0")
    assert user.types("calc", "run", "21", "--quiet").code == 0
    done = user.types("param", "get", "21", "total_damage")
    assert (done.code, done.kind) == (5, "not_found")
    assert "calc run" not in done.err
    assert "no read-only mode" in done.err
    assert user.types("param", "get", "21", "Damage.total_damage").code == 0
