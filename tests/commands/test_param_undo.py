"""`sostrades param undo`: what a study held before is put back, typed, verified, and never over another's change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

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


def held(user: User, name: str, study: int = 21) -> Any:
    """Return what the server holds of a parameter."""
    found = user.world.studies[study]
    found.settle()
    return found.values[name]


def put(user: User, name: str, value: object) -> None:
    """Change a parameter as someone else does, past the command line."""
    user.world.studies[21].settle()
    user.world.studies[21].values[name] = value


def saved(user: User, content: str) -> str:
    """Write a file and return its name."""
    path = user.folder / "new.csv"
    path.write_text(content)
    return str(path)


def entries(user: User, study: int = 21) -> list[dict[str, Any]]:
    """Return the journal as `param history -F json` prints it."""
    found: list[dict[str, Any]] = json.loads(user.types("param", "history", str(study), "-F", "json").out)
    return found


# Every kind of value ------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("name", "text"), VALUES)
def test_a_value_is_put_back(user_of: Callable[..., User], server: str, name: str, text: str) -> None:
    """After `set` and `undo` the study shows what it showed before, of the same type, whatever the type."""
    user = user_of(server)
    before = encode(held(user, f"Macro.{name}"))
    assert user.types("param", "set", "21", f"Macro.{name}={text}").code == 0
    assert encode(held(user, f"Macro.{name}")) != before
    assert user.types("param", "undo", "21").code == 0
    assert repr(encode(held(user, f"Macro.{name}"))) == repr(before)


@pytest.mark.parametrize("name", ["Macro.no_limit", "Macro.not_known"])
@pytest.mark.parametrize("server", SERVERS)
def test_no_limit_stays_a_number(user_of: Callable[..., User], server: str, name: str) -> None:
    """Infinity and nan, which JSON has no word for, are numbers again afterwards, never the texts `inf` and `nan`."""
    user = user_of(server)
    before = held(user, name)
    user.types("param", "set", "21", f"{name}=12.5")
    user.types("param", "undo", "21")
    assert repr(held(user, name)) == repr(before)


@pytest.mark.parametrize(("name", "content"), FILES)
def test_a_table_is_put_back(user: User, name: str, content: str) -> None:
    """After an upload and `undo` the download is the same to the byte, blank cells and quoted texts included."""
    before = user.types("param", "download", "21", f"dice.Macro.{name}").out
    assert user.types("param", "set", "21", f"Macro.{name}=@{saved(user, content)}", "--force").code == 0
    assert user.types("param", "download", "21", f"dice.Macro.{name}").out != before
    assert user.types("param", "undo", "21").code == 0
    after = user.types("param", "download", "21", f"dice.Macro.{name}").out
    assert sorted(after.splitlines()) == sorted(before.splitlines())
    assert name == "regions" or after == before  # of a dict of tables the server loses the order of the keys


@pytest.mark.parametrize(("name", "content"), FILES)
def test_a_table_comes_again_by_the_undo_of_its_undo(user: User, name: str, content: str) -> None:
    """The tables of an undo are kept, too: it can be taken back, and that again."""
    file = saved(user, content)
    user.types("param", "set", "21", f"Macro.{name}=@{file}", "--force")
    wanted = held(user, f"Macro.{name}")
    user.types("param", "undo", "21")
    before = held(user, f"Macro.{name}")
    assert user.types("param", "undo", "21", "--to", "2").code == 0
    assert held(user, f"Macro.{name}") == wanted
    assert user.types("param", "undo", "21", "--to", "3").code == 0
    assert held(user, f"Macro.{name}") == before


@pytest.mark.parametrize("name", ["targets", "shares"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_list_and_a_dict_of_a_file_are_put_back(user_of: Callable[..., User], server: str, name: str) -> None:
    """Lists and dicts that came as files are put back as JSON, on servers that take no files as well."""
    user = user_of(server)
    before = held(user, f"Macro.{name}")
    content = "value\n10.0\n" if name == "targets" else "variable,value\nsun,1.0\n"
    assert user.types("param", "set", "21", f"Macro.{name}=@{saved(user, content)}", "--force").code == 0
    assert user.types("param", "undo", "21").code == 0
    assert held(user, f"Macro.{name}") == before


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("name", "value"), [("gamma", "0.5"), ("savings_rate", 1.5), ("scenario", "snow")])
def test_what_could_not_be_set_is_put_back_all_the_same(
    user_of: Callable[..., User], server: str, name: str, value: object
) -> None:
    """A value of a wrong type or out of range, which `set` would refuse, comes back exactly: it was held before."""
    user = user_of(server)
    put(user, f"Macro.{name}", value)
    wanted = "rainy" if name == "scenario" else "0.75"
    assert user.types("param", "set", "21", f"Macro.{name}={wanted}").code == 0
    assert user.types("param", "undo", "21").code == 0
    shown = value if server == "documented" or name != "gamma" else 0.5  # a download does not tell "0.5" from 0.5
    assert repr(held(user, f"Macro.{name}")) == repr(shown)


@pytest.mark.parametrize("name", ["shares", "nested", "targets", "region_names"])
def test_a_kind_that_no_answer_tells_is_kept(user53: User, name: str) -> None:
    """Where the server tells no type, a list is put back as a list and a dict as a dict, after a reset as well."""
    kinds = {"shares": {"sun": 1.0}, "nested": {"A": {"x": 5.0}}, "targets": [7.5, 1.0], "region_names": ["Asia", "a"]}
    user53.world.studies[22].values[f"Macro.{name}"] = wanted = kinds[name]
    assert user53.types("param", "reset", "22", f"crash.Macro.{name}").code == 0
    user53.types("param", "undo", "22")
    assert held(user53, f"Macro.{name}", 22) == wanted


@pytest.mark.parametrize("name", ["shares", "targets", "region_names"])
def test_what_is_as_before_already_is_not_sent_where_no_answer_tells_its_kind(user53: User, name: str) -> None:
    """A reset to the value that was held changes nothing, and its undo sends nothing: no placeholder in its place."""
    before = held(user53, f"Macro.{name}", 22)
    user53.types("param", "reset", "22", f"crash.Macro.{name}")
    user53.world.requests.clear()
    assert user53.types("param", "undo", "22").code == 0
    assert held(user53, f"Macro.{name}", 22) == before
    assert not any(asked.endswith("/parameters") for asked in user53.requests)


def test_all_of_an_entry_is_put_back_together(user: User) -> None:
    """Values and tables that one command changed are put back by one: one upload, and one request of values."""
    file = saved(user, "years,population\n2020,8000.0\n")
    before = held(user, "Macro.population")
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
    assert (held(user, "Macro.gamma"), held(user, "Macro.periods"), held(user, "Macro.population")) == (0.3, 11, before)


# Conflicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_what_someone_else_changed_since_is_not_overwritten(user_of: Callable[..., User], server: str) -> None:
    """A value that is not what the change left is exit 8 with both values, and nothing is sent; --force sends it."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    put(user, "Macro.gamma", 0.7)
    user.world.requests.clear()
    done = user.types("param", "undo", "21")
    assert (done.code, SENT in user.requests) == (8, False)
    assert "dice.Macro.gamma is 0.7, but the change set 0.9" in done.err
    assert "--force" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert (held(user, "Macro.gamma"), held(user, "Macro.periods")) == (0.3, 11)


def test_a_table_that_someone_else_changed_since_is_not_overwritten(user: User) -> None:
    """The same holds for a table, which is compared by its content."""
    before = held(user, "Macro.population")
    user.types("param", "set", "21", f"Macro.population=@{saved(user, 'years,population' + chr(10) + '2020,1.5')}")
    put(user, "Macro.population", Table(("years", "population"), ((2020, 3.0),)))
    user.world.requests.clear()
    done = user.types("param", "undo", "21")
    assert (done.code, SENT in user.requests) == (8, False)
    assert "dice.Macro.population is another table" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert held(user, "Macro.population") == before


@pytest.mark.parametrize("server", SERVERS)
def test_a_change_whose_end_is_not_known_hides_no_other(user_of: Callable[..., User], server: str) -> None:
    """Also after a command that was cut off, a value that is neither old nor new is someone else's: exit 8."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    [journal] = (user.folder / "state").rglob("21.jsonl")
    journal.write_text(journal.read_text().replace('"done"', '"begun"'))
    put(user, "Macro.gamma", 0.7)
    assert user.types("param", "undo", "21").code == 8
    assert held(user, "Macro.gamma") == 0.7


@pytest.mark.parametrize("server", SERVERS)
def test_other_parameters_are_left_alone(user_of: Callable[..., User], server: str) -> None:
    """What someone else changed elsewhere in the study is neither a conflict nor touched."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    put(user, "Macro.periods", 5)
    assert user.types("param", "undo", "21").code == 0
    assert (held(user, "Macro.gamma"), held(user, "Macro.periods")) == (0.3, 5)


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_back_already_is_not_sent(user_of: Callable[..., User], server: str) -> None:
    """When someone else has put the old value back there is nothing to send, and no conflict."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    put(user, "Macro.gamma", 0.3)
    user.world.requests.clear()
    assert user.types("param", "undo", "21").code == 0
    assert SENT not in user.requests


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_that_runs_is_left_alone(user_of: Callable[..., User], server: str) -> None:
    """What `calc run --set` set is not taken back under its own run: exit 8; `--force` does it."""
    user = user_of(server)
    user.types("calc", "run", "21", "--set", "Macro.gamma=0.9", "--detach")
    done = user.types("param", "undo", "21")
    assert (done.code, held(user, "Macro.gamma")) == (8, 0.9)
    assert "PENDING" in done.err
    assert user.types("param", "undo", "21", "--force").code == 0
    assert held(user, "Macro.gamma") == 0.3


# Plans and what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_a_dry_run_shows_the_plan_and_changes_nothing(user_of: Callable[..., User], server: str) -> None:
    """`--dry-run` shows what would be put back and the request, without the key; nothing is sent or journaled."""
    user = user_of(server)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.world.requests.clear()
    done = user.types("param", "undo", "21", "--dry-run", "--exit-code", "-F", "json", "-v")
    assert json.loads(done.out) == [{"key": GAMMA, "type": "float", "old": 0.9, "new": 0.3, "unit": "-", "notes": []}]
    assert (done.code, SENT in user.requests, len(entries(user))) == (9, False, 1)
    assert user.world.key not in done.out + done.err
    put(user, "Macro.gamma", 0.3)
    assert user.types("param", "undo", "21", "--dry-run", "--exit-code").code == 0


def test_a_table_has_no_name_of_ours(user: User) -> None:
    """The table that is put back is called the old table, in plan and result, not a file that the user never saw."""
    user.types("param", "set", "21", f"Macro.population=@{saved(user, 'years,people' + chr(10) + '2020,1.5')}")
    planned = user.types("param", "undo", "21", "--dry-run")
    done = user.types("param", "undo", "21", "-F", "json", "-v")
    assert "the old table" in planned.err
    assert json.loads(done.out)[0]["new"] == "11 rows of the old table"
    assert "sostrades-" not in planned.err + done.err


@pytest.mark.parametrize(
    "table",
    [Table(("2020", "2030"), ((1.0, 2.0),)), Table(("a", "b"), ((1, (1, 2)),)), Table(("a", "a"), ((1, 2),))],
    ids=["years", "tuple", "twice"],
)
def test_a_table_that_no_file_can_give_back_is_told(user: User, table: Table) -> None:
    """A table is put back exactly, or the refusal names the parameter and not a file that is gone."""
    put(user, "Macro.population", table)
    user.types("param", "reset", "21", "Macro.population")
    default = held(user, "Macro.population")
    done = user.types("param", "undo", "21")
    assert held(user, "Macro.population") == (table if done.code == 0 else default)
    assert done.code == 0 or "dice.Macro.population" in done.err
    assert "sostrades-" not in done.err


@pytest.mark.parametrize("shown", ["inf", "-inf"])
def test_infinity_of_an_unknown_type_is_not_put_back_as_a_text(user53: User, shown: str) -> None:
    """A server that tells no type shows an infinite number like a text: undo says so, and sends nothing."""
    user53.world.studies[21].read_only = None
    put(user53, "Macro.no_limit", float(shown))
    assert user53.types("param", "set", "21", "dice.Macro.no_limit=12.5").code == 0
    asked = user53.requests.count(SENT)
    done = user53.types("param", "undo", "21", "--yes")
    assert (done.code, held(user53, "Macro.no_limit"), user53.requests.count(SENT)) == (8, 12.5, asked)
    assert f"dice.Macro.no_limit was {shown}" in done.err
    assert "sostrades param reset 21 dice.Macro.no_limit" in done.err
