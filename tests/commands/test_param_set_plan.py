"""`sostrades param set`: plans, files of values, units, and what is declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"
GAMMA = "dice.Macro.gamma"
MANY = 21


def held(user: User, key: str) -> object:
    """Return a value as the server shows it."""
    return json.loads(user.types("param", "get", "21", key, "-F", "json").out)


def test_a_dry_run_shows_the_plan_and_sends_nothing(user: User) -> None:
    """`--dry-run -F json` is a list of key, type, old, new and unit of what differs; nothing is sent."""
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "Macro.periods=11", "--dry-run", "-F", "json")
    assert json.loads(done.out) == [{"key": GAMMA, "type": "float", "old": 0.3, "new": 0.9, "unit": "-", "notes": []}]
    assert (done.code, SENT in user.requests) == (0, False)


def test_a_dry_run_shows_the_exact_request_without_the_key(user: User) -> None:
    """The request is shown with the body that would be sent, and the key is not in it."""
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "--dry-run")
    assert '[{"variableId": "dice.Macro.gamma", "newValue": 0.9, "unit": "-"}]' in done.err
    assert "POST http://127.0.0.1:5004/api/v0/study-case/21/parameters" in done.err
    assert user.world.key not in done.err + done.out


@pytest.mark.parametrize(("value", "code"), [("0.9", 9), ("0.3", 0)])
def test_exit_code_tells_whether_anything_would_change(user: User, value: str, code: int) -> None:
    """`--dry-run --exit-code` is 9 where something differs and 0 where nothing does, without an error message."""
    done = user.types("param", "set", "21", f"{GAMMA}={value}", "--dry-run", "--exit-code", "-F", "json")
    assert (done.code, done.err) == (code, "")


def test_a_dry_run_of_a_table_counts_what_differs(user: User) -> None:
    """A table's plan says how many cells differ and which is the first."""
    file = user.folder / "p.csv"
    file.write_text(user.types("param", "get", "21", "Macro.population").out.replace("7870.5", "8000"))
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "--dry-run", "-F", "json")
    [row] = json.loads(done.out)
    assert row["new"] == "1 cell differs, in row 2, population: 7870.5 -> 8000.0"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", '"dice.Macro.gamma" = 0.9\n"dice.Macro.shares" = {coal = 1.0}\n[dice.Macro]\nperiods = 7\n'),
        ("c.json", '{"dice.Macro.gamma": 0.9, "dice.Macro.shares": {"coal": 1.0}, "dice.Macro.periods": 7}'),
        (
            "c.csv",
            'key,value,unit\ndice.Macro.gamma,0.9,-\ndice.Macro.shares,"{""coal"": 1.0}",\ndice.Macro.periods,7,\n',
        ),
    ],
)
def test_values_come_from_a_file(user: User, name: str, text: str) -> None:
    """`--from` takes TOML, JSON and CSV, and all values go in one request."""
    (user.folder / name).write_text(text)
    assert user.types("param", "set", "21", "--from", str(user.folder / name)).code == 0
    assert [held(user, f"Macro.{key}") for key in ("gamma", "shares", "periods")] == [0.9, {"coal": 1.0}, 7]
    assert user.requests.count(SENT) == 1


def test_values_come_from_standard_input(user: User) -> None:
    """`--from -` reads standard input."""
    assert user.types("param", "set", "21", "--from", "-", stdin=b'{"dice.Macro.gamma": 0.9}').code == 0
    assert held(user, GAMMA) == 0.9


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", "gamma = "),
        ("c.toml", '"dice.Macro.gamma" = nan'),
        ("c.toml", '"dice.Macro.gamma" = 2026-01-01'),
        ("c.json", "[1]"),
        ("c.json", '{"dice.Macro.gamma": NaN}'),
        ("c.csv", "name,what\na,b\n"),
        ("c.yaml", "a: 1"),
        ("c.toml", '"dice.Macro.gamma" = "0.9"'),
        ("c.json", '{"dice.Macro.periods": 7.5}'),
    ],
)
def test_a_file_that_is_none_changes_nothing(user: User, name: str, text: str) -> None:
    """A file that cannot be read, or holds a value of another type, is exit 2 and nothing is sent."""
    (user.folder / name).write_text(text)
    assert user.types("param", "set", "21", "--from", str(user.folder / name)).code == 2
    assert SENT not in user.requests


def test_json_can_be_forced(user: User) -> None:
    """`KEY:=JSON` is JSON: the text `"@x"` can be set, and a number is no text."""
    assert user.types("param", "set", "21", 'Macro.note:="@x"').code == 0
    assert held(user, "Macro.note") == "@x"
    assert user.types("param", "set", "21", "Macro.note:=5").code == 2


def test_another_unit_is_refused(user: User) -> None:
    """`--unit` that is not the declared one is exit 2, since the server ignores it; `--force` sends it."""
    refused = user.types("param", "set", "21", "Macro.start_year=2021", "--unit", "months")
    assert (refused.code, SENT in user.requests) == (2, False)
    assert refused.kind == "invalid_value"
    assert user.types("param", "set", "21", "Macro.start_year=2021", "--unit", "year").code == 0
    assert user.types("param", "set", "21", "Macro.start_year=2022", "--unit", "months", "--force").code == 0


def test_a_value_outside_what_is_declared_is_refused(user: User) -> None:
    """Range and possible values, as read-only mode tells them, are checked before anything is sent."""
    ranged = user.types("param", "set", "21", "Macro.savings_rate=1.5")
    chosen = user.types("param", "set", "21", "Macro.scenario=rain")
    assert (ranged.code, chosen.code) == (2, 2)
    assert "from 0.0 to 1.0" in ranged.err
    assert "sunny" in chosen.err
    assert SENT not in user.requests


def test_a_terminal_is_asked_before_several_change(user: User) -> None:
    """At a terminal a plan of two asks; no sends nothing, yes sends both."""
    words = ("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    refused = user.types(*words, tty=True, secret="-", stdin=b"n\n")
    assert (refused.code, SENT in user.requests) == (130, False)
    assert "Change these 2 parameters" in refused.err
    assert user.types(*words, tty=True, secret="-", stdin=b"y\n").code == 0
    assert held(user, "Macro.periods") == 7


def test_many_changes_off_a_terminal_need_a_yes(user: User, tmp_path: Path) -> None:
    """Off a terminal more than 20 parameters need `--yes`."""
    loaded = json.loads(user.types("study", "load", "23", "-F", "json").out)
    floats = [n for n, p in loaded.items() if p["type"] == "float" and "Model" in n and p["value"] is not None][:MANY]
    (tmp_path / "c.json").write_text(json.dumps({name: loaded[name]["value"] + 0.001 for name in floats}))
    assert len(floats) == MANY
    refused = user.types("param", "set", "23", "--from", str(tmp_path / "c.json"))
    assert (refused.code, SENT.replace("21", "23") in user.requests) == (2, False)
    assert "--yes" in refused.err


def test_nothing_to_set_is_wrong_usage(user: User) -> None:
    """Without an assignment and without a file there is nothing to set: exit 2."""
    assert user.types("param", "set", "21").code == 2
    assert user.requests == []
