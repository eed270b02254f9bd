"""Text that reaches a terminal is seen, never obeyed."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.output import text

quickly = settings(deadline=None, max_examples=200)
# What moves the cursor, changes colours, ends lines or turns the direction of what follows.
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u200e", "\u200f", "\u061c"}
any_text = st.text(st.characters(), max_size=40) | st.text("\x00\t\n\r\x1b\x7f\x9b\u2028\u202e\u2066a[31m", max_size=20)


def is_hostile(character: str) -> bool:
    """Tell by Unicode's own tables whether a terminal could obey a character."""
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
def test_nothing_hostile_gets_through(name: str) -> None:
    """No control character, no line separator, no direction mark and no lone surrogate is left."""
    shown = text.visible(name)
    assert not any(map(is_hostile, shown))
    assert shown.encode().decode() == shown


@quickly
@given(any_text)
def test_all_else_is_left_alone(name: str) -> None:
    """A text without such characters stays as it is; with them the rest stays, in its order."""
    if not any(is_hostile(c) or c == "\ufeff" for c in name):
        assert text.visible(name) == name
    rest = iter(text.visible(name))
    assert all(c in rest for c in name if not is_hostile(c) and c != "\ufeff")


@quickly
@given(any_text)
def test_what_is_visible_stays_so(name: str) -> None:
    """Making a text visible twice is making it so once."""
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
def test_a_hostile_character_is_shown_by_its_number(hostile: str, shown: str) -> None:
    """A character that is not shown itself is shown in the way that programmers know."""
    assert text.visible(f"a{hostile}b") == f"a{shown}b"


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "Gas [CO2] & more %", "été", "中文", "עברית", "👍🏽", "a\\nb", ""])
def test_names_of_any_language_stay(name: str) -> None:
    """Brackets, accents, other scripts and pictures are no controls."""
    assert text.visible(name) == name


@quickly
@given(st.lists(any_text, min_size=1, max_size=4))
def test_the_lines_of_a_text_stay(lines: list[str]) -> None:
    """Of a text of several lines the line ends stay, tabs are blanks, and each line is made visible."""
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
def test_a_cell_for_machines_is_whole(value: object, whole: str) -> None:
    """TSV and CSV hold texts as they are, nothing for no value, and JSON for the rest."""
    assert text.plain(value) == whole
    assert text.plain(text.TextCell(value, "short")) == whole


def test_people_see_the_short_form() -> None:
    """In a table a cell is its short form, made visible."""
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
def test_a_long_value_is_shortened(value: object, short: str) -> None:
    """A long list shows its first items and how many are left, a long text its beginning."""
    assert text.brief(value) == short


@settings(deadline=None, max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=200),
        lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=80), inner, max_size=8),
        max_leaves=40,
    )
)
def test_a_short_form_is_short(value: Any) -> None:
    """Whatever a value is, its short form fits into a line."""
    assert len(text.brief(value)) <= 4 * (text.LONGEST_BRIEF + 1) + 20


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (1.5, True), (True, False), ("1", False), (None, False), ([1], False), (text.TextCell(2, "2"), True)],
)
def test_which_cells_are_numbers(value: object, expected: bool) -> None:
    """Numbers are set right-aligned; bools and texts of digits are none."""
    assert text.kind_of_number(value) is expected


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (19.9, "19 s"), (59, "59 s"), (60, "1:00"), (84, "1:24"), (3599, "59:59"), (7390, "2:03:10")],
)
def test_a_time_span_as_people_read_it(seconds: float, shown: str) -> None:
    """Seconds, then minutes, then hours."""
    assert text.duration(seconds) == shown


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
def test_a_size_as_people_read_it(count: int, shown: str) -> None:
    """Sizes go in steps of a thousand."""
    assert text.size(count) == shown


def test_json_of_a_cell_is_read_back() -> None:
    """What is not text in a TSV cell is JSON again."""
    value = {"a": [1.5, None, "é\t"]}
    assert json.loads(text.plain(value)) == value


@pytest.mark.parametrize(
    ("noun", "whole"), [("int", "an int"), ("array", "an array"), ("float", "a float"), ("", "a ")]
)
def test_a_noun_has_its_article(noun: str, whole: str) -> None:
    """What begins with a vowel has `an`."""
    assert text.with_article(noun) == whole


@pytest.mark.parametrize(
    ("found", "expected"),
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
def test_numbers_within_a_text_are_rounded(found: str, expected: str) -> None:
    """At most two decimals are left, and everything else stays."""
    assert text.rounded(found) == expected


@quickly
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_rounded_text_is_near_and_short(used: float, total: float) -> None:
    """The numbers are those of the text to two decimals."""
    first, second = text.rounded(f"{used!r}/{total!r}").split("/")
    for shown, value in ((first, used), (second, total)):
        assert abs(float(shown) - value) <= 0.005 + 1e-9
        assert len(shown.partition(".")[2]) <= 2
