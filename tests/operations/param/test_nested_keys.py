"""Test tables in files of assignments: every value is set, or the file is rejected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.assignment_files import of_value
from sostrades_cli.operations.param.assignments import Assignment, Table
from sostrades_cli.operations.param.nested_keys import _Known, _line_of, _resolved

TYPES = {
    "dice.max_mda_iter": "int",
    "dice.options": "dict",
    "dice.Macro.gamma": "float",
    "dice.Macro.shares": "dict",
    "dice.Macro.Sub.x": "float",
    "dice.Macro.Sub.shares": "df_dict",
    "dice.Damage.theta": "float",
    "dice.Damage.Macro": "float",
}
FILE = Path("wishes.toml")
quickly = settings(deadline=None, max_examples=20)
words = st.sampled_from(["dice", "Macro", "Sub", "Damage", "gamma", "shares", "options", "theta", "x", "other", "a.b"])
keys = st.lists(words, min_size=1, max_size=3).map(".".join)
leaves = st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2) | st.just("text")
trees = st.dictionaries(
    keys,
    st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=3), max_leaves=8),
    max_size=4,
)


def resolved(tree: dict[str, Any]) -> list[Assignment]:
    """Return the assignments of a file."""
    known = _Known(TYPES)
    result: list[Assignment] = []
    for key, value in tree.items():
        item = of_value(key, value, FILE, "")
        result += _resolved(known, item) if isinstance(item, Table) else [item]
    return result


def count(value: object) -> int:
    """Return the number of values in a tree."""
    return sum(map(count, value.values())) if isinstance(value, dict) else 1


@quickly
@given(trees)
def test_every_value_is_in_exactly_one_assignment(tree: dict[str, Any]) -> None:
    try:
        result = resolved(tree)
    except UsageError:
        return
    assert sum(count(item.value) for item in result) == count(tree)


@quickly
@given(trees)
def test_no_parameter_is_hidden_in_a_value(tree: dict[str, Any]) -> None:
    """No key inside a value is a full parameter name."""
    try:
        result = resolved(tree)
    except UsageError:
        return
    for item in result:
        paths = _joined(item.value)
        assert not {name for name in TYPES if name in paths or name.removeprefix("dice.") in paths}


def _joined(value: object) -> set[str]:
    if not isinstance(value, dict):
        return set()
    below = {(key, path) for key, inner in value.items() for path in _joined(inner)}
    return {*value, *(path for _, path in below), *(f"{key}.{path}" for key, path in below)}


def test_parameter_of_another_type_does_not_make_a_table_a_value() -> None:
    """`Macro` is a node, and also ends the name of a float."""
    assert [item.key for item in resolved({"Macro": {"gamma": 0.5}})] == ["Macro.gamma"]


def test_dict_of_the_study_is_found_by_its_last_part() -> None:
    """Without the study name, it has no dot."""
    assert resolved({"options": {"a": 1}}) == [Assignment("options", value={"a": 1})]
    with pytest.raises(UsageError):
        resolved({"Macro.shares": {"options": 1}})
    with pytest.raises(UsageError):
        resolved({"Macro.shares": {"max_mda_iter": 1}})


def test_keys_inside_a_list_are_checked() -> None:
    """A TOML array of tables can contain misplaced lines, too."""
    with pytest.raises(UsageError):
        resolved({"Macro.items": [{"a": 1, "Macro.gamma": 0.33}]})
    assert resolved({"Macro.items": [{"a": 1}]}) == [Assignment("Macro.items", value=[{"a": 1}])]


@pytest.mark.parametrize(
    ("key", "text", "line"),
    [
        ("Macro.gamma", 'a = 1\n"Macro.gamma" = 0.3\n', 2),
        ("Macro.gamma", "[x]\nMacro.gamma=0.3", 2),
        ("Macro.gamma", "[x]\n[x.Macro.gamma]\na = 1", 2),
        ("Macro.gamma", '"Macro.gamma" = 0.1\n[x]\n"Macro.gamma" = 0.3\n', 3),
        ("Macro.gamma", "[x]\nMacro = {y = 1,gamma = 0.3}", 2),
        ("Macro.gamma", '{"x": {\n"Macro.gamma" : 0.3}}', 2),
        ("Macro.gamma", "other.Macro.gammas = 1", None),
    ],
)
def test_key_is_found_on_its_line(key: str, text: str, line: int | None) -> None:
    """The last line with the key, or with its last part, is the misplaced one."""
    assert _line_of(key, text) == line
