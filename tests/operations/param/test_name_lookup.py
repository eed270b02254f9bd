"""Finding parameters by what people type."""

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
    """Return a server on which nothing was looked at yet."""
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
def test_a_key_stands_for_one_name(context: Context, key: str, name: str) -> None:
    """A full name, a whole end of one, or a glob that fits one, stands for it."""
    assert name_lookup.Finder(context, 21, NAMES).find(key) == name


@settings(deadline=None, max_examples=80)
@given(full_names, st.data())
def test_a_full_name_is_always_itself(known: list[str], data: st.DataObject) -> None:
    """A full name stands for itself, even where it looks like a glob or is the end of another."""
    name = data.draw(st.sampled_from(known))
    nobody: Any = None  # a full name is found without looking anywhere
    assert name_lookup.Finder(nobody, 21, known).find(name) == name


@pytest.mark.parametrize(("key", "count"), [("tax", 2), ("*.tax*", 3), ("dice.*", 6)])
def test_a_key_that_fits_several_is_wrong_usage(context: Context, key: str, count: int) -> None:
    """An end or a glob that fits several names some of them, and is exit 2."""
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
def test_an_unknown_key_shows_the_closest(context: Context, key: str, close: str) -> None:
    """A key that fits nothing is exit 5, with the closest names; a part of a last word fits nothing."""
    with pytest.raises(NotFound) as caught:
        name_lookup.Finder(context, 21, NAMES).find(key)
    assert close in str(caught.value.detail)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND
    assert caught.value.hint == "sostrades param list 21"


def test_where_nothing_is_close_nothing_is_said() -> None:
    """Without a similar name the error has no suggestion; without any name it advises a full one, and no listing."""
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
    ],
)
def test_what_a_glob_fits(pattern: str, count: int) -> None:
    """`*` and `?` are wild, case counts only where it decides, a bracket is a letter, and a plain word is no glob."""
    assert len(name_lookup.matching(pattern, NAMES)) == count


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
def test_key_in_another_case_stands_for_its_name(context: Context, key: str, name: str) -> None:
    assert name_lookup.Finder(context, 21, NAMES).find(key) == name


@pytest.mark.parametrize(("key", "count"), [("TAX", 2), ("*.TAX*", 3), ("b.X", 2)])
def test_key_that_fits_several_in_another_case_is_wrong_usage(context: Context, key: str, count: int) -> None:
    with pytest.raises(AmbiguousName, match=rf"\b{count}\b"):
        name_lookup.Finder(context, 21, [*NAMES, "s.B.x", "s.b.x"]).find(key)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.text("aAbB.", min_size=1, max_size=6), min_size=1, unique=True), st.data())
def test_case_decides_between_names(known: list[str], data: st.DataObject) -> None:
    """Names that differ in case only stay apart, as names, as ends and as globs."""
    name = data.draw(st.sampled_from(known))
    nobody: Any = None
    assert name_lookup.Finder(nobody, 21, known).find(name) == name
    assert name_lookup.matching(f"*{name}", known) == [one for one in known if one.endswith(name)]
    assert name_lookup.fitting(known, name) == [one for one in known if name in one]


def test_suggestion_disregards_case(context: Context) -> None:
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
def test_a_glob_fits_the_last_parts_of_a_name(pattern: str, expected: list[str]) -> None:
    assert name_lookup.matching(pattern, ["dice.Macro.gamma", "dice.Damage.theta"]) == expected
