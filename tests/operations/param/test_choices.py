"""Test declared choices and ranges. Lists are validated element by element."""

from __future__ import annotations

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.metadata import ParameterInfo
from sostrades_cli.operations.param.validation import validate_limits

WEATHER = ("cloudy, it is Toulouse ...", "sunny", "rainy")
KEY = "types.DiscAllTypes.z"


def info(
    kind: str, *, choices: tuple[object, ...] | None = None, span: tuple[float, float] | None = None
) -> ParameterInfo:
    """Return a parameter whose choices or range are known from a finished run."""
    return ParameterInfo(
        KEY,
        kind,
        None,
        None,
        None,
        CachedParameter(kind, None, "in", coupling=False, range=span, possible_values=choices),
    )


@pytest.mark.parametrize("value", [["sunny", "rainy"], ["sunny", "sunny"], [*WEATHER], []])
def test_list_of_possible_elements_is_accepted(value: list[object]) -> None:
    """Shorter and empty lists are accepted, as in the recordings."""
    validate_limits(value, info("list", choices=WEATHER))


@pytest.mark.parametrize("value", [[-10000.0, 10000.0], [1, 2], [], [0.0]])
def test_list_within_the_range_is_accepted(value: list[object]) -> None:
    """The limits are included, and integers are accepted."""
    validate_limits(value, info("list", span=(-10000.0, 10000.0)))


@pytest.mark.parametrize(
    ("value", "bad"),
    [
        (["sunny", "foggy"], ["'foggy' (index 1)"]),
        (["", "sunny", "Rainy"], ["'' (index 0)", "'Rainy' (index 2)"]),
        ([["sunny"]], ["['sunny'] (index 0)"]),
        ([None], ["None (index 0)"]),
    ],
)
def test_invalid_elements_are_listed_with_their_index(value: list[object], bad: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        validate_limits(value, info("list", choices=WEATHER))
    assert all(text in caught.value.message for text in (KEY, *bad))
    assert all(choice in (caught.value.hint or "") for choice in WEATHER)


@pytest.mark.parametrize(
    ("value", "bad"),
    [
        ([1.0, 20000.0], "20000.0 (index 1)"),
        ([-10000.000001], "-10000.000001 (index 0)"),
        ([1.0, "2.0"], "'2.0' (index 1)"),
        ([1.0, None, 3.0], "None (index 1)"),
        ([True], "True (index 0)"),
    ],
)
def test_elements_out_of_range_are_listed_with_their_index(value: list[object], bad: str) -> None:
    """A string is never in range."""
    with pytest.raises(UsageError) as caught:
        validate_limits(value, info("list", span=(-10000.0, 10000.0)))
    assert bad in caught.value.message
    assert "-10000.0 to 10000.0" in (caught.value.hint or "")


@pytest.mark.parametrize(("item", "fits"), [(1, True), (1.0, True), (True, False), ("1.0", False), (2, False)])
def test_integer_equals_its_float_but_not_a_bool(item: object, *, fits: bool) -> None:
    """As on the server."""
    for kind, value in (("list", [item]), ("float", item)):
        parameter = info(kind, choices=(1.0,))
        if fits:
            validate_limits(value, parameter)
        else:
            with pytest.raises(UsageError):
                validate_limits(value, parameter)


def test_nested_list_is_compared_whole_with_the_choices() -> None:
    parameter = info("list", choices=([1, 2], [3]))
    validate_limits([[3], [1, 2]], parameter)
    with pytest.raises(UsageError):
        validate_limits([[2, 1]], parameter)


def test_nested_lists_and_dicts_have_no_range() -> None:
    """The server compares neither with a range."""
    validate_limits([[5.0]], info("list", span=(0.0, 1.0)))
    validate_limits({"a": 5.0}, info("dict", span=(0.0, 1.0)))


@pytest.mark.parametrize(("value", "fits"), [(0.0, True), (10.0, True), (10, True), (10.000001, False), (-1, False)])
def test_number_is_compared_with_its_range(value: float, *, fits: bool) -> None:
    """The limits are included."""
    parameter = info("float", span=(0.0, 10.0))
    if fits:
        validate_limits(value, parameter)
    else:
        with pytest.raises(UsageError):
            validate_limits(value, parameter)


def test_many_invalid_elements_are_counted() -> None:
    with pytest.raises(UsageError) as caught:
        validate_limits(["x"] * 1000, info("list", choices=WEATHER))
    assert "995 more" in caught.value.message
    assert len(caught.value.message) < 300
