"""Test the words for values that the server does not show: sizes of tables, inf, nan and no value."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.faults import Fault
from server_stub.model import Parameter
from server_stub.values import Table
from server_stub.worlds.by_hand import add_study

if TYPE_CHECKING:
    from conftest import User

TIMES = "\N{MULTIPLICATION SIGN}"
LISTS = [("param", "list"), ("study", "load")]


def values(user: User, *line: str) -> dict[str, str]:
    """Return the values that a command shows in a pipe."""
    done = user.types(*line)
    assert done.code == 0, done.err
    rows = [row.split("\t") for row in done.out.splitlines()[1:]]
    return {row[0].partition(".")[2]: row[-1] for row in rows}


def downloads(user: User) -> int:
    """Return the number of downloads so far."""
    return sum(request.endswith("/download") for request in user.requests)


def many_tables(user: User) -> None:
    """Add study 60 with 21 tables."""
    table = Table(("years", "x"), ((2020, 1.0), (2021, 2.0)))
    add_study(user.world, 60, "many", *(Parameter(f"N.t{n}", "dataframe", table) for n in range(21)))


@pytest.mark.parametrize("anyone", QUICK_WITH_READ_ONLY_MODE, indirect=True)
@pytest.mark.parametrize("command", LISTS)
def test_few_tables_show_their_size(anyone: User, command: tuple[str, ...]) -> None:
    shown = values(anyone, *command, "21")
    assert shown["Macro.population"] == f"11 {TIMES} 2"
    assert shown["Macro.weights"] == f"3 {TIMES} 1"
    assert shown["Macro.regions"] == "2 tables"
    assert shown["Macro.matrix"] == "array"
    assert not any("://" in value for value in shown.values())


@pytest.mark.parametrize("command", LISTS)
def test_json_has_the_values_of_the_api_and_reads_no_table(user: User, command: tuple[str, ...]) -> None:
    for form in ("json", "ndjson"):
        assert "://dataframe" in user.types(*command, "21", "-F", form).out
    assert downloads(user) == 0


@pytest.mark.parametrize("command", LISTS)
def test_many_tables_are_not_read(user: User, command: tuple[str, ...]) -> None:
    many_tables(user)
    assert set(values(user, *command, "60").values()) == {"table"}
    assert downloads(user) == 0


@pytest.mark.parametrize("reading", [slow("show 60 t3"), "get 60 t3 -F json", slow("list 60 --match t3")])
def test_size_of_a_table_that_was_read_is_known_until_a_change(user: User, reading: str) -> None:
    many_tables(user)
    user.types("param", *reading.split())
    assert values(user, "param", "list", "60")["N.t3"] == f"2 {TIMES} 2"
    assert values(user, "param", "list", "60")["N.t4"] == "table"
    user.types("param", "reset", "60", "N.t4")
    assert values(user, "param", "list", "60")["N.t3"] == "table"


def test_sizes_of_downloaded_tables_are_known(user: User) -> None:
    many_tables(user)
    assert user.types("param", "download", "60", "--all", "-d", str(user.folder / "tables")).code == 0
    shown = values(user, "param", "list", "60")
    assert set(shown.values()) == {f"2 {TIMES} 2"}


def test_table_that_cannot_be_downloaded_is_called_a_table(user: User) -> None:
    user.world.faults.arm(Fault("status", count=99, path="download", status=400))
    assert values(user, "param", "list", "21")["Macro.population"] == "table"


@pytest.mark.parametrize("command", LISTS)
def test_failed_download_leaves_the_list_usable_with_a_note(user: User, command: tuple[str, ...]) -> None:
    user.world.faults.arm(Fault("status", count=99, path="download", status=500))
    assert values(user, *command, "21")["Macro.population"] == "table"
    assert len(user.types(*command, "21").err.splitlines()) == 1
    assert downloads(user) == 2


@pytest.mark.parametrize(("name", "word"), [slow("no_limit", "inf"), slow("not_known", "nan"), ("remark", "no value")])
def test_null_has_the_same_word_everywhere(anyone: User, name: str, word: str) -> None:
    assert values(anyone, "study", "load", "21")[f"Macro.{name}"] == word
    assert values(anyone, "param", "list", "21")[f"Macro.{name}"] == word
    assert anyone.types("param", "get", "21", f"Macro.{name}").out == f"{word}\n"
    assert f"value\t{word}\n" in anyone.types("param", "show", "21", f"Macro.{name}").out
    payload = None if word == "no value" else word
    assert anyone.prints("param", "get", "21", f"Macro.{name}") == payload
    assert anyone.prints("param", "show", "21", f"Macro.{name}")["value"] == payload


def test_value_of_an_outdated_output_is_unknown(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    before = downloads(user)
    shown = values(user, "param", "list", "21", "--outputs")
    assert set(shown.values()) == {"unknown"}
    assert downloads(user) == before


def test_nested_nulls_are_distinguished(user: User) -> None:
    shown = values(user, "param", "list", "21")["Macro.nested"]
    assert json.loads(shown) == {"A": {"x": 1.0, "y": "nan"}, "B": {"x": 2.0}}
    assert user.types("param", "get", "21", "Macro.nested").out == f"{shown}\n"
    assert user.prints("study", "load", "21")["dice.Macro.nested"]["value"]["A"]["y"] is None


def test_infinite_items_of_a_list_are_shown(user: User) -> None:
    user.world.studies[21].values["Macro.targets"] = [1.0, math.inf, -math.inf]
    assert values(user, "param", "list", "21")["Macro.targets"] == '[1.0, "inf", "-inf"]'
    assert user.prints("param", "get", "21", "Macro.targets") == [1.0, "inf", "-inf"]
    assert user.client().study(21).get("Macro.targets") == [1.0, math.inf, -math.inf]


def test_few_inputs_that_a_load_does_not_show_are_read(user53: User) -> None:
    """After a change, this server loads nothing until the next run ends."""
    user53.types("param", "set", "21", "Macro.gamma=0.9")
    line = ("param", "list", "21", "--inputs")
    names = ("gamma", "note", "population", "no_limit", "not_known", "nested", "use_damage", "matrix", "periods")
    shown = {name: values(user53, *line, "--match", f"Macro.{name}")[f"Macro.{name}"] for name in names}
    assert shown == {
        "gamma": "0.9",
        "note": "café ☃ naïve",
        "population": f"11 {TIMES} 2",
        "no_limit": "inf",
        "not_known": "nan",
        "nested": '{"A": {"x": 1.0, "y": "nan"}, "B": {"x": 2.0}}',
        "use_damage": "true",
        "matrix": "array",
        "periods": "11",
    }
    assert set(values(user53, *line).values()) == {"unknown"}
