"""Test the lookup of parameters by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.param import name_lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context

NAMES = [
    "dice.Macro.gamma",
    "dice.Macro.population",
    "dice.Carbon.tax",
    "dice.Carbon.tax_max",
    "dice.Other.tax",
    "dice.Gas [CO2] & more.share %",
]
full_names = st.lists(
    st.lists(st.text("ab[]% *?", min_size=1, max_size=4), min_size=1, max_size=3).map(".".join), min_size=1, unique=True
)


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context]) -> Context:
    """Return a context with an empty cache."""
    return server_of(user)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("dice.Macro.gamma", "dice.Macro.gamma"),
        ("Macro.gamma", "dice.Macro.gamma"),
        ("gamma", "dice.Macro.gamma"),
        ("Carbon.tax", "dice.Carbon.tax"),
        ("*.gam*", "dice.Macro.gamma"),
        ("*[CO2]*", "dice.Gas [CO2] & more.share %"),
        ("share %", "dice.Gas [CO2] & more.share %"),
    ],
)
def test_key_matches_one_name(context: Context, key: str, name: str) -> None:
    """As a full name, a trailing part, or a glob."""
    assert name_lookup.Finder(context, 21, NAMES).find(key) == name


@settings(deadline=None, max_examples=20)
@given(full_names, st.data())
def test_full_name_matches_exactly(known: list[str], data: st.DataObject) -> None:
    """Even if it looks like a glob or ends another name."""
    name = data.draw(st.sampled_from(known))
    nobody: Any = None  # a full name is found without looking anywhere
    assert name_lookup.Finder(nobody, 21, known).find(name) == name


@pytest.mark.parametrize(("key", "count"), [("tax", 2), ("*.tax*", 3), ("dice.*", 6)])
def test_ambiguous_key_is_a_usage_error(context: Context, key: str, count: int) -> None:
    with pytest.raises(AmbiguousName, match=rf"\b{count}\b") as caught:
        name_lookup.Finder(context, 21, NAMES).find(key)
    assert NAMES[2] in caught.value.message or NAMES[0] in caught.value.message
    assert ("..." in caught.value.message) is (count > name_lookup.SHOWN)
    assert caught.value.study == 21


@pytest.mark.parametrize(
    ("key", "close"),
    [
        ("dice.Macro.gama", "dice.Macro.gamma"),
        ("populaton", "dice.Macro.population"),
        ("Nowhere.gamma", "dice.Macro.gamma"),
        ("amma", "dice.Macro.gamma"),
    ],
)
def test_unknown_key_is_exit_5_with_suggestions(context: Context, key: str, close: str) -> None:
    with pytest.raises(NotFound) as caught:
        name_lookup.Finder(context, 21, NAMES).find(key)
    assert close in str(caught.value.detail)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND
    assert caught.value.hint == "sostrades param list 21"


def test_unknown_key_without_similar_names_has_no_suggestion() -> None:
    assert name_lookup.unknown("zzzzzz", NAMES, 21).detail is None
    without = name_lookup.unknown("gamma", [], 21)
    assert exit_code_of(without) is ExitCode.NOT_FOUND
    assert without.detail == name_lookup.NO_NAMES
    assert "param list" not in str(without.hint)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("*", 6),
        ("*.Macro.*", 2),
        ("dice.Carbon.ta?", 1),
        ("*.TAX", 2),
        ("*.TAXES", 0),
        ("*[abc]*", 0),
        ("*[C*", 1),
        ("tax", 0),
        ("tax*", 3),
        ("macro.*", 2),
        ("MACRO.P*", 1),
        ("acro.*", 0),
        ("Gas*%", 1),
    ],
)
def test_glob_matches_a_name_or_an_ending_of_it_in_any_case(pattern: str, count: int) -> None:
    """`*` and `?` are wildcards, and brackets are literal."""
    assert len(name_lookup.matching_glob(NAMES, pattern)) == count


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("MACRO.GAMMA", "dice.Macro.gamma"),
        ("DICE.macro.Gamma", "dice.Macro.gamma"),
        ("GAMMA", "dice.Macro.gamma"),
        ("carbon.TAX", "dice.Carbon.tax"),
        ("*.GAM*", "dice.Macro.gamma"),
        ("*[co2]*", "dice.Gas [CO2] & more.share %"),
    ],
)
def test_key_in_another_case_matches(context: Context, key: str, name: str) -> None:
    assert name_lookup.Finder(context, 21, NAMES).find(key) == name


@pytest.mark.parametrize(
    ("key", "name"),
    [("Macro.gamma", NAMES[0]), ("MACRO.GAMMA", None), ("Macro.gam*", NAMES[0]), ("MACRO.GAM*", NAMES[0])],
)
def test_exact_match_ignores_case_only_in_a_glob(context: Context, key: str, name: str | None) -> None:
    assert name_lookup.Finder(context, 21, NAMES).exact(key) == name


@pytest.mark.parametrize(("key", "count"), [("TAX", 2), ("*.TAX*", 3), ("b.X", 2)])
def test_ambiguous_key_in_another_case_is_a_usage_error(context: Context, key: str, count: int) -> None:
    with pytest.raises(AmbiguousName, match=rf"\b{count}\b"):
        name_lookup.Finder(context, 21, [*NAMES, "s.B.x", "s.b.x"]).find(key)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text("aAbB.", min_size=1, max_size=6), min_size=1, unique=True), st.data())
def test_matches_do_not_depend_on_case(known: list[str], data: st.DataObject) -> None:
    """A glob and a part of a name select the same parameters however they are typed."""
    word = data.draw(st.sampled_from(known))
    expected = [name for name in known if word.casefold() in name.casefold()]
    for typed in (word, word.swapcase()):
        assert name_lookup.matching_names(known, typed) == expected
        assert name_lookup.matching_glob(known, f"*{typed}*") == expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text("aAbB.", min_size=1, max_size=6), min_size=1, unique=True), st.data())
def test_case_decides_between_names(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    nobody: Any = None
    assert name_lookup.Finder(nobody, 21, known).find(name) == name


def test_suggestion_ignores_case(context: Context) -> None:
    with pytest.raises(NotFound) as caught:
        name_lookup.Finder(context, 21, NAMES).find("MACRO.GAMA")
    assert "dice.Macro.gamma" in (caught.value.detail or "")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Macro.g*", ["dice.Macro.gamma"]),
        ("gam*", ["dice.Macro.gamma"]),
        ("dice.*.theta", ["dice.Damage.theta"]),
        ("D*.the?a", ["dice.Damage.theta"]),
        ("*.gamma.*", []),
    ],
)
def test_glob_matches_trailing_parts(pattern: str, expected: list[str]) -> None:
    assert name_lookup.matching_glob(["dice.Macro.gamma", "dice.Damage.theta"], pattern) == expected
