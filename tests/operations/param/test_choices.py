"""Declared choices and ranges: a value outside of them is refused, a list element by element."""

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
def test_list_whose_elements_are_all_possible_is_accepted(value: list[object]) -> None:
    """Choices hold for each element; a shorter or empty list is fine, as in the recordings."""
    validate_limits(value, info("list", choices=WEATHER))


@pytest.mark.parametrize("value", [[-10000.0, 10000.0], [1, 2], [], [0.0]])
def test_list_within_the_range_is_accepted(value: list[object]) -> None:
    """A range holds for each element; its ends are inside, and whole numbers pass."""
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
def test_elements_that_are_not_possible_are_named_with_their_index(value: list[object], bad: list[str]) -> None:
    """The error names every bad element and its index, and the choices."""
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
def test_elements_out_of_range_are_named_with_their_index(value: list[object], bad: str) -> None:
    """The error names the element and its index, and the range; text is in no range."""
    with pytest.raises(UsageError) as caught:
        validate_limits(value, info("list", span=(-10000.0, 10000.0)))
    assert bad in caught.value.message
    assert "-10000.0 to 10000.0" in (caught.value.hint or "")


@pytest.mark.parametrize(("item", "fits"), [(1, True), (1.0, True), (True, False), ("1.0", False), (2, False)])
def test_whole_number_equals_its_float_but_not_a_truth_value(item: object, *, fits: bool) -> None:
    """`1` is in `[1.0]`, as on the server; `true` is not."""
    for kind, value in (("list", [item]), ("float", item)):
        parameter = info(kind, choices=(1.0,))
        if fits:
            validate_limits(value, parameter)
        else:
            with pytest.raises(UsageError):
                validate_limits(value, parameter)


def test_element_that_is_a_list_is_compared_whole_with_the_choices() -> None:
    """The elements of a list of lists are lists."""
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
    """A single number may be at the ends of its range, not beyond."""
    parameter = info("float", span=(0.0, 10.0))
    if fits:
        validate_limits(value, parameter)
    else:
        with pytest.raises(UsageError):
            validate_limits(value, parameter)


def test_many_bad_elements_are_counted() -> None:
    """The error stays short however long the list is."""
    with pytest.raises(UsageError) as caught:
        validate_limits(["x"] * 1000, info("list", choices=WEATHER))
    assert "995 more" in caught.value.message
    assert len(caught.value.message) < 300
