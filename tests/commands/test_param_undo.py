"""Test `sostrades param undo`: old values are restored and verified, and changes of others are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, mostly_slow, slow

from server_stub.values import Table, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
GAMMA = "dice.Macro.gamma"
VALUES = [
    ("gamma", "0.9"),
    ("periods", "7"),
    ("use_damage", "no"),
    ("scenario", "rainy"),
    ("note", "a=b, \u2028 ☃ naïve"),
    ("targets", "[10.5]"),
    ("targets", "[]"),
    ("region_names", '["Asia", "007"]'),
    ("milestones", "[1, 2.5]"),
    ("shares", '{"sun": 1.0}'),
    ("nested", '{"A": {"x": 5.0}}'),
    ("remark", "said"),
    ("no_limit", "12.5"),
    ("not_known", "12.5"),
]
FILES = [
    ("population", "years,population\n2020,8000.0\n"),
    ("population", "years,population\n"),
    ("events", "name,active,comment,amount\nRome,True,x,1.5\n"),
    ("weights", "anything\n0.5\n0.5\n"),
    ("regions", "variable,years,share\nAfrica,2020,1.0\n"),
]


def stored_value(user: User, name: str, study: int = 21) -> Any:
    """Return a parameter as stored on the server."""
    result = user.world.studies[study]
    result.settle()
    return result.values[name]


def store_value(user: User, name: str, value: object) -> None:
    """Change a parameter as somebody else does."""
    user.world.studies[21].settle()
    user.world.studies[21].values[name] = value


def saved(user: User, content: str) -> str:
    """Write a file and return its name."""
    path = user.folder / "new.csv"
    path.write_text(content)
    return str(path)


def entries(user: User, study: int = 21) -> list[dict[str, Any]]:
    """Return the journal in JSON."""
    result: list[dict[str, Any]] = json.loads(user.types("param", "history", str(study), "-F", "json").out)
    return result


# Every kind of value ------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("name", "text"), mostly_slow(VALUES, 5))
def test_value_of_any_type_is_restored(user_of: Callable[..., User], server: str, name: str, text: str) -> None:
    user = user_of(server)
    before = encode(stored_value(user, f"Macro.{name}"))
    assert user.types("param", "set", "21", f"Macro.{name}={text}").code == 0
    assert encode(stored_value(user, f"Macro.{name}")) != before
    assert user.types("param", "undo", "21").code == 0
    assert repr(encode(stored_value(user, f"Macro.{name}"))) == repr(before)


@pytest.mark.parametrize("name", ["Macro.no_limit", "Macro.not_known"])
@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_infinity_and_nan_are_restored_as_numbers(user_of: Callable[..., User], server: str, name: str) -> None:
    user = user_of(server)
    before = stored_value(user, name)
    user.types("param", "set", "21", f"{name}=12.5")
    user.types("param", "undo", "21")
    assert repr(stored_value(user, name)) == repr(before)


@pytest.mark.parametrize(("name", "content"), mostly_slow(FILES, 3))
def test_table_is_restored_byte_for_byte(user: User, name: str, content: str) -> None:
    before = user.types("param", "download", "21", f"dice.Macro.{name}").out
    assert user.types("param", "set", "21", f"Macro.{name}=@{saved(user, content)}", "--force").code == 0
    assert user.types("param", "download", "21", f"dice.Macro.{name}").out != before
    assert user.types("param", "undo", "21").code == 0
    after = user.types("param", "download", "21", f"dice.Macro.{name}").out
    assert sorted(after.splitlines()) == sorted(before.splitlines())
    assert name == "regions" or after == before  # of a dict of tables the server loses the order of the keys


@pytest.mark.parametrize(("name", "content"), mostly_slow(FILES, 5))
def test_undo_of_a_table_can_be_undone(user: User, name: str, content: str) -> None:
    file = saved(user, content)
    user.types("param", "set", "21", f"Macro.{name}=@{file}", "--force")
    expected = stored_value(user, f"Macro.{name}")
    user.types("param", "undo", "21")
    before = stored_value(user, f"Macro.{name}")
    assert user.types("param", "undo", "21", "--to", "2").code == 0
    assert stored_value(user, f"Macro.{name}") == expected
    assert user.types("param", "undo", "21", "--to", "3").code == 0
    assert stored_value(user, f"Macro.{name}") == before


@pytest.mark.parametrize("name", ["targets", "shares"])
@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_list_and_dict_from_files_are_restored(user_of: Callable[..., User], server: str, name: str) -> None:
    user = user_of(server)
    before = stored_value(user, f"Macro.{name}")
    content = "value\n10.0\n" if name == "targets" else "variable,value\nsun,1.0\n"
    assert user.types("param", "set", "21", f"Macro.{name}=@{saved(user, content)}", "--force").code == 0
    assert user.types("param", "undo", "21").code == 0
    assert stored_value(user, f"Macro.{name}") == before


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(("name", "value"), [("gamma", "0.5"), slow("savings_rate", 1.5), ("scenario", "snow")])
def test_invalid_old_value_is_restored(user_of: Callable[..., User], server: str, name: str, value: object) -> None:
    """`set` would reject it."""
    user = user_of(server)
    store_value(user, f"Macro.{name}", value)
    expected = "rainy" if name == "scenario" else "0.75"
    assert user.types("param", "set", "21", f"Macro.{name}={expected}").code == 0
    assert user.types("param", "undo", "21").code == 0
    shown = value if server == "documented" or name != "gamma" else 0.5  # a download does not tell "0.5" from 0.5
    assert repr(stored_value(user, f"Macro.{name}")) == repr(shown)


@pytest.mark.parametrize("name", ["shares", slow("nested"), "targets", slow("region_names")])
def test_type_missing_on_the_server_is_kept(user53: User, name: str) -> None:
    kinds = {"shares": {"sun": 1.0}, "nested": {"A": {"x": 5.0}}, "targets": [7.5, 1.0], "region_names": ["Asia", "a"]}
    user53.world.studies[22].values[f"Macro.{name}"] = expected = kinds[name]
    assert user53.types("param", "reset", "22", f"crash.Macro.{name}").code == 0
    user53.types("param", "undo", "22")
    assert stored_value(user53, f"Macro.{name}", 22) == expected


@pytest.mark.parametrize("name", ["shares", "targets", slow("region_names")])
def test_undo_of_an_unchanged_reset_sends_nothing(user53: User, name: str) -> None:
    """The server does not tell the type."""
    before = stored_value(user53, f"Macro.{name}", 22)
    user53.types("param", "reset", "22", f"crash.Macro.{name}")
    user53.world.requests.clear()
    assert user53.types("param", "undo", "22").code == 0
    assert stored_value(user53, f"Macro.{name}", 22) == before
    assert not any(asked.endswith("/parameters") for asked in user53.requests)


def test_all_changes_of_an_entry_are_restored_together(user: User) -> None:
    """One upload, and one request with values."""
    file = saved(user, "years,population\n2020,8000.0\n")
    before = stored_value(user, "Macro.population")
    user.types("param", "set", "21", "Macro.gamma=0.9", f"Macro.population=@{file}", "Macro.periods=7")
    user.world.requests.clear()
    done = user.types("param", "undo", "21", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert [(row["key"], row["old"]) for row in json.loads(done.out)] == [
        (GAMMA, 0.9),
        ("dice.Macro.periods", 7),
        ("dice.Macro.population", None),
    ]
    assert user.requests.count(SENT) == 2
    assert (
        stored_value(user, "Macro.gamma"),
        stored_value(user, "Macro.periods"),
        stored_value(user, "Macro.population"),
    ) == (0.3, 11, before)


# Conflicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_value_changed_by_another_user_is_overwritten_only_with_force(
    user_of: Callable[..., User], server: str
) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    store_value(user, "Macro.gamma", 0.7)
    user.world.requests.clear()
    done = user.types("param", "undo", "21")
    assert (done.code, SENT in user.requests) == (8, False)
    assert "dice.Macro.gamma is 0.7, but the change set 0.9" in done.err
    assert "--force" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.periods")) == (0.3, 11)


def test_table_changed_by_another_user_is_not_overwritten(user: User) -> None:
    before = stored_value(user, "Macro.population")
    user.types("param", "set", "21", f"Macro.population=@{saved(user, 'years,population' + chr(10) + '2020,1.5')}")
    store_value(user, "Macro.population", Table(("years", "population"), ((2020, 3.0),)))
    user.world.requests.clear()
    done = user.types("param", "undo", "21")
    assert (done.code, SENT in user.requests) == (8, False)
    assert "dice.Macro.population is another table" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert stored_value(user, "Macro.population") == before


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_unverified_change_does_not_hide_a_conflict(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    [journal] = (user.folder / "state").rglob("21.jsonl")
    journal.write_text(journal.read_text().replace('"done"', '"begun"'))
    store_value(user, "Macro.gamma", 0.7)
    assert user.types("param", "undo", "21").code == 8
    assert stored_value(user, "Macro.gamma") == 0.7


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_other_parameters_are_not_touched(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    store_value(user, "Macro.periods", 5)
    assert user.types("param", "undo", "21").code == 0
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.periods")) == (0.3, 5)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_value_restored_by_another_user_is_not_sent(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    store_value(user, "Macro.gamma", 0.3)
    user.world.requests.clear()
    assert user.types("param", "undo", "21").code == 0
    assert SENT not in user.requests


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_active_run_is_not_changed_without_force(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--set", "Macro.gamma=0.9", "--detach")
    done = user.types("param", "undo", "21")
    assert (done.code, stored_value(user, "Macro.gamma")) == (8, 0.9)
    assert "PENDING" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert stored_value(user, "Macro.gamma") == 0.3


# Plans and what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_dry_run_shows_the_plan_and_changes_nothing(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.world.requests.clear()
    done = user.types("param", "undo", "21", "--dry-run", "--exit-code", "-F", "json", "-v")
    assert json.loads(done.out) == [
        {"key": GAMMA, "type": "float", "old": 0.9, "new": 0.3, "unit": "-", "notes": [], "sent": True}
    ]
    assert (done.code, SENT in user.requests, len(entries(user))) == (9, False, 1)
    assert user.world.key not in done.out + done.err
    store_value(user, "Macro.gamma", 0.3)
    assert user.types("param", "undo", "21", "--dry-run", "--exit-code").code == 0


def test_restored_table_is_shown_without_a_file_name(user: User) -> None:
    file = saved(user, "years,population" + chr(10) + "2020,1.5")
    assert user.types("param", "set", "21", f"Macro.population=@{file}").code == 0
    planned = user.types("param", "undo", "21", "--dry-run")
    done = user.types("param", "undo", "21", "-F", "json", "-v")
    assert planned.out.count("1 row before, 11 now; ") == 1
    assert json.loads(done.out)[0]["new"].startswith("1 row before, 11 now; ")
    assert "sostrades-" not in planned.err + done.err


@pytest.mark.parametrize(
    "table",
    [Table(("2020", "2030"), ((1.0, 2.0),)), Table(("a", "b"), ((1, (1, 2)),)), slow(Table(("a", "a"), ((1, 2),)))],
    ids=["years", "tuple", "twice"],
)
def test_table_that_cannot_be_restored_is_reported_by_key(user: User, table: Table) -> None:
    store_value(user, "Macro.population", table)
    user.types("param", "reset", "21", "Macro.population")
    default = stored_value(user, "Macro.population")
    done = user.types("param", "undo", "21")
    assert stored_value(user, "Macro.population") == (table if done.code == 0 else default)
    assert done.code == 0 or "dice.Macro.population" in done.err
    assert "sostrades-" not in done.err


@pytest.mark.parametrize("shown", ["inf", "-inf"])
def test_infinity_of_unknown_type_is_not_restored(user53: User, shown: str) -> None:
    """It may be a number or a string."""
    user53.world.studies[21].read_only = None
    store_value(user53, "Macro.no_limit", float(shown))
    assert user53.types("param", "set", "21", "dice.Macro.no_limit=12.5").code == 0
    asked = user53.requests.count(SENT)
    done = user53.types("param", "undo", "21", "--yes")
    assert (done.code, stored_value(user53, "Macro.no_limit"), user53.requests.count(SENT)) == (8, 12.5, asked)
    assert f"dice.Macro.no_limit was {shown}" in done.err
    assert "sostrades param reset 21 dice.Macro.no_limit" in done.err
