"""Test `sostrades param show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, mostly_slow

from server_stub.faults import Fault
from sostrades_cli.operations.param.details import UNLISTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def card(user: User, key: str) -> dict[str, Any]:
    """Return the details of a parameter of study 21 in JSON."""
    done = user.types("param", "show", "21", key, "-F", "json")
    assert (done.code, done.err) == (0, "")
    result: dict[str, Any] = json.loads(done.out)
    return result


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_finished_study_has_all_metadata(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    rate, scenario = card(user, "Macro.savings_rate"), card(user, "scenario")
    assert rate.pop("ontology")["label"] == "Savings rate"
    assert rate == {
        "name": "dice.Macro.savings_rate",
        "type": "float",
        "unit": "-",
        "kind": "input",
        "range": [0.0, 1.0],
        "possible_values": None,
        "value": 0.25,
        "default": 0.25,
        "settable": True,
        "reason": None,
        "outdated": False,
    }
    assert sorted(scenario["possible_values"]) == ["cloudy", "rainy", "sunny"]
    assert card(user, "Damage.total_damage")["kind"] == "output"
    assert card(user, "Macro.linearization_mode")["kind"] == "solver"


def test_table_shows_its_size_and_first_lines(user: User) -> None:
    table = card(user, "Macro.population")["table"]
    lines = user.types("param", "download", "21", "Macro.population").out.splitlines()
    assert table["rows"] == len(lines) - 1
    assert table["columns"] == lines[0].split(",")
    assert table["head"] == [[int(year), float(number)] for year, number in (line.split(",") for line in lines[1:6])]
    shown = user.types("param", "show", "21", "Macro.population", tty=True, NO_COLOR="1").out
    assert "11 rows, 2 columns" in shown
    assert "... 6 more" in shown


MIXED = """name,years,share,used,gap,all_gap,mixed
'a',2020,1.5,True,1.5,None,1.0
'01',2021,2,False,None,None,b
"""


def test_head_of_a_table_has_typed_cells(user: User) -> None:
    """As in `param get -F json`."""
    path = user.folder / "mixed.csv"
    path.write_text(MIXED)
    assert user.types("param", "set", "21", f"Macro.population=@{path}", "--force").code == 0
    head = card(user, "Macro.population")["table"]["head"]
    whole = user.prints("param", "get", "21", "Macro.population")
    assert repr(head) == repr([list(row.values()) for row in whole])
    assert [type(cell) for cell in head[0]][1:4] == [int, float, bool]


def test_unknown_metadata_is_named(user: User) -> None:
    """Before the first run it is unknown whether a parameter is an input."""
    done = user.types("param", "show", "22", "gamma", tty=True, NO_COLOR="1")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if "unknown" in line] == ["label", "kind"]


def test_missing_value_is_null_and_missing_name_is_exit_5(user: User) -> None:
    assert card(user, "Macro.remark")["value"] is None
    done = user.types("param", "show", "21", "Macro.gama")
    assert done.code == 5
    assert "dice.Macro.gamma" in done.err


@pytest.mark.parametrize("anyone", QUICK_WITH_READ_ONLY_MODE, indirect=True)
@pytest.mark.parametrize(
    ("key", "settable", "word"),
    mostly_slow([("gamma", True, None), ("total_damage", False, "output"), ("Macro.output", False, "coupling")], 2),
)
def test_card_has_the_reason_why_a_parameter_cannot_be_set(
    anyone: User, key: str, settable: bool, word: str | None
) -> None:
    details = card(anyone, key)
    assert details["settable"] is settable
    assert (details["reason"] is None) is (word is None)
    assert word is None or word in details["reason"]
    done = anyone.types("param", "set", "21", f"{key}=1", "--dry-run")
    assert (done.code == 0) is settable


@pytest.mark.parametrize("anyone", QUICK_WITH_READ_ONLY_MODE, indirect=True)
def test_card_has_the_default_of_an_input(anyone: User) -> None:
    assert card(anyone, "gamma")["default"] == 0.3
    assert "default" not in card(anyone, "total_damage")
    assert "default" not in card(anyone, "population")


def test_table_cannot_be_set_where_uploads_are_broken(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")
    details = card(user, "population")
    assert (details["settable"], "broken" in details["reason"]) == (False, True)
    assert user.world.studies[21].status == "FINISHED"
    assert card(user, "targets")["settable"] is True


def test_table_of_a_documented_server_can_be_set(user: User) -> None:
    assert card(user, "population")["settable"] is True


def test_whether_a_table_can_be_set_is_unknown_if_the_server_fails(user: User) -> None:
    user.world.faults.arm(Fault("status", count=99, path="parameters", status=500))
    details = card(user, "population")
    assert (details["settable"], bool(details["reason"])) == (None, True)
    assert details["table"]["rows"] == 11


def test_matrix_is_a_word_with_the_reason_of_the_error(user: User) -> None:
    lines = user.types("param", "show", "21", "matrix", "-F", "tsv").out.splitlines()
    facts = dict(line.split("\t", 1) for line in lines)
    assert facts["value"] == "array"
    assert card(user, "matrix")["value"] == "://ndarray"
    failed = user.types("param", "get", "21", "matrix").error
    assert failed is not None
    assert facts["unreadable"] == failed.detail


def test_value_of_a_table_is_that_of_the_list(user: User) -> None:
    """Tables, arrays and dicts of tables have the placeholders of the load in every command."""
    rows = {row["parameter"]: row["value"] for row in user.prints("param", "list", "21")}
    names = ["dice.Macro.population", "dice.Macro.weights", "dice.Macro.regions", "dice.Damage.by_year"]
    assert [user.prints("param", "show", "21", name)["value"] for name in names] == [rows[name] for name in names]
    assert rows["dice.Damage.by_year"] != rows["dice.Macro.population"]


def test_input_that_is_not_editable_can_be_set(user: User) -> None:
    """The model declares it as not editable, and the server accepts a value."""
    shown = user.prints("param", "show", "21", "Macro.locked")
    assert (shown["settable"], shown["reason"]) == (True, UNLISTED)
    assert user.types("param", "set", "21", "Macro.locked=10").code == 0
    assert user.prints("param", "get", "21", "Macro.locked") == 10.0
    assert user.prints("param", "show", "21", "Macro.gamma")["reason"] is None
