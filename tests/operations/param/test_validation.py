"""Test the validation of units, and of layouts where the type of a parameter is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.metadata import ParameterInfo
from sostrades_cli.operations.param.validation import (
    file_kind,
    require_known_type,
    validate_limits,
    validate_unit,
    validate_value,
)

NUMBER, DICT, COLUMN = b"value\n1.5\n", b"variable,value\nk,1.5\n", b"value\n1.0\n2.0\n"
OBJECTS, TABLE, EMPTY = b"variable,a,b\n0,1,2\n1,3,4\n", b"years,people\n2020,1.5\n", b""
KEYED = b"variable,a,b\nx,1,2\n"


def info(kind: str | None, unit: str | None = None, content: bytes | None = None) -> ParameterInfo:
    return ParameterInfo("dice.x", kind, unit, None, content)


@pytest.mark.parametrize(
    ("declared", "unit", "is_valid"),
    [
        ("km", "km", True),
        ("km", "m", False),
        ("km", "", False),
        ("km", "-", False),
        ("-", "", True),
        ("", "-", True),
        (None, "-", True),
        (None, "", True),
        (None, "km", False),
        ("-", "km", False),
    ],
)
def test_unit_must_be_the_declared_one(declared: str | None, unit: str, is_valid: bool) -> None:
    """A pure number has the unit "-" or none."""
    if is_valid:
        validate_unit(unit, info("float", declared))
    else:
        with pytest.raises(UsageError):
            validate_unit(unit, info("float", declared))


def test_unit_is_unknown_without_a_type() -> None:
    """Such a server shows neither types nor units."""
    validate_unit("km", info(None))


@pytest.mark.parametrize(
    ("content", "value", "is_valid"),
    [
        (NUMBER, 2.0, True),
        (NUMBER, "text", True),
        (DICT, {"k": 2.0}, True),
        (DICT, 2.0, False),
        (DICT, [2.0], False),
        (COLUMN, [2.0], True),
        (COLUMN, 2.0, False),
        (COLUMN, {"k": 2.0}, False),
        (OBJECTS, [{"a": 1}], True),
        (OBJECTS, {"a": 1}, False),
        (OBJECTS, 2.0, False),
        (TABLE, 2.0, False),
        (TABLE, [2.0], False),
        (KEYED, [{"a": 1}], False),
        (None, 2.0, True),
        (None, [2.0], True),
        (None, {"k": 2.0}, True),
    ],
)
def test_value_of_an_unknown_type_has_the_layout_of_the_present_one(
    content: bytes | None, value: Any, is_valid: bool
) -> None:
    """The server would store any value, and the next run would fail."""
    if is_valid:
        validate_value(value, info(None, content=content))
    else:
        with pytest.raises(UsageError):
            validate_value(value, info(None, content=content))


def test_layout_of_a_known_type_is_not_guessed() -> None:
    validate_value([2.0], info("list", content=DICT))


@pytest.mark.parametrize("kind", ["float", None])
def test_value_of_any_type_is_compared_with_the_range(kind: str | None) -> None:
    limited = ParameterInfo("dice.x", kind, None, None, NUMBER, CachedParameter("float", range=(1.0, 2.0)))
    validate_value(2.0, limited)
    with pytest.raises(UsageError):
        validate_value(3.0, limited)


@pytest.mark.parametrize(
    ("kind", "content", "is_known"),
    [(None, COLUMN, False), (None, DICT, True), (None, NUMBER, True), (None, TABLE, True), ("list", COLUMN, True)],
)
def test_list_and_array_look_the_same(kind: str | None, content: bytes, is_known: bool) -> None:
    if is_known:
        require_known_type(info(kind, content=content))
    else:
        with pytest.raises(UsageError):
            require_known_type(info(kind, content=content))


@pytest.mark.parametrize(
    ("kind", "content", "layout"),
    [
        ("dataframe", None, "any"),
        ("array", None, "one"),
        ("list", None, "one"),
        ("float_list", None, "one"),
        ("dict", None, "variable"),
        ("dict", TABLE, "variable"),
        ("float", None, None),
        ("string", TABLE, None),
        (None, TABLE, "any"),
        (None, COLUMN, "one"),
        (None, DICT, "variable"),
        (None, NUMBER, None),
        (None, None, "any"),
    ],
)
def test_layout_of_a_file(kind: str | None, content: bytes | None, layout: str | None) -> None:
    """A declared type decides, whatever the download looks like."""
    if layout is None:
        with pytest.raises(UsageError):
            file_kind(info(kind, content=content))
    else:
        assert file_kind(info(kind, content=content)) == layout


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        (1, True),
        (1.0, True),
        (2, True),
        (3, False),
        (True, False),
        ("1", False),
        ([1, 2], True),
        ([1, 3], False),
        ([1, True], False),
        ({"k": 3}, True),
        ([[9.0]], False),
    ],
)
def test_choices_and_range_both_apply(value: Any, is_valid: bool) -> None:
    """3 is a choice out of the range. A dict has neither choices nor a range."""
    cached = CachedParameter("float", range=(1.0, 2.0), possible_values=(1, 2, 3))
    limited = ParameterInfo("dice.x", "float", None, None, None, cached)
    if is_valid:
        validate_limits(value, limited)
    else:
        with pytest.raises(UsageError):
            validate_limits(value, limited)


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        (1.0, True),
        (2.0, True),
        (0.9, False),
        (2.1, False),
        (True, False),
        ("1.5", False),
        (None, False),
        ([1.0, 2.0], True),
        ([1.0, 2.1], False),
        ([[9.0]], True),
    ],
)
def test_ends_of_a_range_are_in_it(value: Any, is_valid: bool) -> None:
    """The elements of nested lists are not compared, as on the server."""
    limited = ParameterInfo("dice.x", "float", None, None, None, CachedParameter("float", range=(1.0, 2.0)))
    if is_valid:
        validate_limits(value, limited)
    else:
        with pytest.raises(UsageError):
            validate_limits(value, limited)
