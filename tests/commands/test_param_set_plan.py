"""Test plans, files of values, units and metadata with `sostrades param set`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"
GAMMA = "dice.Macro.gamma"
MANY = 21


def stored_value(user: User, key: str) -> object:
    """Return a value as the server shows it."""
    return json.loads(user.types("param", "get", "21", key, "-F", "json").out)


def test_dry_run_shows_the_plan_and_sends_nothing(user: User) -> None:
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "Macro.periods=11", "--dry-run", "-F", "json")
    plan = {"key": GAMMA, "type": "float", "old": 0.3, "new": 0.9, "unit": "-", "notes": [], "sent": True}
    assert json.loads(done.out) == [plan]
    assert (done.code, SENT in user.requests) == (0, False)


def test_verbose_dry_run_shows_the_request_without_the_key(user: User) -> None:
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "--dry-run", "-v")
    assert '[{"variableId": "dice.Macro.gamma", "newValue": 0.9, "unit": "-"}]' in done.err
    assert "POST http://127.0.0.1:5004/api/v0/study-case/21/parameters" in done.err
    assert user.world.key not in done.err + done.out


def test_dry_run_shows_requests_only_if_verbose(user: User) -> None:
    done = user.types("param", "set", "21", f"{GAMMA}=0.9", "--dry-run")
    assert "newValue" not in done.err
    assert "-v" in done.err


@pytest.mark.parametrize(("value", "code"), [("0.9", 9), ("0.3", 0)])
def test_exit_code_option_is_9_only_if_a_value_would_change(user: User, value: str, code: int) -> None:
    done = user.types("param", "set", "21", f"{GAMMA}={value}", "--dry-run", "--exit-code", "-F", "json")
    assert (done.code, done.err) == (code, "")


def test_dry_run_of_a_table_counts_changed_cells(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text(user.types("param", "get", "21", "Macro.population").out.replace("7870.5", "8000"))
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "--dry-run", "-F", "json")
    [row] = json.loads(done.out)
    assert row["new"] == "1 cell differs: row 2, population  7870.5 → 8000.0"
    assert row["table"] == {
        "rows": 11,
        "columns": 2,
        "rows_before": 11,
        "columns_before": 2,
        "columns_added": [],
        "columns_removed": [],
        "cells": 1,
        "first": [{"row": 2, "column": "population", "old": "7870.5", "new": "8000.0"}],
    }


def test_verbose_dry_run_of_a_table_shows_the_cells_that_differ(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text(user.types("param", "get", "21", "Macro.population").out.replace("7870.5", "8000"))
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "--dry-run", "-v")
    assert "row 2, population: 7870.5 → 8000.0" in done.err
    assert "2021," not in done.err


def test_change_of_a_table_has_the_same_words_everywhere(user: User) -> None:
    file = user.folder / "p.csv"
    text = user.types("param", "get", "21", "Macro.population").out
    file.write_text(text.replace("7870.5", "8000").replace("\n2023,", "\n2023,1"))
    words = ("param", "set", "21", f"Macro.population=@{file}", "Macro.gamma=0.9")
    planned, done = user.types(*words, "--dry-run", "-F", "json"), user.types(*words, "-F", "json")
    history = user.types("param", "history", "21", "-F", "tsv")
    [new] = [row["new"] for row in json.loads(done.out) if row["type"] == "dataframe"]
    assert new == "2 cells differ; the first: row 2, population  7870.5 → 8000.0"
    assert new in planned.out
    assert new in history.out
    [entry] = user.prints("param", "history", "21")
    assert new in [change["difference"] for change in entry["changes"]]


@pytest.mark.parametrize("width", [40, slow(60), 80])
def test_question_breaks_lines_between_words(user: User, width: int) -> None:
    file = user.folder / "p.csv"
    file.write_text(user.types("param", "get", "21", "Macro.population").out.replace("7870.5", "123456.789012345"))
    words = ("param", "set", "21", f"Macro.population=@{file}", "Macro.gamma=0.9")
    done = user.types(*words, tty=True, stdin=b"n\n", NO_COLOR="1", TERM="dumb", COLUMNS=str(width))
    lines = done.err.splitlines()
    question = next(number for number, line in enumerate(lines) if "[y/N]" in line)
    shown = [line for line in lines[:question] if line.startswith("  ")]
    assert all(len(line) <= width for line in shown), shown
    assert {"7870.5", "123456.789012345"} <= set(" ".join(shown).split())
    assert SENT not in user.requests


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", '"dice.Macro.gamma" = 0.9\n"dice.Macro.shares" = {coal = 1.0}\n[dice.Macro]\nperiods = 7\n'),
        slow("c.json", '{"dice.Macro.gamma": 0.9, "dice.Macro.shares": {"coal": 1.0}, "dice.Macro.periods": 7}'),
        (
            "c.csv",
            'key,value,unit\ndice.Macro.gamma,0.9,-\ndice.Macro.shares,"{""coal"": 1.0}",\ndice.Macro.periods,7,\n',
        ),
    ],
)
def test_values_are_read_from_a_file(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    assert user.types("param", "set", "21", "--from", str(user.folder / name)).code == 0
    assert [stored_value(user, f"Macro.{key}") for key in ("gamma", "shares", "periods")] == [0.9, {"coal": 1.0}, 7]
    assert user.requests.count(SENT) == 1


def test_values_are_read_from_stdin(user: User) -> None:
    assert user.types("param", "set", "21", "--from", "-", stdin=b'{"dice.Macro.gamma": 0.9}').code == 0
    assert stored_value(user, GAMMA) == 0.9


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
def test_invalid_file_changes_nothing(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    assert user.types("param", "set", "21", "--from", str(user.folder / name)).code == 2
    assert SENT not in user.requests


def test_json_assignment_is_parsed_as_json(user: User) -> None:
    assert user.types("param", "set", "21", 'Macro.note:="@x"').code == 0
    assert stored_value(user, "Macro.note") == "@x"
    assert user.types("param", "set", "21", "Macro.note:=5").code == 2


def test_other_unit_is_rejected_without_force(user: User) -> None:
    """The server ignores units."""
    refused = user.types("param", "set", "21", "Macro.start_year=2021", "--unit", "months")
    assert (refused.code, SENT in user.requests) == (2, False)
    assert refused.kind == "invalid_value"
    assert user.types("param", "set", "21", "Macro.start_year=2021", "--unit", "year").code == 0
    assert user.types("param", "set", "21", "Macro.start_year=2022", "--unit", "months", "--force").code == 0


def test_value_outside_the_declared_range_is_rejected(user: User) -> None:
    ranged = user.types("param", "set", "21", "Macro.savings_rate=1.5")
    chosen = user.types("param", "set", "21", "Macro.scenario=rain")
    assert (ranged.code, chosen.code) == (2, 2)
    assert "from 0.0 to 1.0" in ranged.err
    assert "sunny" in chosen.err
    assert SENT not in user.requests


def test_terminal_asks_before_several_changes(user: User) -> None:
    words = ("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    refused = user.types(*words, tty=True, secret="-", stdin=b"n\n")
    assert (refused.code, SENT in user.requests) == (130, False)
    assert "0.3 → 0.9" in refused.err
    assert "11 → 7" in refused.err
    assert user.types(*words, tty=True, secret="-", stdin=b"y\n").code == 0
    assert stored_value(user, "Macro.periods") == 7


def test_more_than_20_changes_in_a_pipe_need_yes(user: User, tmp_path: Path) -> None:
    loaded = json.loads(user.types("study", "load", "13", "-F", "json").out)
    floats = [n for n, p in loaded.items() if p["type"] == "float" and p["value"] is not None][:MANY]
    (tmp_path / "c.json").write_text(json.dumps({name: loaded[name]["value"] + 0.001 for name in floats}))
    assert len(floats) == MANY
    refused = user.types("param", "set", "13", "--from", str(tmp_path / "c.json"))
    assert (refused.code, SENT.replace("21", "13") in user.requests) == (2, False)
    assert "--yes" in refused.err


def test_nothing_to_set_is_a_usage_error(user: User) -> None:
    assert user.types("param", "set", "21").code == 2
    assert user.requests == []


def test_keys_typed_before_the_question_are_discarded(user: User) -> None:
    words = ("param", "set", "21", f"{GAMMA}=0.9", "Macro.periods=7")
    user.types_ahead = True
    assert user.types(*words, tty=True, stdin=b"y\n").code == 130
    assert SENT not in user.requests
    user.types_ahead = False
    assert user.types(*words, tty=True, stdin=b"y\n").code == 0
