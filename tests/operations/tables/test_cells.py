"""Test parsing single cells of the server's CSV."""

from __future__ import annotations

import ast
import json

import pytest
from fuzz.effort import effort
from hypothesis import example, given
from hypothesis import strategies as st

from sostrades_cli.operations.tables import cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("202.0", 202.0),
        ("7", 7),
        ("-3", -3),
        ("True", True),
        ("False", False),
        ("", None),
        ("inf", "inf"),
        ("-inf", "-inf"),
        ("sunny", "sunny"),
        ("[1, 2]", [1, 2]),
        ("{'x': 1.0, 'y': nan}", {"x": 1.0, "y": None}),
        ("007", "007"),
        ("café", "café"),
        ("b'x'", "b'x'"),
        ("{1, 2}", "{1, 2}"),
        ("1j", "1j"),
        ("NaN", "NaN"),
    ],
)
def test_cell_is_parsed_as_by_the_server(cell: str, value: object) -> None:
    read = cells.literal(cell)
    assert read == value
    assert type(read) is type(value)


def test_string_inside_a_nested_value_is_unchanged() -> None:
    assert cells.literal("{'x': 'nan or not'}") == {"x": "nan or not"}


@pytest.mark.parametrize("cell", ["1e999", "[1e999]", "-1e999"])
def test_every_cell_is_valid_json(cell: str) -> None:
    assert json.dumps(cells.literal(cell), allow_nan=False)


letters = st.text(st.sampled_from("abfnrsuTFNe01'\"(),.#\\ -=\x7f\xa0é"), max_size=7)
beginnings = st.sampled_from(["", "True", "False", "None", "set(", "rb'", "inf", "nan", "N/A", "Rome", "b", "u"])


@effort(250)
@given(beginnings, letters)
@example("True", ", 1")
@example("set(", ")")
@example("None", "")
@example("nan", " ")
def test_plain_text_is_never_misread(beginning: str, rest: str) -> None:
    """The fast check accepts no text that the exact one rejects."""
    cell = beginning + rest
    if cells.is_plain_text(cell):
        assert cells.category(cell) == cells.TEXT
        assert not cells.misread(cell)


def test_words_are_plain_text() -> None:
    assert all(map(cells.is_plain_text, ["Rome", "a", "wind, offshore", "naive", "island #2"]))


@effort(250)
@given(st.sampled_from(["'{}'", '"{}"', " '{}' "]), letters)
@example("'{}'", "it's")
@example("'{}'", "\\n")
def test_quoted_text_is_the_value_of_the_literal(notation: str, text: str) -> None:
    """Removing the quotes equals parsing the literal."""
    cell = notation.format(text)
    try:
        value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError):
        assert cells.category(cell) != cells.TEXT_LITERAL
        return
    if cells.category(cell) == cells.TEXT_LITERAL:
        assert cells.literal_text(cell) == value
