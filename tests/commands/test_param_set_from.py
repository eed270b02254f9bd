"""Test `sostrades param set --from` with TOML tables, JSON objects and files beside the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
ALL = {"Macro.gamma": 0.5, "Macro.shares": {"coal": 0.1, "wind": 0.9}, "Macro.periods": 7, "Damage.theta": 2.5}


def set_from_text(user: User, text: str, name: str = "wishes.toml", *more: str) -> Outcome:
    """Set the content of a file."""
    (user.folder / name).write_text(text, encoding="utf-8")
    return user.types("param", "set", "21", "--from", str(user.folder / name), *more)


def stored_values(user: User, *names: str) -> dict[str, object]:
    """Return values of study 21."""
    study = user.world.studies[21]
    study.settle()
    return {name: study.values[name] for name in names}


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "tables.toml",
            "[Macro]\ngamma = 0.5\nperiods = 7\n[Macro.shares]\ncoal = 0.1\nwind = 0.9\n[Damage]\ntheta = 2.5\n",
        ),
        slow(
            "inline.toml", "Macro = {gamma = 0.5, periods = 7, shares = {coal = 0.1, wind = 0.9}}\nDamage.theta = 2.5\n"
        ),
        slow(
            "quoted.toml",
            'Damage.theta = 2.5\n["Macro.shares"]\ncoal = 0.1\nwind = 0.9\n["dice.Macro"]\ngamma = 0.5\nperiods = 7\n',
        ),
        (
            "whole.toml",
            "[dice]\nDamage.theta = 2.5\n[dice.Macro]\ngamma = 0.5\nperiods = 7\nshares.coal = 0.1\nshares.wind = 0.9",
        ),
        slow(
            "objects.json",
            '{"Macro": {"gamma": 0.5, "periods": 7, "shares": {"coal": 0.1, "wind": 0.9}}, "Damage": {"theta": 2.5}}',
        ),
        (
            "names.json",
            '{"Macro.shares": {"coal": 0.1, "wind": 0.9}, "gamma": 0.5, "dice.Macro": {"periods": 7}, "theta": 2.5}',
        ),
    ],
)
def test_table_is_a_name_prefix_or_a_dict_value(
    user_of: Callable[..., User], server: str, name: str, text: str
) -> None:
    """The parameters of the study decide."""
    user = user_of(server)
    assert set_from_text(user, text, name).code == 0
    assert stored_values(user, *ALL) == ALL


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('["Macro.shares"]\ncoal = 0.4\n"Macro.gamma" = 0.33\n', 3),
        ("[Macro.shares]\ncoal = 0.4\n\nMacro.gamma = 0.33\n", 4),
        ('[dice.Macro.shares]\n"dice.Macro.gamma" = 0.33\n', 2),
        ('"Macro.periods" = 7\n["Macro.shares"]\nDamage = {theta = 2.5}\n', 3),
        ('[Macro.nested.a]\n"dice.Macro.gamma" = 0.33\n', 2),
        ('[[Macro.targets]]\na = 1.0\n"Macro.gamma" = 0.33\n', 3),
    ],
)
def test_parameter_inside_a_dict_value_is_rejected(
    user_of: Callable[..., User], server: str, text: str, line: int
) -> None:
    user = user_of(server)
    done = set_from_text(user, text)
    assert done.code == 2
    assert f"line {line}:" in done.err
    assert SENT not in user.requests


def test_parameter_inside_a_json_object_is_rejected(user: User) -> None:
    done = set_from_text(user, '{"Macro.shares": {\n"coal": 0.4,\n"Macro.gamma": 0.33}}', "wishes.json")
    assert done.code == 2
    assert "line 3:" in done.err
    assert SENT not in user.requests


def test_dict_key_may_equal_a_short_name(user: User) -> None:
    assert set_from_text(user, "[Macro.shares]\ngamma = 0.5\ncoal = 0.5\n").code == 0
    assert stored_values(user, "Macro.shares", "Macro.gamma") == {
        "Macro.shares": {"gamma": 0.5, "coal": 0.5},
        "Macro.gamma": 0.3,
    }


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    "text",
    [
        "[Macroo]\ngamma = 0.5\n",
        "[Macro]\ngamma = 0.5\ngama = 0.4\n",
        '"Macro.gamma" = 0.5\n["Macro.sharess"]\ncoal = 0.4\n',
        '"Macro.gamma" = 0.5\n["Macro.sharess"]\n',
        '[Macro]\ngamma = 0.5\n"Damage.theta" = 0.3\n',
    ],
)
def test_unknown_name_prevents_the_whole_change(user_of: Callable[..., User], server: str, text: str) -> None:
    user = user_of(server)
    assert set_from_text(user, text).code == 5
    assert SENT not in user.requests
    assert stored_values(user, "Macro.gamma") == {"Macro.gamma": 0.3}


@pytest.mark.parametrize(
    "text",
    [
        '"Macro.gamma" = 0.5\n[Macro]\ngamma = 0.4\n',
        "[Macro.gamma]\nx = 1.0\n",
        "[Macro.population]\nyears = [2020]\n",
        "[Macro.targets]\na = 1.0\n",
    ],
)
def test_table_for_a_non_dict_parameter_is_rejected(user: User, text: str) -> None:
    assert set_from_text(user, text).code == 2
    assert SENT not in user.requests


def test_empty_table_sets_nothing_if_it_contains_parameters(user: User) -> None:
    assert set_from_text(user, '"Macro.gamma" = 0.5\n[Damage]\n# theta = 1.0\n[Macro.shares]\n').code == 0
    assert stored_values(user, "Macro.gamma", "Macro.shares") == {"Macro.gamma": 0.5, "Macro.shares": {}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", '"Macro.population" = "@population.csv"\n"Macro.note" = "@@home"\n'),
        slow("a.toml", '[Macro]\npopulation = "@population.csv"\nnote = "@@home"\n'),
        slow("a.json", '{"Macro": {"population": "@population.csv", "note": "@@home"}}'),
        ("a.csv", "key,value\nMacro.population,@population.csv\nMacro.note,@@home\n"),
    ],
)
def test_files_are_relative_to_the_file_that_names_them(user: User, name: str, text: str) -> None:
    """`@@` escapes a leading @."""
    table = user.types("param", "get", "21", "Macro.population").out.replace("7870.5", "8000.5")
    (user.folder / "population.csv").write_text(table)
    assert set_from_text(user, text, name).code == 0
    assert user.types("param", "get", "21", "Macro.population").out == table
    assert stored_values(user, "Macro.note") == {"Macro.note": "@home"}


def test_string_inside_a_list_or_dict_names_no_file(user: User) -> None:
    assert set_from_text(user, '"Macro.region_names" = ["@a", "@@b"]\n').code == 0
    assert stored_values(user, "Macro.region_names") == {"Macro.region_names": ["@a", "@@b"]}


@pytest.mark.parametrize("name", ["a.toml", "a.json", "a.csv"])
def test_missing_file_is_rejected(user: User, name: str) -> None:
    text = {
        "a.toml": '[Macro]\nnote = "@nobody"\n',
        "a.json": '{"Macro": {"note": "@nobody"}}',
        "a.csv": "key,value\nMacro.note,@nobody\n",
    }
    done = set_from_text(user, text[name], name)
    assert done.code == 2
    assert "@@" in done.err
    assert SENT not in user.requests


def test_leading_at_sign_is_escaped_on_the_command_line(user: User) -> None:
    assert user.types("param", "set", "21", "Macro.note=@@home").code == 0
    assert stored_values(user, "Macro.note") == {"Macro.note": "@home"}


def test_unknown_names_are_looked_up_on_the_server(user53: User) -> None:
    """No names are known on 5.3 before the first run."""
    study = user53.world.studies[21]
    study.read_only = None
    assert set_from_text(user53, "[dice.Macro]\ngamma = 0.5\n[dice.Macro.shares]\ncoal = 0.1\n").code == 0
    assert stored_values(user53, "Macro.gamma", "Macro.shares") == {"Macro.gamma": 0.5, "Macro.shares": {"coal": 0.1}}
    swallowed = set_from_text(user53, '[dice.Macro.shares]\ncoal = 0.2\n"dice.Macro.gamma" = 0.6\n')
    assert swallowed.code == 2


def test_file_without_tables_needs_no_further_request(user: User) -> None:
    set_from_text(user, '"Macro.gamma" = 0.5\n')
    flat = user.requests.count("GET /api/v0/study-case/21/60") + sum(
        "study-case/21/30" in request for request in user.requests
    )
    user.world.requests.clear()
    set_from_text(user, "[Macro]\ngamma = 0.6\n")
    nested = user.requests.count("GET /api/v0/study-case/21/60") + sum(
        "study-case/21/30" in request for request in user.requests
    )
    assert nested == flat + 1


@pytest.mark.parametrize(
    "text",
    ['{"Macro.gamma": 0.5}', "[Macro]\ngamma = 0.5\n", slow('"Macro.gamma" = 0.5\n'), "key,value\nMacro.gamma,0.5\n"],
)
def test_byte_order_mark_on_standard_input_is_ignored(user: User, text: str) -> None:
    """PowerShell writes one into pipes."""
    done = user.types("param", "set", "21", "--from", "-", stdin=b"\xef\xbb\xbf" + text.encode())
    assert done.code == 0, done.err
    assert stored_values(user, "Macro.gamma") == {"Macro.gamma": 0.5}


@pytest.mark.parametrize("suffix", ["toml", slow("json"), "csv"])
def test_byte_order_mark_in_a_file_is_ignored(user: User, suffix: str) -> None:
    text = {"toml": "Macro.gamma = 0.5", "json": '{"Macro.gamma": 0.5}', "csv": "key,value\nMacro.gamma,0.5"}[suffix]
    assert set_from_text(user, f"\ufeff{text}\n", f"wishes.{suffix}").code == 0
    assert stored_values(user, "Macro.gamma") == {"Macro.gamma": 0.5}


@pytest.mark.parametrize("end", [",\n", slow(",\n,\n"), ",,\n", slow(" , \n"), slow("\n,\n"), '"",""\n'])
def test_blank_rows_of_a_table_are_skipped(user: User, end: str) -> None:
    """Spreadsheets save cleared rows as commas."""
    assert set_from_text(user, f"key,value\nMacro.gamma,0.5\n{end}Macro.periods,7\n{end}", "wishes.csv").code == 0
    assert stored_values(user, "Macro.gamma", "Macro.periods") == {"Macro.gamma": 0.5, "Macro.periods": 7}


def test_value_without_a_key_is_rejected_with_its_line(user: User) -> None:
    done = set_from_text(user, "key,value\nMacro.gamma,0.5\n,7\n", "wishes.csv")
    assert done.code == 2
    assert "line 3" in done.err
    assert SENT not in user.requests


@pytest.mark.parametrize(
    "text",
    [
        "gamma: 0.3",
        '{"gamma": 0,3}',
        "key;value\ngamma;0,3\n",
        "key,value\ngamma,1,2\n",
        "key,value\n,3\n",
        '{"gamma": }',
    ],
)
def test_error_in_standard_input_names_it(user: User, text: str) -> None:
    done = user.types("param", "set", "21", "--from", "-", stdin=text.encode())
    assert (done.code, user.requests) == (2, [])
    assert "standard input" in done.err


@pytest.mark.parametrize(
    ("row", "kind"),
    [("Total,27", "not_found"), ("Macro.gamma,", "invalid_value"), ("Macro.start_year,x", "invalid_value")],
)
def test_error_names_the_row_of_the_file(user: User, row: str, kind: str) -> None:
    path = user.folder / "changes.csv"
    path.write_text(f"key,value\nMacro.periods,12\n{row}\n")
    done = user.types("param", "set", "21", "--from", str(path), "--yes")
    assert done.kind == kind
    assert f"{path}, line 3: " in done.error.message
