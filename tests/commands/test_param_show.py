"""`sostrades param show`: all that is known of one parameter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SERVERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def card(user: User, key: str) -> dict[str, Any]:
    """Return the card of a parameter of study 21 as a script reads it."""
    done = user.types("param", "show", "21", key, "-F", "json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("server", SERVERS)
def test_a_finished_study_tells_all(user_of: Callable[..., User], server: str) -> None:
    """Type, unit, kind, range, possible values and value are the declared ones, on every server."""
    user = user_of(server)
    rate, scenario = card(user, "Macro.savings_rate"), card(user, "scenario")
    assert rate == {
        "name": "dice.Macro.savings_rate",
        "type": "float",
        "unit": "-",
        "kind": "input",
        "range": [0.0, 1.0],
        "possible_values": None,
        "value": 0.25,
    }
    assert sorted(scenario["possible_values"]) == ["cloudy", "rainy", "sunny"]
    assert card(user, "Damage.total_damage")["kind"] == "output"
    assert card(user, "Macro.linearization_mode")["kind"] == "solver"


def test_a_table_shows_its_size_and_its_first_lines(user: User) -> None:
    """Of a table there are the number of rows, the columns and five lines, as in its download."""
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


def test_head_of_a_table_has_the_types_of_its_value(user: User) -> None:
    """Numbers are numbers, bools bools, and a column with a text is one of texts, as in `param get -F json`."""
    path = user.folder / "mixed.csv"
    path.write_text(MIXED)
    assert user.types("param", "set", "21", f"Macro.population=@{path}", "--force").code == 0
    head = card(user, "Macro.population")["table"]["head"]
    whole = user.prints("param", "get", "21", "Macro.population")
    assert repr(head) == repr([list(row.values()) for row in whole])
    assert [type(cell) for cell in head[0]][1:4] == [int, float, bool]


def test_what_is_not_told_is_said(user: User) -> None:
    """Before a run has finished nothing tells whether a parameter is an input: the card says so, and null in JSON."""
    done = user.types("param", "show", "22", "gamma", tty=True, NO_COLOR="1")
    assert done.code == 0
    assert " ".join(done.out.split()).count("unknown") == 1


def test_a_value_that_is_none_and_one_that_is_not_there(user: User) -> None:
    """No value is null; a name that nothing fits is exit 5 with the closest."""
    assert card(user, "Macro.remark")["value"] is None
    done = user.types("param", "show", "21", "Macro.gama")
    assert done.code == 5
    assert "dice.Macro.gamma" in done.err
