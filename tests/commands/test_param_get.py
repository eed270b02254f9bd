"""`sostrades param get`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SERVERS

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
    ("not_known", "null"),
    ("no_limit", "inf"),
    ("remark", "null"),
]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("name", "text"), VALUES)
def test_the_bare_value_is_printed(user_of: Callable[..., User], server: str, name: str, text: str) -> None:
    """Numbers and texts come as they are, lists and dicts as JSON, `null` for no value, `inf` for infinity."""
    done = user_of(server).types("param", "get", "21", f"dice.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("name", "text"), SCALARS)
def test_a_scalar_of_a_study_that_never_ran(user_of: Callable[..., User], server: str, name: str, text: str) -> None:
    """A scalar prints the same whether or not the study can be loaded from this server."""
    done = user_of(server).types("param", "get", "22", f"crash.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize(("name", "text"), VALUES)
def test_a_value_prints_the_same_after_an_edit_of_another(user53: User, name: str, text: str) -> None:
    """Where an edit takes the read-only file away, the types seen before keep the text of a value as it was."""
    user53.types("param", "set", "21", "Macro.savings_rate=0.5")
    done = user53.types("param", "get", "21", f"dice.Macro.{name}")
    assert (done.code, done.out) == (0, f"{text}\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("gamma", 0.3), ("use_damage", True), ("note", "café ☃ naïve"), ("targets", [1.0, 2.5, 4.0]), ("remark", None)],
)
def test_json_is_the_value(user_of: Callable[..., User], server: str, name: str, value: Any) -> None:
    """`-F json` prints the value as JSON and leaves standard error empty."""
    done = user_of(server).types("param", "get", "21", f"dice.Macro.{name}", "-F", "json")
    assert (json.loads(done.out), done.err) == (value, "")


def test_a_text_that_looks_like_a_number_stays_text_in_json(user53: User) -> None:
    """A string parameter that holds `7` is `"7"` in JSON, also where only a download shows it."""
    user53.types("param", "set", "21", "Macro.note=7")
    assert json.loads(user53.types("param", "get", "21", "Macro.note", "-F", "json").out) == "7"


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("name", "first"),
    [("population", "years,population"), ("weights", "value"), ("regions", "variable,years,share")],
)
def test_a_table_is_the_servers_csv(user_of: Callable[..., User], server: str, name: str, first: str) -> None:
    """Tables, arrays and dicts of tables come as the CSV of a download."""
    user = user_of(server)
    done = user.types("param", "get", "21", f"dice.Macro.{name}")
    assert done.out.splitlines()[0] == first
    assert done.out == user.types("param", "download", "21", f"dice.Macro.{name}").out


def test_a_table_as_json_is_a_list_of_objects(user: User) -> None:
    """`-F json` of a table is one object for each row, never CSV, and standard error stays empty."""
    done = user.types("param", "get", "21", "Macro.population", "-F", "json")
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert [list(row) for row in rows] == [["years", "population"]] * 11


@pytest.mark.parametrize("server", SERVERS)
def test_the_end_of_a_name_is_enough(user_of: Callable[..., User], server: str) -> None:
    """A unique end of the full name stands for it."""
    assert user_of(server).types("param", "get", "21", "Macro.gamma").out == "0.3\n"


@pytest.mark.parametrize("server", SERVERS)
def test_an_output_is_known_by_its_full_name(user_of: Callable[..., User], server: str) -> None:
    """Outputs, which no load shows, are printed too."""
    user = user_of(server)
    done = user.types("param", "get", "21", "dice.Damage.total_damage")
    assert done.code == 0
    assert float(done.out) == user.world.studies[21].values["Damage.total_damage"]


@pytest.mark.parametrize("server", SERVERS)
def test_an_output_before_the_first_run_has_no_value(user_of: Callable[..., User], server: str) -> None:
    """An output that no run has computed is exit 8 and says that there is no value yet."""
    done = user_of(server).types("param", "get", "22", "crash.Damage.total_damage")
    assert (done.code, done.out) == (8, "")
    assert done.kind == "no_value"


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_name_is_not_found_with_the_closest(user_of: Callable[..., User], server: str) -> None:
    """A name that does not exist is exit 5 and shows what was perhaps meant."""
    done = user_of(server).types("param", "get", "21", "dice.Macro.gama")
    assert (done.code, done.out) == (5, "")
    assert "dice.Macro.gamma" in done.err


def test_an_ambiguous_name_is_refused(user: User) -> None:
    """What fits several parameters is exit 2."""
    assert user.types("param", "get", "21", "*linearization_mode").code == 2


def test_a_name_without_the_study_s_own_is_exact(user: User) -> None:
    """`linearization_mode` is a setting of the study as a whole, though names of its parts end so, too."""
    done = user.types("param", "get", "21", "linearization_mode")
    assert (done.code, done.out) == (0, "auto\n")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5."""
    assert user_of(server).types("param", "get", study, "x.y").code == code


def test_a_matrix_says_that_it_cannot_be_had(user: User) -> None:
    """An array of two dimensions cannot be downloaded: no result, and an error that names the parameter."""
    done = user.types("param", "get", "21", "dice.Macro.matrix")
    assert done.code in {7, 8}
    assert done.out == ""
    assert "dice.Macro.matrix" in done.err


def test_a_login_page_is_no_value(user53: User) -> None:
    """A 200 with HTML in place of the CSV is exit 7, and nothing of it is printed."""
    page = Fault("body", count=9, path="download", body="<html><body>Please log in</body></html>")
    user53.world.faults.arm(page)
    done = user53.types("param", "get", "22", "crash.Macro.gamma")
    assert (done.code, done.out) == (7, "")


def test_bytes_that_are_not_text_are_an_unusable_answer(user: User) -> None:
    """An answer that is not the CSV of a value is exit 7, not a bug."""
    user.world.faults.arm(Fault("body", path="download", body="", content_type="text/csv; charset=utf-8"))
    assert user.types("param", "get", "21", "dice.Damage.total_damage").code in {0, 7}


def test_escape_codes_are_shown_on_a_terminal_and_exact_in_a_pipe(user: User) -> None:
    """A value's control characters reach a terminal as visible text and a pipe as they are."""
    user.world.studies[21].values["Macro.note"] = "\x1b[31mred\x07"
    assert user.types("param", "get", "21", "Macro.note", tty=True).out == "\\x1b[31mred\\x07\n"
    assert user.types("param", "get", "21", "Macro.note").out == "\x1b[31mred\x07\n"


def test_one_array_item_is_still_an_array(user: User) -> None:
    """An array with one item comes as CSV, like any array."""
    user.world.studies[21].values["Macro.weights"] = Array([1.5])
    assert user.types("param", "get", "21", "Macro.weights").out == "value\n1.5\n"


@pytest.mark.parametrize("command", ["get", "show", "reset", "download"])
@pytest.mark.parametrize("name", ["", " "])
def test_empty_name_is_a_usage_error_without_a_request(user: User, command: str, name: str) -> None:
    done = user.types("param", command, "21", name)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "empty" in done.err
