"""Test what refers to a study. tests/operations/study/test_own_name.py tests the lookup of names on servers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.study_reference import certain_name, full_key, likely_name, possible_names, short_key, study_id

quickly = settings(deadline=None, max_examples=20)
words = st.text("ab .[]%", max_size=8)


@quickly
@given(words, words.filter(bool))
def test_full_key_without_its_own_name_is_the_key(own_name: str, key: str) -> None:
    """Also for a name with dots, and for a name that is not known. Only the root node has no key."""
    assert short_key(own_name, full_key(own_name, key)) == key


def test_unknown_name_adds_nothing() -> None:
    """A key never begins with a dot."""
    assert full_key("", "Macro.gamma") == short_key("", "Macro.gamma") == "Macro.gamma"


@pytest.mark.parametrize(
    ("own_name", "full", "short"),
    [
        ("dice", "dice.Macro.gamma", "Macro.gamma"),
        ("dice.v2", "dice.v2.Macro.gamma", "Macro.gamma"),
        ("dice", "dice2.Macro.gamma", "dice2.Macro.gamma"),
        ("dice", "dice", "dice"),
        ("dice", "dice.dice.x", "dice.x"),
    ],
)
def test_only_a_whole_name_is_removed_and_only_once(own_name: str, full: str, short: str) -> None:
    assert short_key(own_name, full) == short


@pytest.mark.parametrize(
    ("known", "keys", "certain", "likely"),
    [
        ("", ["dice.x", "dice.Macro.gamma"], "dice", "dice"),
        ("old", ["dice.x", "dice.Macro.gamma"], "dice", "dice"),
        ("", ["dice.v2.Macro.gamma"], "", "dice"),
        ("dice.v2", ["dice.v2.Macro.gamma"], "dice.v2", "dice.v2"),
        ("old", ["dice.v2.Macro.gamma"], "", "dice"),
        ("dice", ["a.x", "b.x"], "", ""),
        ("dice", [], "", ""),
    ],
)
def test_name_is_certain_if_it_is_known_or_the_only_choice(
    known: str, keys: list[str], certain: str, likely: str
) -> None:
    """Only a certain name is cached."""
    assert certain_name(known, keys) == certain
    assert likely_name(known, keys) == likely
    assert certain in {"", *possible_names(keys)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("21", 21),
        ("007", 7),
        ("0", None),
        ("", None),
        ("-21", None),
        ("21.0", None),
        ("2_1", None),
        ("\u0662\u0661", None),  # digits of another script
        ("9" * 40, 10**40 - 1),
        ("9" * 41, None),
    ],
)
def test_number_of_a_study_is_digits_above_zero(text: str, number: int | None) -> None:
    assert study_id(text) == number
