"""Test the three notions of equality for values and cells. Each includes the one before."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.tables.equality import (
    EXACT,
    Tolerance,
    added,
    contains,
    equal,
    equal_cells,
    first_difference,
    identical,
    identical_arrays,
    identical_cells,
    shown_alike,
)

quickly = settings(deadline=None, max_examples=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
)
texts = st.sampled_from(
    ["", "None", "1", "1.0", "1e0", "nan", "inf", "True", "true", "[1 2]", "[1, 2]", "x"]
) | st.text(max_size=6)
NAN = math.nan

# First, other, identical, equal, equal to an int.
PAIRS: list[tuple[Any, Any, bool, bool, bool]] = [
    (1, 1, True, True, True),
    (1, 1.0, False, True, False),
    (0.0, -0.0, True, True, True),
    (True, 1, False, False, False),
    (True, True, True, True, True),
    (NAN, NAN, True, True, True),
    (NAN, 0.0, False, False, False),
    (None, None, True, True, True),
    (None, 0, False, False, False),
    ("1", 1, False, False, False),
    ("a", "a", True, True, True),
    ([1, 2], [1.0, 2], False, True, False),
    ([1, 2], [2, 1], False, False, False),
    ([1], [1, 1], False, False, False),
    ({"a": 1}, {"a": 1.0}, False, True, False),
    ({"a": 1}, {"b": 1}, False, False, False),
    ({"a": [NAN]}, {"a": [NAN]}, True, True, True),
    ([], {}, False, False, False),
    (10**400, 10**400, True, True, True),
    (2**53 + 1, float(2**53), False, False, False),
]


@pytest.mark.parametrize(("first", "other", "is_identical", "is_equal", "is_equal_int"), PAIRS)
def test_values_are_identical_or_equal(
    first: Any, other: Any, is_identical: bool, is_equal: bool, is_equal_int: bool
) -> None:
    for a, b in ((first, other), (other, first)):
        assert (identical(a, b), equal(a, b), equal(a, b, "int")) == (is_identical, is_equal, is_equal_int)


@quickly
@given(values, values)
def test_each_notion_of_values_includes_the_one_before(first: Any, other: Any) -> None:
    """Every value is identical to itself, including nan."""
    assert identical(first, first)
    assert equal(first, other) or not identical(first, other)


@quickly
@given(texts, texts, finite.map(abs))
def test_each_notion_of_cells_includes_the_one_before(first: str, other: str, atol: float) -> None:
    assert identical_cells(first, first)
    assert equal_cells(first, other) or not identical_cells(first, other)
    assert Tolerance(atol=atol).close_cells(first, other) or not equal_cells(first, other)
    assert EXACT.close_cells(first, other) is equal_cells(first, other)
    assert identical_arrays(first, other) or not identical_cells(first, other)
    assert shown_alike(first, other) or not identical_cells(first, other)


@pytest.mark.parametrize(
    ("cell", "other", "expected"),
    [
        ("1", "1.0", True),
        ("1e3", "1000.0", True),
        (" 1.5 ", "1.5", True),
        ("+2", "2", True),
        ("-0.0", "0", True),
        ("", "None", True),
        ("None", "", True),
        ("", "0", False),
        ("a", "a", True),
        ("a", "A", False),
        ("a", " a", False),
        ("1_000", "1000", False),
        ("\u0661", "1", False),
        ("9007199254740993", "9007199254740992", False),
        ("9" * 3000, "9" * 3000, True),
        ("9" * 3000, "8" * 3000, False),
        ("inf", "inf", True),
        ("inf", "-inf", False),
        ("True", "1", False),
        ("true", "True", True),
        ("[1,2]", "[1, 2]", True),
        ("[1, 2]", "[2, 1]", False),
        ("nan", " nan", True),
        ("9" * 5000, "8" * 5000, False),
    ],
)
def test_cells_are_compared_as_numbers_or_strings(cell: str, other: str, expected: bool) -> None:
    """Numbers are compared as numbers, strings as strings."""
    assert equal_cells(cell, other) is expected
    assert equal_cells(other, cell) is expected


@quickly
@given(finite, finite)
def test_number_cells_are_equal_only_if_the_numbers_are(cell: float, other: float) -> None:
    assert equal_cells(repr(cell), repr(other)) is (cell == other)


@pytest.mark.parametrize(
    ("first", "other", "identical", "same_numbers", "alike"),
    [
        ("0.3", "0.30", True, True, True),
        ("1", "1.0", False, False, False),
        ("'1'", "1", False, False, False),
        ("[1. 2.]", "[1. 2. ]", False, True, True),
        ("[0.123456789123 2.]", "[0.12345679 2.        ]", False, False, True),
        ("[0.123456789123 2.]", "[0.12345677 2.        ]", False, False, False),
        ("[1. 2. 3. 4. 5.]", "[1. 2. ... 4. 5.]", False, False, True),
        ("[1. 2. 3. 4. 5.]", "[1. 2. ... 4. 6.]", False, False, False),
        ("[nan 2.]", "[nan 2.]", True, True, True),
    ],
)
def test_cells_of_the_server_are_compared_by_type_and_spelling(
    first: str, other: str, identical: bool, same_numbers: bool, alike: bool
) -> None:
    """Types count. Floats and arrays have several spellings, and a download shows eight digits of arrays."""
    result = (identical_cells(first, other), identical_arrays(first, other), shown_alike(first, other))
    assert result == (identical, same_numbers, alike)


@pytest.mark.parametrize(
    ("first", "other", "rtol", "atol", "close"),
    [
        (1.0, 1.25, 0.0, 0.25, True),
        (1.0, 1.25, 0.0, 0.24, False),
        (100, 101.0, 0.01, 0.0, True),
        (True, 1, 1.0, 1.0, False),
        ("1", 1, 1.0, 1.0, False),
        (None, 0, 1.0, 1.0, False),
        (NAN, NAN, 1.0, 1.0, False),
        (math.inf, 1e308, 0.9, 1e308, False),
        (10**400, math.inf, 0.9, 1e308, False),
        (10**400, NAN, 0.9, 1e308, False),
        (10**400, 10**400 + 1, 0.01, 0.0, True),
        (10**400, 1.5, 0.01, 0.0, False),
        (1.0, 1.0, 0.0, 0.0, False),
    ],
)
def test_only_finite_numbers_can_be_close(first: Any, other: Any, rtol: float, atol: float, close: bool) -> None:
    """Only finite numbers can be close."""
    assert Tolerance(rtol, atol).close(first, other) is close
    assert Tolerance(rtol, atol).close(other, first) is close


def test_integers_beyond_a_double_are_compared_exactly() -> None:
    """As floats both would be infinite."""
    assert not Tolerance(rtol=0.01).close_cells("9" * 3000, "8" * 3000)
    assert Tolerance(rtol=0.2).close_cells("9" * 3000, "8" * 3000)


def test_float_in_brackets_is_compared_as_a_float() -> None:
    assert identical_cells("(2.5e-06)", "0.0000025")
    assert not identical_cells("(2.5e-06)", "2.6e-06")


@pytest.mark.parametrize(
    ("stored", "sent", "is_contained", "more", "difference"),
    [
        (1, 1.0, True, {}, None),
        (1.0, 2.0, False, {}, ("", 2.0, 1.0)),
        ({}, {}, True, {}, None),
        ({"a": 1}, {}, True, {"a": 1}, None),
        ({}, {"a": 1}, False, None, (".a", 1, None)),
        ({"a": 1, "b": 2}, {"a": 1}, True, {"b": 2}, None),
        ({"a": 1}, {"a": 1, "b": 2}, False, None, (".b", 2, None)),
        ({"a": 1, "b": 2}, {"a": 3}, False, {"b": 2}, (".a", 3, 1)),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False, {}, (".b", 3, 2)),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, True, {"a.c": 2}, None),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, False, None, (".a.c", 2, None)),
        ({"a": {"b": 1}}, {"a": 1}, False, {}, (".a", 1, {"b": 1})),
        ([1, 2], [1, 2.0], True, {}, None),
        ([1, 2], [1, 3], False, {}, ("[1]", 3, 2)),
        ([1, 2], [1], False, {}, ("", [1], [1, 2])),
        ([1], [1, 2], False, {}, ("", [1, 2], [1])),
        ([{"a": 1, "b": 2}], [{"a": 1}], False, {}, None),
        (True, 1, False, {}, ("", 1, True)),
        (math.nan, math.nan, True, {}, None),
        (None, math.nan, False, {}, None),
    ],
)
def test_parts_of_a_value(
    stored: Any, sent: Any, is_contained: bool, more: dict[str, Any] | None, difference: tuple[str, Any, Any] | None
) -> None:
    """The server adds keys to a dict, but not to the dicts in a list."""
    assert contains(stored, sent) is is_contained
    if more is not None:
        assert added(stored, sent) == more
    if sent == sent or stored is not None:  # noqa: PLR0124 - nan
        assert first_difference(sent, stored) == difference
