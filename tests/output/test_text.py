"""Text for terminals: control characters are escaped."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.output import text

quickly = settings(deadline=None, max_examples=20)
# What moves the cursor, changes colours, ends lines or turns the direction of what follows.
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u200e", "\u200f", "\u061c"}
any_text = st.text(st.characters(), max_size=40) | st.text("\x00\t\n\r\x1b\x7f\x9b\u2028\u202e\u2066a[31m", max_size=20)


def is_hostile(character: str) -> bool:
    """Return whether a terminal could interpret a character, by Unicode's tables."""
    return (
        unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}
        or unicodedata.bidirectional(character) in DIRECTIONS
        or character in MARKS
    )


@quickly
@given(any_text)
@example("\x1b]0;title\x07")
@example("\x9b31m")
@example("gamma\u202egpj.exe")
@example("\ud83d")
def test_all_hostile_characters_are_escaped(name: str) -> None:
    shown = text.visible(name)
    assert not any(map(is_hostile, shown))
    assert shown.encode().decode() == shown


@quickly
@given(any_text)
def test_other_characters_are_unchanged(name: str) -> None:
    if not any(is_hostile(c) or c == "\ufeff" for c in name):
        assert text.visible(name) == name
    rest = iter(text.visible(name))
    assert all(c in rest for c in name if not is_hostile(c) and c != "\ufeff")


@quickly
@given(any_text)
def test_escaping_twice_changes_nothing(name: str) -> None:
    assert text.visible(text.visible(name)) == text.visible(name)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\t", "\\t"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\x1b", "\\x1b"),
        ("\x00", "\\x00"),
        ("\x7f", "\\x7f"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_hostile_character_is_escaped_by_its_code(hostile: str, shown: str) -> None:
    assert text.visible(f"a{hostile}b") == f"a{shown}b"


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "Gas [CO2] & more %", "été", "中文", "עברית", "👍🏽", "a\\nb", ""])
def test_names_in_any_language_are_unchanged(name: str) -> None:
    assert text.visible(name) == name


@quickly
@given(st.lists(any_text, min_size=1, max_size=4))
def test_lines_of_a_text_stay(lines: list[str]) -> None:
    whole = "\n".join(lines)
    assert text.visible_lines(whole).split("\n") == [text.visible(line.expandtabs()) for line in whole.split("\n")]


# Cells -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (None, ""),
        ("", ""),
        ("café", "café"),
        (1e-06, "1e-06"),
        (0.1, "0.1"),
        (30, "30"),
        (True, "true"),
        ([1, "é", None], '[1, "é", null]'),
        ({"a": 1.0}, '{"a": 1.0}'),
    ],
)
def test_plain_cell_is_complete(value: object, whole: str) -> None:
    assert text.plain(value) == whole
    assert text.plain(text.TextCell(value, "short")) == whole


def test_shown_cell_is_short_and_escaped() -> None:
    assert text.shown(text.TextCell([1, 2], "[1, …]\n")) == "[1, …]\\n"
    assert text.shown("a\x1bb") == "a\\x1bb"
    assert text.shown(None) == ""


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (None, "no value"),
        ([10, 20, 40], "[10, 20, 40]"),
        ([10, 20, 40, 50], "[10, 20, 40, 50]"),
        ([10, 20, 40, *range(7)], "[10, 20, 40, … 7 more]"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        (0.30000000000000004, "0.30000000000000004"),
        ({}, "{}"),
    ],
)
def test_long_value_is_shortened(value: object, short: str) -> None:
    assert text.brief(value) == short


@settings(deadline=None, max_examples=20)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=200),
        lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=80), inner, max_size=8),
        max_leaves=40,
    )
)
def test_short_form_fits_a_line(value: Any) -> None:
    assert len(text.brief(value)) <= 4 * (text.LONGEST_BRIEF + 1) + 20


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (1.5, True), (True, False), ("1", False), (None, False), ([1], False), (text.TextCell(2, "2"), True)],
)
def test_only_numbers_are_right_aligned(value: object, expected: bool) -> None:
    assert text.kind_of_number(value) is expected


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (19.9, "20 s"), (59, "59 s"), (59.9, "1:00"), (84, "1:24"), (3599, "59:59"), (7390, "2:03:10")],
)
def test_duration_is_seconds_minutes_and_hours(seconds: float, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.9, "0 s"), (19.9, "19 s"), (59.9, "59 s"), (60, "1:00")])
def test_running_clock_shows_the_seconds_that_have_passed(seconds: float, shown: str) -> None:
    assert text.running_time(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (6447, "6.4 kB"),
        (21_800_000, "21.8 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_size_has_steps_of_a_thousand(count: int, shown: str) -> None:
    assert text.size(count) == shown


def test_json_of_a_cell_is_read_back() -> None:
    value = {"a": [1.5, None, "é\t"]}
    assert json.loads(text.plain(value)) == value


def test_first_lines_have_the_number_of_the_others() -> None:
    assert text.first_lines(["a", "b"], 2) == "a\nb"
    assert text.first_lines(["a", "b", "c", "d"], 2) == "a\nb\nand 2 more"


@pytest.mark.parametrize(
    ("noun", "whole"), [("int", "an int"), ("array", "an array"), ("float", "a float"), ("", "a ")]
)
def test_noun_has_its_article(noun: str, whole: str) -> None:
    assert text.with_article(noun) == whole


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("1.3900000000000001/2", "1.39/2"),
        ("0.0/2", "0.0/2"),
        ("1.05/23.54 [GB]", "1.05/23.54 [GB]"),
        ("1024.123/23553.9999999 [MB]", "1024.12/23554.0 [MB]"),
        ("1.2e-05/2", "0.0/2"),
        ("0.30000000000000004", "0.3"),
        ("----", "----"),
        ("", ""),
        ("12", "12"),
    ],
)
def test_numbers_in_a_text_are_rounded(original: str, expected: str) -> None:
    assert text.rounded(original) == expected


@quickly
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_rounded_numbers_are_close(used: float, total: float) -> None:
    first, second = text.rounded(f"{used!r}/{total!r}").split("/")
    for shown, value in ((first, used), (second, total)):
        assert abs(float(shown) - value) <= 0.005 + 1e-9
        assert len(shown.partition(".")[2]) <= 2
