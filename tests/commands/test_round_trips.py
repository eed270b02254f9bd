"""Test the round trip of each parameter type: downloaded, set again, and stored as before."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, mostly_slow, slow

from server_stub.study import Results
from server_stub.values import Array, Table, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

JSON_TYPES: list[tuple[str, object, object]] = [
    ("Macro.targets", [1.0, 2.5, -0.0, 1e300], [1.0]),
    ("Macro.targets", [1, 2], [1.0]),
    ("Macro.targets", [1, 2.0, True, None], [1.0, None]),
    ("Macro.targets", ["01", "2", "", "a"], [1.0]),
    ("Macro.targets", [], [1.0]),
    ("Macro.region_names", ["Europe", "a, b", 'said "now"', "é\n☃", "x y "], ["Asia"]),
    ("Macro.shares", {"coal": 1, "wind ☃": 0.5, "a,b": True}, {"coal": 0.0}),
    ("Macro.shares", {}, {"coal": 0.0}),
    ("Macro.nested", {"A": {"x": 1.0, "y": [1, "2", None]}, "B": {}}, {"A": {"x": 0.0}}),
    ("Macro.nested", {"A": [], "B": [{"x": 1}]}, {"A": {"x": 0.0}}),
]
TABLES: list[tuple[str, object, object]] = [
    ("Macro.population", Table(("years", "population"), ((2020, 1.5), (2021, 2.0))), Table(("years",), ((1,),))),
    ("Macro.population", Table(("n", "t", "b"), (("a, b", "007x", True), ('"', "é☃", False))), Table(("n",), ())),
    ("Macro.population", Table(("years", "population"), ()), Table(("years",), ((1,),))),
    ("Macro.population", Table(("x", "y [%]"), ((1.0, "a"), (2.5, "None of it"))), Table(("x",), ((1,),))),
    ("Macro.weights", Array([0.25, 1e-9, -1.0]), Array([1.0])),
    ("Macro.weights", Array([1, 2]), Array([1])),
    ("Macro.weights", Array(["a", "b c"]), Array(["a"])),
    ("Macro.weights", Array([]), Array([1.0])),
    ("Macro.regions", {"A": Table(("y",), ((1,), (2,))), "B": Table(("y",), ((3,),))}, {"A": Table(("y",), ((9,),))}),
]
BIG = 2**53 + 1
LARGE_INTEGERS: list[tuple[str, object, object]] = [
    ("Macro.population", Table(("years", "n"), ((BIG, 1), (5, -BIG))), Table(("years", "n"), ((1, 2), (3, 4)))),
    ("Macro.population", Table(("years", "n"), ((BIG, 1), (-BIG, 2))), Table(("years", "n"), ((1, 2), (3, 4)))),
    ("Macro.population", Table(("n",), ((2**53,), (2**53 - 1,), (2**62,))), Table(("n",), ((1,),))),
    ("Macro.population", Table(("t", "n"), ((str(BIG), 1), (str(2**53), 2))), Table(("t", "n"), (("a", 2),))),
    ("Macro.weights", Array([BIG, 2]), Array([1])),
    ("Macro.targets", [BIG, 2], [1]),
    ("Macro.targets", [2**70, -(2**53)], [1]),
    ("Macro.shares", {"coal": BIG, "wind": 5}, {"coal": 1}),
]
SCALARS: list[tuple[str, object, object]] = [
    ("Macro.gamma", 0.1, 0.5),
    ("Macro.gamma", 5e-324, 0.5),
    ("Macro.gamma", -1.5e300, 0.5),
    ("Macro.periods", -(2**70), 3),
    ("Macro.use_damage", False, True),
    ("Macro.note", 'café ☃ "a", b\'c\\d', "x"),
    ("Macro.note", "", "x"),
    ("Macro.note", "007", "x"),
    ("Macro.note", "True", "x"),
]


def stored_value(user: User, name: str) -> object:
    """Return a parameter of study 21 after all pending updates."""
    user.world.clock.sleep(5)
    user.world.studies[21].settle()
    return user.world.studies[21].values[name]


def store_value(user: User, name: str, value: object) -> None:
    """Store a value in study 21, also in read-only mode."""
    study = user.world.studies[21]
    study.values[name] = value
    if study.read_only is not None:
        study.read_only = Results(dict(study.values), user.world.clock.now(), study.values)
        user.world.files.clear()


def typed_text(value: object) -> str:
    """Return a text that shows types but not the order of keys."""
    return json.dumps(value, sort_keys=True, default=repr)


def changes(user: User) -> int:
    """Return how many changes the server accepted."""
    return sum(r.path.endswith("/parameters") and r.status == 200 for r in user.world.requests)


def downloaded(user: User, name: str) -> Path:
    """Download a parameter into a file."""
    path = user.folder / "down.csv"
    done = user.types("param", "download", "21", f"dice.{name}", "-o", str(path), "--overwrite")
    assert done.code == 0, done.err
    return path


def set_from_download(user: User, name: str, value: object, other: object) -> Outcome:
    """Download a value, store another one, and set the parameter from the file."""
    store_value(user, name, value)
    file = downloaded(user, name)
    store_value(user, name, other)
    return user.types("param", "set", "21", f"dice.{name}=@{file}", "--force")


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize(("name", "value", "other"), mostly_slow(JSON_TYPES, 3))
def test_lists_and_dicts_in_a_file_are_unchanged(
    user_of: Callable[..., User], server: str, name: str, value: object, other: object
) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    done = set_from_download(user, name, value, other)
    assert (done.code, changes(user)) == (0, 1), done.err
    assert same(stored_value(user, name), value)


@pytest.mark.parametrize(("name", "value", "other"), mostly_slow(TABLES, 3))
def test_tables_in_a_file_are_unchanged(user: User, name: str, value: object, other: object) -> None:
    done = set_from_download(user, name, value, other)
    assert (done.code, changes(user)) == (0, 1), done.err
    assert typed_text(stored_value(user, name)) == typed_text(value)


@pytest.mark.parametrize("server", [slow("5.0"), "5.3"])
@pytest.mark.parametrize(("name", "value", "other"), mostly_slow(TABLES, 4))
def test_tables_are_rejected_without_uploads(
    user_of: Callable[..., User], server: str, name: str, value: object, other: object
) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    done = set_from_download(user, name, value, other)
    assert (done.code, changes(user)) == (7, 0)
    assert done.kind == "upload_fault"
    assert stored_value(user, name) == other


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(("name", "value", "other"), mostly_slow(SCALARS, 4))
def test_single_values_as_text_are_unchanged(
    user_of: Callable[..., User], server: str, name: str, value: object, other: object
) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    store_value(user, name, value)
    text = user.types("param", "get", "21", f"dice.{name}").out.removesuffix("\n")
    file = downloaded(user, name)
    store_value(user, name, other)
    refused = user.types("param", "set", "21", f"dice.{name}=@{file}")
    assert (refused.code, changes(user), refused.kind) == (2, 0, "invalid_value")
    assert user.types("param", "set", "21", f"dice.{name}={text}").code == 0
    assert same(stored_value(user, name), value)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("text", ["nan", slow("inf"), "-inf"])
def test_nan_and_infinity_are_rejected(user_of: Callable[..., User], server: str, text: str) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    for words in (f"dice.Macro.gamma={text}", f"dice.Macro.gamma:={text}", f"dice.Macro.targets=[{text}]"):
        done = user.types("param", "set", "21", words)
        assert (done.code, changes(user), "try:" in done.err) == (2, 0, True)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("Macro.nested", {"A": {"x": 1.0, "y": math.nan}}, "nan"),
        slow("Macro.nested", {"A": {"x": -math.inf}}, "inf"),
        slow("Macro.nested", {"A": math.inf}, "inf"),
        ("Macro.targets", [1.0, math.inf], "inf"),
        slow("Macro.targets", [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "variable"),
        ("Macro.targets", [{"a": 1}], "variable"),
        slow("Macro.targets", [{}], "variable"),
    ],
)
def test_files_with_ambiguous_csv_are_rejected(
    user_of: Callable[..., User], server: str, name: str, value: object, why: str
) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    store_value(user, name, value)
    file = downloaded(user, name)
    store_value(user, name, {"A": 1.0} if isinstance(value, dict) else [9.0])
    done = user.types("param", "set", "21", f"dice.{name}=@{file}")
    assert (done.code, changes(user), why in done.err) == (2, 0, True)


@pytest.mark.parametrize("cells", [(2020, math.nan), (2020, None)])
def test_blank_cell_is_rejected_in_a_column_without_missing_values(user: User, cells: tuple[object, ...]) -> None:
    store_value(user, "Macro.population", Table(("years", "population"), ((2019, 1.5), cells)))
    file = downloaded(user, "Macro.population")
    store_value(user, "Macro.population", Table(("years", "population"), ((2019, 2.5),)))
    done = user.types("param", "set", "21", f"Macro.population=@{file}")
    assert (done.code, changes(user)) == (2, 0)
    assert "line 3, column population" in done.err


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("value", "code"), [([[1.0, 3.0], [2.0, 4.0]], 7), (Array([[1.0, 2.0], [3.0, 4.0]]), 7), (None, 8)]
)
def test_values_without_a_csv_form_leave_no_file(
    user_of: Callable[..., User], server: str, value: object, code: int
) -> None:
    user = user_of(server)
    store_value(user, "Macro.matrix", value)
    path = user.folder / "down.csv"
    done = user.types("param", "download", "21", "dice.Macro.matrix", "-o", str(path))
    assert (done.code, path.exists()) == (code, False)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("name", "value"),
    mostly_slow([(name, value) for name, value, _ in JSON_TYPES + TABLES] + [("Macro.region_names", ["1", "2"])], 4),
)
def test_unchanged_file_is_not_sent(user_of: Callable[..., User], server: str, name: str, value: object) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    store_value(user, name, value)
    done = user.types("param", "set", "21", f"dice.{name}=@{downloaded(user, name)}")
    assert (done.code, changes(user)) == (0, 0), done.err
    assert stored_value(user, name) is value


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Macro.region_names", [{"name": "a", "year": "2020"}, {"name": "b", "year": ""}]),
        slow("Macro.region_names", [{"a": 1}, {"b": 2.5}]),
        ("Macro.region_names", ["1", "nan", "None", "True", "", "inf"]),
        slow("Macro.shares", {"a": "1", "b": "nan", "c": ""}),
        ("Macro.nested", {"A": [{"x": "1"}], "B": {"y": [None, True]}}),
    ],
)
def test_json_value_is_verified(user_of: Callable[..., User], server: str, name: str, value: object) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    done = user.types("param", "set", "21", f"dice.{name}:={json.dumps(value)}", "--force")
    assert (done.code, changes(user)) == (0, 1), done.err
    assert same(stored_value(user, name), value)
    assert user.types("param", "set", "21", f"dice.{name}:={json.dumps(value)}").code == 0
    assert changes(user) == 1


def rounds() -> list[list[tuple[str, object, object]]]:
    """Yield lists of all cases above in which each parameter occurs once."""
    blank = Table(("t", "n"), (("a", 1.5), (None, math.nan)))
    result: list[list[tuple[str, object, object]]] = []
    for row in [*JSON_TYPES, *TABLES, *SCALARS, ("Macro.events", blank, Table(("t",), ()))]:
        free = next((item for item in result if row[0] not in {name for name, _, _ in item}), None)
        if free is None:
            result.append([row])
        else:
            free.append(row)
    return result


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize("rows", mostly_slow(rounds(), 5))
def test_export_restores_every_value(
    user_of: Callable[..., User], server: str, rows: list[tuple[str, object, object]]
) -> None:
    user = user_of(server)
    files = {name for name, *_ in TABLES} | {"Macro.events"}
    rows = [row for row in rows if server == "documented" or row[0] not in files]
    requests = len({row[0] in files for row in rows})
    for name, value, _ in rows:
        store_value(user, name, value)
    folder = str(user.folder / "dice")
    assert user.types("study", "export", "21", folder).code == 0
    for name, _, other in rows:
        store_value(user, name, other)
    done = user.types("study", "apply", folder, "21", "--ours", "--yes")
    assert (done.code, changes(user)) == (0, requests), done.err
    for name, value, _ in rows:
        assert typed_text(stored_value(user, name)) == typed_text(value), name
    assert user.types("study", "diff", "21", folder, "--exit-code").code == 0


@pytest.mark.parametrize(
    "words", ["param get 21 Macro.note", "param get 21 Macro.note -F json", "study load 21 -F json"]
)
def test_lone_surrogate_is_escaped(user: User, words: str) -> None:
    store_value(user, "Macro.note", "a\ud800b")
    done = user.types(*words.split())
    assert (done.code, "ud800" in done.out) == (0, True), done.err


@pytest.mark.parametrize(("name", "value", "other"), mostly_slow(LARGE_INTEGERS, 3))
def test_integers_beyond_doubles_survive_a_workbook(user: User, name: str, value: object, other: object) -> None:
    store_value(user, name, value)
    path = user.folder / "study.xlsx"
    done = user.types("param", "download", "21", name, "-o", str(path))
    assert (done.code, "2^53" in done.err) == (0, True)
    done = user.types("param", "set", "21", f"{name}=@{path}#{name}")
    assert (done.code, changes(user)) == (0, 0), done.err
    store_value(user, name, other)
    done = user.types("param", "set", "21", f"{name}=@{path}#{name}")
    assert (done.code, changes(user)) == (0, 1), done.err
    assert same(stored_value(user, name), value)
