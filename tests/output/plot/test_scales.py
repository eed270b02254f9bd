"""Scales of plots: positions of values on an axis."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sostrades_cli.output.plot.scales import Scale, categories, label, number, scale_of

NUMBERS = Scale("numbers")
DATES = Scale("dates")
DAY_S = 86400.0

# Kinds of scales ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([2020, 2021.5, -3], "numbers"),
        (["1", "2.5", "1e3"], "numbers"),
        ([1, "2", None], "numbers"),
        ([1.0, "nan", "-inf", 3.0], "numbers"),
        ([1.0, math.nan, math.inf, 3.0], "numbers"),
        ([], "numbers"),
        ([None], "numbers"),
        (["2026-01-30", "2026-02-01"], "dates"),
        (["2026-01-30T10:00:00Z", "2026-01-30T12:00:00+02:00", None], "dates"),
        (["Asia", "Europe"], "categories"),
        ([1, "Asia", "2026-01-30"], "categories"),
        (["2026-01-30", "soon"], "categories"),
        ([True, False], "categories"),
        ([[1], {"a": 1}], "categories"),
    ],
)
def test_scale_follows_from_the_values(values: list[Any], kind: str) -> None:
    """Gaps do not count."""
    assert scale_of(values).kind == kind


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, 2.0),
        ("2.5", 2.5),
        (-0.0, 0.0),
        (True, None),
        (None, None),
        ("x", None),
        (math.nan, None),
        ("inf", None),
        ([1], None),
        (10**400, None),
    ],
)
def test_only_finite_numbers_are_numbers(value: object, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("scale", "value", "position"),
    [
        (NUMBERS, "7", 7.0),
        (NUMBERS, "x", None),
        (DATES, "1970-01-02", DAY_S),
        (DATES, "1970-01-01T02:00:00+02:00", 0.0),
        (DATES, 5, None),
        (DATES, "soon", None),
        (categories(["Asia", "Europe"]), "Europe", 1.0),
        (categories(["Asia"]), "Africa", None),
    ],
)
def test_value_has_a_position(scale: Scale, value: object, position: float | None) -> None:
    assert scale.position(value) == position


def test_categories_are_unique_and_in_order() -> None:
    """2020, 2020.0 and "2020" are the same category."""
    assert dict(categories(["b", "a", "b", 2020, 2020.0, "2020"]).categories) == {"b": 0, "a": 1, "2020": 2}


@pytest.mark.parametrize("values", [[20260130, 20260131], ["1234567", "1234568"], [0.00012341, 0.00012342]])
def test_different_numbers_are_different_categories(values: list[Any]) -> None:
    assert len(categories(values).categories) == 2


def test_missing_value_has_an_empty_label() -> None:
    assert (label(None), label("Asia"), label(2020.0), label("2020")) == ("", "Asia", "2020", "2020")
