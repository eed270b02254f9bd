"""Test the comparison of new elements of lists and dicts with the present ones."""

from __future__ import annotations

from typing import Any

import pytest

from sostrades_cli.api.models import ARRAY, TABLE, Json, Parameter
from sostrades_cli.errors import InvalidValue
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.elements import present_elements, unknown_kind, validate_elements
from sostrades_cli.operations.param.metadata import ParameterInfo

NAME = "dice.Macro.a"


def of_load(value: Json, *, type_: str | None = "list", default: Json = None) -> ParameterInfo:
    """Return a parameter that the load shows."""
    parameter = Parameter(NAME, str(type_), None, "a", value)
    return ParameterInfo(NAME, type_, None, parameter, None, CachedParameter("list", default=[default]))


def of_download(content: bytes | None, *, empty: bool = False, default: Json = None) -> ParameterInfo:
    """Return a parameter of a server that cannot load."""
    return ParameterInfo(NAME, "list", None, None, content, CachedParameter("list", default=[default]), empty)


def is_valid(new: Json, present: Json, info: ParameterInfo, **more: Any) -> bool:
    try:
        validate_elements(new, present, info, **more)
    except InvalidValue:
        return False
    return True


@pytest.mark.parametrize(
    ("present", "new", "valid"),
    [
        ([1.0], [2], True),
        ([1.0], [True], False),
        ([1.0], ["x"], False),
        ([1.0], [None], False),
        ([1.0, None], [None], True),
        ([None, 1.0], ["x"], False),
        ([1.0, "x"], ["y", True], True),
        ([], ["x"], True),
        ([None], ["x"], True),
        ([[1.0]], [["x"]], False),
        ([[]], [["x"]], True),
        ({"a": 1.0, "b": "x"}, {"a": "y"}, False),
        ({"a": 1.0, "b": "x"}, {"c": True}, True),
        ({"a": 1.0}, {"c": "x"}, False),
        ({"a": None, "b": 1.0}, {"a": "x"}, False),
        ({"a": {"b": 1.0}}, {"a": {"b": "x"}}, False),
        # The elements of a list of dicts are compared by their keys.
        ([{"a": 1.0}, {"b": "x"}], [{"b": 2.0}], False),
        ([{"a": None}, {"a": 1.0}], [{"a": "x"}], False),
        ([{"a": 1.0}, {"a": "x"}], [{"a": 2.0}, {"a": "y"}], True),
        # The content of tables is not in a load.
        ({"a": ARRAY}, {"a": [1.0]}, True),
        ({"a": 1.0}, {"a": TABLE}, True),
    ],
)
def test_elements_are_compared_with_the_present_ones(present: Json, new: Json, valid: bool) -> None:
    assert is_valid(new, present, of_load(present)) is valid


@pytest.mark.parametrize(
    ("info", "valid"),
    [
        (of_load([], default=[1.0]), False),
        (of_load(None, default=[1.0]), False),
        (of_load(None, type_="float_list"), False),
        (of_load(None, type_="string_list"), True),
        (of_load(None, type_=None, default=[1.0]), True),
        (of_load(None), True),
        (of_download(None, default=[1.0]), True),
        (of_download(None, empty=True, default=[1.0]), False),
        (of_download(b"value\n", default=[1.0]), False),
        (of_download(b"value\n1.0\n"), False),
        (of_download(b"value\nx\n", default=[1.0]), True),
    ],
)
def test_value_without_elements_is_compared_with_the_declared_ones(info: ParameterInfo, valid: bool) -> None:
    assert is_valid(["y"], present_elements(info), info) is valid


@pytest.mark.parametrize(
    ("present", "new", "valid"),
    [
        ([1.0], ["1"], True),
        ([1.0], ["x"], False),
        ([1.0], [[1.0]], True),
        ([1.0], [["x"]], False),
        ([True], ["True"], True),
        ([True], ["x"], False),
        ([[1.0]], ["True"], False),
    ],
)
def test_download_shows_texts_and_numbers_alike(present: Json, new: Json, valid: bool) -> None:
    assert is_valid(new, present, of_download(b"")) is valid


def test_text_in_a_file_of_numbers_is_the_only_wrong_cell() -> None:
    """It makes texts of all cells."""
    with pytest.raises(InvalidValue) as raised:
        validate_elements(["1.0", "x"], [1.0], of_load([1.0]), of_file=True)
    assert ('"x"' in raised.value.message, '"1.0"' in raised.value.message) == (True, False)
    assert not is_valid(["1.0"], [1.0], of_load([1.0]), of_file=True)


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more")])
def test_many_wrong_elements_are_counted(count: int, more: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        validate_elements(["x"] * count, [1.0], of_load([1.0]))
    assert (" more" in raised.value.message, more in raised.value.message) == (bool(more), True)


@pytest.mark.parametrize(
    ("new", "present", "default", "noted"),
    [
        ([1.0], None, None, True),
        ([1.0], [], None, True),
        ([1.0], ["x"], None, False),
        ([1.0], None, [1.0], False),
        ([1.0], TABLE, None, False),
        ([], None, None, False),
        ([None], None, None, False),
    ],
)
def test_elements_that_cannot_be_compared_have_a_note(new: Json, present: Json, default: Json, noted: bool) -> None:
    assert (unknown_kind(new, present, of_load(present, default=default)) is not None) is noted
