"""Test the forms of assignments: pairs, relative values and entries of dicts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")


def stored_value(user: User, name: str) -> Any:
    """Return a parameter as stored on the server, by its name without the study name."""
    result = user.world.studies[21]
    result.settle()
    return result.values[name]


def sets(user: User, *words: str) -> Outcome:
    """Set parameters of study 21, which must work."""
    done = user.types("param", "set", "21", *words)
    assert done.code == 0, done.err
    return done


def rejected(user: User, *words: str, code: int = 2) -> Outcome:
    """Set parameters of study 21, which must be rejected before anything is sent."""
    done = user.types("param", "set", "21", *words)
    assert (done.code, SENT in user.requests) == (code, False)
    return done


@pytest.fixture
def nesting(user: User) -> User:
    """Return the user of a study whose nested dict has no nan, which JSON cannot represent."""
    user.world.studies[21].values["Macro.nested"] = {"A": {"x": 1.0, "y": None}, "B": {"x": 2.0}}
    return user


# Pairs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_pairs_are_set(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    sets(user, "Macro.gamma", "0.9", "Macro.note", "a=b", "Macro.targets", "[1.5]", "--yes")
    names = ("Macro.gamma", "Macro.note", "Macro.targets")
    assert [stored_value(user, name) for name in names] == [0.9, "a=b", [1.5]]


@pytest.mark.parametrize("value", ["-0.5", "-.5", slow("-5e-1")])
@pytest.mark.parametrize("after", [(), ("--yes",)])
def test_value_of_a_pair_can_be_negative(user: User, value: str, after: tuple[str, ...]) -> None:
    sets(user, "Macro.gamma", value, *after)
    assert stored_value(user, "Macro.gamma") == -0.5


def test_value_of_a_pair_can_be_relative(user: User) -> None:
    sets(user, "Macro.gamma", "-10%", "Macro.savings_rate", "+10%")
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.savings_rate")) == (0.27, 0.275)


def test_value_of_a_pair_can_be_a_file(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,8000.0\n")
    sets(user, "Macro.population", f"@{file}")
    assert stored_value(user, "Macro.population").column("population") == [8000.0]


@pytest.mark.parametrize(
    "words",
    [
        ("Macro.gamma",),
        ("Macro.gamma", "0.5", "Macro.periods"),
        ("Macro.gamma", "0.5", "Macro.periods=3"),
        ("Macro.gamma", "0.5", "Macro.periods=3", "Macro.scenario=rainy"),
        ("", "0.5"),
    ],
)
def test_incomplete_or_mixed_pairs_send_no_request(user: User, words: tuple[str, ...]) -> None:
    done = user.types("param", "set", "21", *words)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "KEY" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("Macro.gamma=-0.5", "--dry-rum"),
        ("Macro.gamma", "-0.5", "--dry-rum"),
        ("Macro.gamma", "-0.5", "Macro.note", "--dry-rum"),
        ("--dry-rum", "Macro.gamma", "-0.5"),
        ("--unit", "-1", "Macro.gamma", "-0.5", "--dry-rum", "x"),
    ],
)
def test_unknown_option_beside_assignments_is_still_reported(user: User, words: tuple[str, ...]) -> None:
    done = user.types("param", "set", "21", *words)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "--dry-run" in done.err


def test_word_after_two_dashes_is_a_value(user: User) -> None:
    sets(user, "--yes", "--", "Macro.gamma", "-0.5", "Macro.note", "--dry-rum")
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.note")) == (-0.5, "--dry-rum")


@pytest.mark.parametrize("words", [("study", "load", "21", "--typo", "-1"), ("param", "get", "21", "gamma", "-1")])
def test_number_makes_no_option_of_another_command_valid(user: User, words: tuple[str, ...]) -> None:
    done = user.types(*words)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])


# Relative values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("Macro.gamma=+10%", 0.33),
        ("Macro.gamma=-5%", 0.285),
        slow("Macro.gamma=+0.5%", 0.3015),
        ("Macro.gamma*=1.1", 0.33),
        ("Macro.gamma*=-1", -0.3),
        slow("Macro.gamma*=1e-3", 0.0003),
        ("Macro.gamma=+1", 1.0),
        slow("Macro.gamma=-1", -1.0),
        ("Macro.periods=+100%", 22),
        slow("Macro.periods*=2", 22),
        ("Macro.start_year=+5%", 2121),
    ],
)
def test_relative_value_becomes_a_number(
    user_of: Callable[..., User], server: str, assignment: str, expected: float
) -> None:
    user = user_of(server)
    sets(user, assignment)
    name = assignment.partition("=")[0].rstrip("*")
    assert stored_value(user, name) == expected
    assert type(stored_value(user, name)) is type(expected)


def test_dry_run_shows_the_number(user: User) -> None:
    [row] = user.prints("param", "set", "21", "Macro.gamma=+10%", "--dry-run")
    assert (row["old"], row["new"]) == (0.3, 0.33)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("text", ["+10%", "-5%"])
def test_text_that_looks_relative_stays_a_text(user_of: Callable[..., User], server: str, text: str) -> None:
    user = user_of(server)
    sets(user, f"Macro.note={text}")
    assert stored_value(user, "Macro.note") == text


@pytest.mark.parametrize(
    "assignment",
    [
        "Macro.periods=+10%",
        slow("Macro.periods*=0.3"),
        "Macro.gamma=10%",
        slow("Macro.gamma=+ten%"),
        "Macro.gamma*=x",
        slow("Macro.gamma*=1e999"),
        slow("Macro.gamma*=nan"),
        slow("Macro.gamma*="),
        "*=2",
        "Macro.note*=2",
        slow("Macro.use_damage*=2"),
        slow("Macro.use_damage=+10%"),
        "Macro.targets*=2",
        slow("Macro.targets=+10%"),
        slow("Macro.shares*=2"),
        "Macro.population=+10%",
        "Macro.no_limit=+10%",
        slow("Macro.not_known*=2"),
    ],
)
def test_invalid_relative_value_is_rejected(user: User, assignment: str) -> None:
    rejected(user, assignment)


def test_relative_value_beyond_a_double_is_rejected(user: User) -> None:
    user.world.studies[21].values["Macro.gamma"] = 1e308
    assert rejected(user, "Macro.gamma*=10").kind == "invalid_value"


def test_relative_value_of_an_unknown_type_is_rejected(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")
    user.world.studies[21].read_only = None
    assert rejected(user, "dice.Macro.gamma=+10%").kind == "invalid_value"


@pytest.mark.parametrize("name", ["c.csv", "c.toml", "c.json"])
def test_file_has_no_relative_values(user: User, name: str) -> None:
    texts = {
        "c.csv": "key,value\nMacro.gamma,+10%\n",
        "c.toml": '"Macro.gamma" = "+10%"\n',
        "c.json": '{"Macro.gamma": "+10%"}',
    }
    (user.folder / name).write_text(texts[name])
    rejected(user, "--from", str(user.folder / name))


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_dropped_relative_change_is_sent_again_as_the_same_number(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    sets(user, "Macro.gamma=+10%")
    assert user.requests.count(SENT) == 2
    assert stored_value(user, "Macro.gamma") == 0.33


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_repeated_relative_change_of_unknown_outcome_is_not_applied_twice(
    user_of: Callable[..., User], server: str
) -> None:
    user = user_of(server)
    _arrives_late(user, "Macro.gamma=+10%")
    sets(user, "Macro.gamma=+10%", "--force")
    assert stored_value(user, "Macro.gamma") == 0.363


def test_repeated_relative_change_of_an_entry_is_not_applied_twice(user: User) -> None:
    _arrives_late(user, "Macro.shares.coal*=2")
    sets(user, "Macro.shares.coal*=2", "--force")
    assert stored_value(user, "Macro.shares") == {"coal": 1.6, "wind": 0.6}


def _arrives_late(user: User, assignment: str) -> None:
    """Send a change that arrives after the command has given up, and expect an error for the same command."""
    user.world.faults.arm(Fault("drop", when="before", method="POST", path="parameters$"))
    assert user.types("param", "set", "21", assignment).code == 6
    [entry] = user.prints("param", "history", "21")
    [change] = entry["changes"]
    user.world.studies[21].update({change["key"]: change["new"]})
    before = user.requests.count(SENT)
    again = user.types("param", "set", "21", assignment)
    assert (again.code, again.kind, user.requests.count(SENT)) == (2, "invalid_value", before)


def test_relative_change_that_did_not_arrive_can_be_repeated(user: User) -> None:
    user.world.faults.arm(Fault("drop", when="before", method="POST", path="parameters$"))
    assert user.types("param", "set", "21", "Macro.gamma=+10%").code == 6
    sets(user, "Macro.gamma=+10%")
    assert stored_value(user, "Macro.gamma") == 0.33


def test_finished_relative_change_can_be_repeated(user: User) -> None:
    sets(user, "Macro.gamma*=2")
    sets(user, "Macro.gamma*=2")
    assert stored_value(user, "Macro.gamma") == 1.2


# Entries of dicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("assignment", "name", "expected"),
    [
        ("Macro.shares.coal=0.5", "Macro.shares", {"coal": 0.5, "wind": 0.6}),
        slow("dice.Macro.shares.coal=1", "Macro.shares", {"coal": 1.0, "wind": 0.6}),
        ("shares.wind=+50%", "Macro.shares", {"coal": 0.4, "wind": 0.9}),
        ("MACRO.Shares.wind*=0.5", "Macro.shares", {"coal": 0.4, "wind": 0.3}),
    ],
)
def test_one_entry_of_a_dict_is_set(
    user_of: Callable[..., User], server: str, assignment: str, name: str, expected: dict[str, Any]
) -> None:
    user = user_of(server)
    sets(user, assignment)
    stored = stored_value(user, name)
    assert repr(stored) == repr(expected)
    assert user.requests.count(SENT) == 1


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("Macro.nested.B.x=5", {"A": {"x": 1.0, "y": None}, "B": {"x": 5.0}}),
        ("Macro.nested.A.y:=0.5", {"A": {"x": 1.0, "y": 0.5}, "B": {"x": 2.0}}),
        slow('Macro.nested.A={"z": 1}', {"A": {"z": 1}, "B": {"x": 2.0}}),
    ],
)
def test_nested_entry_is_set(nesting: User, assignment: str, expected: dict[str, Any]) -> None:
    sets(nesting, assignment)
    assert repr(stored_value(nesting, "Macro.nested")) == repr(expected)


def test_several_entries_are_one_change(user: User) -> None:
    rows = user.prints("param", "set", "21", "Macro.shares.coal=0.5", "Macro.shares.wind=0.5", "Macro.gamma=0.9")
    assert [row["key"] for row in rows] == ["dice.Macro.gamma", "dice.Macro.shares"]
    assert rows[1]["new"] == {"coal": 0.5, "wind": 0.5}
    assert rows[1]["entries"] == [
        {"entry": "coal", "old": 0.4, "new": 0.5},
        {"entry": "wind", "old": 0.6, "new": 0.5},
    ]
    assert "entries" not in rows[0]
    assert stored_value(user, "Macro.shares") == {"coal": 0.5, "wind": 0.5}


def test_change_of_an_entry_can_be_undone(nesting: User) -> None:
    sets(nesting, "Macro.nested.B.x=5")
    assert nesting.types("param", "undo", "21").code == 0
    assert stored_value(nesting, "Macro.nested") == {"A": {"x": 1.0, "y": None}, "B": {"x": 2.0}}


def test_unchanged_entry_is_not_sent(user: User) -> None:
    sets(user, "Macro.shares.coal=0.4")
    assert SENT not in user.requests


def test_name_of_a_parameter_has_priority_over_an_entry(user: User) -> None:
    user.world.studies[21].values["Macro.shares"] = {"coal": 0.4, "gamma": 0.1}
    sets(user, "gamma=0.9")
    assert stored_value(user, "Macro.gamma") == 0.9
    assert stored_value(user, "Macro.shares") == {"coal": 0.4, "gamma": 0.1}


def test_keys_with_dots_are_found(user: User) -> None:
    user.world.studies[21].values["Macro.shares"] = {"hard.coal": {"a.b": 1.0}, "hard": {"coal": 2.0}}
    sets(user, "Macro.shares.hard.coal.a.b=3", "--yes")
    assert stored_value(user, "Macro.shares") == {"hard.coal": {"a.b": 3.0}, "hard": {"coal": 2.0}}


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_unknown_entry_is_exit_5_with_a_suggestion(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = rejected(user, "Macro.shares.cola=0.5", code=5)
    assert "coal" in done.err
    sets(user, "Macro.shares.cola=0.5", "--force")
    assert stored_value(user, "Macro.shares") == {"coal": 0.4, "wind": 0.6, "cola": 0.5}


def test_new_entry_can_be_nested(nesting: User) -> None:
    sets(nesting, "Macro.nested.B.y=7", "--force")
    assert stored_value(nesting, "Macro.nested")["B"] == {"x": 2.0, "y": 7}


@pytest.mark.parametrize(
    "words",
    [
        ("Macro.shares.coal=x",),
        slow(("Macro.shares.coal=nan",)),
        ("Macro.shares.coal:=NaN",),
        ("Macro.shares.coal=@p.csv",),
        ("Macro.nested.A=5",),
        slow(("Macro.nested.A*=5",)),
        slow(("Macro.nested.A.y=+10%",)),
        ("Macro.shares.coal=0.5", 'Macro.shares={"coal": 1.0}'),
        slow(('Macro.shares={"coal": 1.0}', "Macro.shares.coal=0.5")),
        ("Macro.shares.coal=0.5", "shares.coal=0.6"),
        ('Macro.nested.A={"x": 1.0}', "Macro.nested.A.x=0.6"),
        slow(("Macro.nested.A.x=0.6", 'Macro.nested.A={"x": 1.0}')),
        ("Macro.regions.Europe=5",),
    ],
)
def test_invalid_change_of_an_entry_is_rejected(
    nesting: User, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(nesting.folder)
    Path("p.csv").write_text("years,population\n2020,8000.0\n", encoding="utf-8")
    rejected(nesting, *words)


@pytest.mark.parametrize(
    "value",
    [
        {"coal": 0.4, "wind": math.nan},
        slow({"coal": 0.4, "wind": math.inf}),
        slow({"coal": 0.4, "inner": {"wind": math.nan}}),
        {"coal": 0.4, 2020: 0.5},
        slow({2020: 0.4, 2030: 0.5, "coal": 1.0}),
        slow({"coal": 0.4, "inner": {2020: 0.5}}),
    ],
)
def test_entry_is_rejected_if_the_others_could_change(user: User, value: dict[Any, Any]) -> None:
    user.world.studies[21].values["Macro.shares"] = value
    assert rejected(user, "Macro.shares.coal=0.5").kind == "invalid_value"
    assert stored_value(user, "Macro.shares") is value


def test_entry_is_rejected_if_the_server_shows_no_types(user_of: Callable[..., User]) -> None:
    """Before the first finished run only a download shows the dict, and `1` may be a text or a number."""
    user = user_of("5.3")
    user.types("param", "list", "21")
    user.world.studies[21].values["Macro.shares"] = {"coal": "1", "wind": "2"}
    user.world.studies[21].read_only = None
    assert rejected(user, "Macro.shares.coal=0.5").kind == "invalid_value"


def test_entry_of_a_dict_set_from_here_is_known_without_a_load(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")
    sets(user, 'Macro.shares={"2020": "1", "coal": 2.0}')
    sets(user, "Macro.shares.coal=0.5")
    assert stored_value(user, "Macro.shares") == {"2020": "1", "coal": 0.5}


def test_sweep_has_no_column_for_an_entry(user: User) -> None:
    (user.folder / "cases.csv").write_text("Macro.shares.coal\n0.5\n")
    done = user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), "-o", str(user.folder / "r.csv"))
    assert (done.code, SENT in user.requests) == (2, False)


# Whole dicts in files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", "[Macro.shares]\ncoal = 1.0\n"),
        slow("c.json", '{"Macro": {"shares": {"coal": 1.0}}}'),
        ("c.csv", 'key,value\nMacro.shares,"{""coal"": 1.0}"\n'),
    ],
)
def test_table_of_a_file_is_the_whole_dict_and_the_plan_names_removed_entries(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    [row] = json.loads(sets(user, "--from", str(user.folder / name), "--dry-run", "-F", "json").out)
    assert row["new"] == {"coal": 1.0}
    assert "wind" in " ".join(row["notes"])
    assert "wind" in sets(user, "--from", str(user.folder / name)).err
    assert stored_value(user, "Macro.shares") == {"coal": 1.0}


def test_removed_entries_of_nested_dicts_are_named(user: User) -> None:
    done = sets(user, 'Macro.nested={"A": {"x": 3.0}}')
    assert "A.y" in done.err
    assert "B" in done.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", '"Macro.shares.coal" = 0.5\n'),
        slow("c.json", '{"Macro.shares.coal": 0.5}'),
        ("c.csv", "key,value\nMacro.shares.coal,0.5\n"),
    ],
)
def test_key_of_a_file_can_be_an_entry(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    sets(user, "--from", str(user.folder / name))
    assert stored_value(user, "Macro.shares") == {"coal": 0.5, "wind": 0.6}


def test_question_has_a_line_for_each_entry_without_the_name_of_the_study(user: User) -> None:
    user.types("study", "load", "21")
    words = ("Macro.shares.coal=0.5", "Macro.gamma=+10%")
    done = user.types("param", "set", "21", *words, tty=True, secret="-", stdin=b"n\n")
    assert [line.split() for line in done.err.splitlines() if "→" in line] == [
        ["Macro.gamma", "0.3", "→", "0.33"],
        ["Macro.shares.coal", "0.4", "→", "0.5"],
    ]


def test_terminal_shows_a_line_for_each_entry(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.shares.coal=0.5", "Macro.shares.wind=0.5", tty=True, NO_COLOR="1")
    lines = [line.split() for line in done.out.splitlines()]
    assert [line[1:5] for line in lines if "→" in line] == [
        ["Macro.shares.coal", "0.4", "→", "0.5"],
        ["Macro.shares.wind", "0.6", "→", "0.5"],
    ]


# Slips ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("gamma=10%", ["write 0.1, or 10 ", "gamma=+10%", "gamma*=0.1"]),
        slow("gamma=2.5%", ["gamma=+2.5%", "gamma*=0.025"]),
        ("periods=200%", ["periods=+200%", "periods*=2.0"]),
        ("targets=1,2,3", ["[1, 2, 3]"]),
        slow("targets=[1;2]", ["[1.0, 2.0]"]),
        slow("population=pop.csv", ["population=@pop.csv"]),
        ("population=with blank.CSV", ["'dice.Macro.population=@with blank.CSV'"]),
        ("shares=pop.csv", ["shares=@pop.csv"]),
        slow("targets=pop.csv", ["targets=@pop.csv"]),
        slow("regions=pop.csv", ["regions=@pop.csv"]),
        ("population=5", ["population=@FILE.csv"]),
    ],
)
def test_hint_suggests_a_valid_spelling(user: User, words: str, shown: list[str]) -> None:
    done = rejected(user, f"Macro.{words}")
    assert done.error is not None
    assert done.kind == "invalid_value"
    assert [text for text in shown if text not in (done.error.hint or "")] == []


@pytest.mark.parametrize(
    ("name", "text"), [("new.toml", '"Macro.gamma" = "+10%"\n'), ("new.csv", "key,value\nMacro.gamma,+10%\n")]
)
def test_hint_for_a_percentage_in_a_file_works_on_the_command_line(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    error = user.types("param", "set", "21", "--from", str(user.folder / name)).error
    assert error is not None
    assert "gamma=+10%" in str(error.hint)
    assert user.types("param", "set", "21", "Macro.gamma=+10%").code == 0


def test_hint_suggests_no_fraction_for_an_int(user: User) -> None:
    error = rejected(user, "Macro.periods=11,5").error
    assert error is not None
    assert "11.5" not in str(error.hint)
    error = rejected(user, "Macro.periods=2,020").error
    assert error is not None
    assert "write 2020" in str(error.hint)
    assert "2.020" not in str(error.hint)


def test_hint_names_an_existing_file(user: User) -> None:
    (user.folder / "people").write_text("years,population\n2020,1.0\n")
    done = rejected(user, f"Macro.population={user.folder / 'people'}")
    assert done.error is not None
    assert f"population=@{user.folder / 'people'}" in (done.error.hint or "")


@pytest.mark.parametrize("key", ["population", slow("targets"), "shares", slow("use_damage"), slow("weights")])
def test_error_names_the_types_with_relative_values(user: User, key: str) -> None:
    done = rejected(user, f"Macro.{key}=+10%")
    assert "int and float" in done.err
