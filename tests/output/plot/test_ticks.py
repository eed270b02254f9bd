"""Scales of plots: where values stand, and what is written along an axis."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.output.plot.ticks import Scale, TickAxis, categories, label, number, scale_of, ticks, written

NUMBERS = Scale("numbers")
DATES = Scale("dates")
DAY_S = 86400.0
quickly = settings(deadline=None, max_examples=200)
ordinary = st.floats(-1e12, 1e12).map(lambda value: round(value, 6))


def ticks_between(scale: Scale, low: float, high: float, most: int, **how: bool) -> tuple[list[float], list[str]]:
    """Return the ticks of an axis of a scale between two ends."""
    return ticks(TickAxis(scale, low, high, **how), most)


def seconds(text: str) -> float:
    """Return the seconds of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


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
def test_values_tell_their_scale(values: list[Any], kind: str) -> None:
    """Numbers and numbers as text are numbers, ISO dates are dates, all else are categories; gaps tell nothing."""
    assert scale_of(values).kind == kind


@pytest.mark.parametrize(
    ("value", "found"),
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
def test_a_number_is_finite(value: object, found: float | None) -> None:
    """Only a finite number is one, as a number or as text; a number too large for a float is none."""
    assert number(value) == found


@pytest.mark.parametrize(
    ("scale", "value", "place"),
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
def test_a_value_has_its_place(scale: Scale, value: object, place: float | None) -> None:
    """A number stands at itself, a date at its seconds, a category at its place; what is unknown stands nowhere."""
    assert scale.place(value) == place


def test_categories_are_each_once_and_in_their_order() -> None:
    """A category keeps the place where it came first; 2020, 2020.0 and "2020" are the same one."""
    assert dict(categories(["b", "a", "b", 2020, 2020.0, "2020"]).categories) == {"b": 0, "a": 1, "2020": 2}


@pytest.mark.parametrize("values", [[20260130, 20260131], ["1234567", "1234568"], [0.00012341, 0.00012342]])
def test_different_numbers_are_different_categories(values: list[Any]) -> None:
    """Numbers that differ stay apart however they are written on the axis: no bar hides another one."""
    assert len(categories(values).categories) == 2


def test_no_value_has_no_label() -> None:
    """What is no value is called nothing."""
    assert (label(None), label("Asia"), label(2020.0), label("2020")) == ("", "Asia", "2020", "2020")


# Ticks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "most", "places"),
    [
        (2020, 2030, 6, [2020, 2022, 2024, 2026, 2028, 2030]),
        (0, 1, 5, [0, 0.25, 0.5, 0.75, 1]),
        (-7, 8, 4, [-5, 0, 5]),
        (0.031, 0.069, 5, [0.04, 0.05, 0.06]),
        (1200, 98000, 5, [25000, 50000, 75000]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, most: int, places: list[float]) -> None:
    """Ticks are multiples of 1, 2, 2.5 or 5 times a power of ten."""
    assert ticks_between(NUMBERS, low, high, most)[0] == pytest.approx(places)


@quickly
@given(st.tuples(ordinary, ordinary).map(sorted), st.integers(1, 20))
def test_ticks_lie_within_the_ends(ends: list[float], most: int) -> None:
    """Ticks rise, lie between the ends, are about as many as asked for, and each has its label."""
    low, high = ends
    places, labels = ticks_between(NUMBERS, low, high, most)
    slack = (high - low) * 1e-6 + 1e-9
    assert places == sorted(set(places))
    assert all(low - slack <= place <= high + slack for place in places)
    assert len(places) == len(labels) <= most + 1


@pytest.mark.parametrize("value", [0.0, 5.0, -3.25, 1e300])
@pytest.mark.parametrize("log", [False, True])
def test_a_constant_has_one_tick(value: float, log: bool) -> None:
    """Where both ends are the same there is one tick: it."""
    if value > 0 or not log:
        assert ticks_between(NUMBERS, value, value, 5, log=log) == ([value], [written(value)])


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (100.0001, 100.0005),
        (1_234_500, 1_235_500),
        (7.851e9, 7.852e9),
        (0.00001234, 0.00001236),
        (-1.0005e7, -1.0001e7),
    ],
)
def test_ticks_that_differ_are_written_differently(low: float, high: float) -> None:
    """Labels have as many digits as it takes to tell one tick from the next."""
    places, labels = ticks_between(NUMBERS, low, high, 5)
    assert len(places) > 2
    assert len(set(labels)) == len(places)


@pytest.mark.parametrize("ends", [(-1.7e308, 1.7e308), (0.0, 5e-324), (1e16, 1e16 + 2), (-1e-320, 1e-320)])
def test_the_largest_and_the_smallest_numbers_have_ticks(ends: tuple[float, float]) -> None:
    """The ends of what a float holds are ends like others."""
    assert all(map(math.isfinite, ticks_between(NUMBERS, *ends, 5)[0]))


@pytest.mark.parametrize(
    ("low", "high", "most", "powers"),
    [
        (0.001, 1000, 9, [-3, -2, -1, 0, 1, 2, 3]),
        (0.001, 1000, 4, [-3, -1, 1, 3]),
        (3, 40000, 9, [1, 2, 3, 4]),
        (1e-9, 1e9, 3, [-9, -2, 5]),
    ],
)
def test_ticks_of_a_logarithm_are_powers_of_ten(low: float, high: float, most: int, powers: list[int]) -> None:
    """A logarithmic axis has powers of ten, evenly left out where there is no room."""
    places, labels = ticks_between(NUMBERS, low, high, most, log=True)
    assert [math.log10(place) for place in places] == pytest.approx(powers)
    assert [float(text) for text in labels] == pytest.approx(places)


@pytest.mark.parametrize(
    ("first", "last", "form"),
    [
        ("2026-01-30", "2026-03-01", "%Y-%m-%d"),
        ("2026-01-30", "2026-01-30", None),
        ("2026-01-30T10:00", "2026-01-30T12:00", "%m-%d %H:%M"),
        ("1900-01-01", "1900-12-31", "%Y-%m-%d"),
    ],
)
def test_ticks_of_dates_are_dates(first: str, last: str, form: str | None) -> None:
    """Dates are written as days, or with hours where days are not enough, and lie within the ends."""
    places, labels = ticks_between(DATES, seconds(first), seconds(last), 5)
    assert all(seconds(first) <= place <= seconds(last) for place in places)
    assert len(places) == len(labels) <= 5
    if form is not None:
        assert labels == [datetime.fromtimestamp(place, UTC).strftime(form) for place in places]
        assert len(set(labels)) == len(labels) > 1


@pytest.mark.parametrize(("low", "high"), [(20, 80), (0.5, 3), (11, 12), (2, 5)])
def test_a_short_logarithm_has_round_numbers(low: float, high: float) -> None:
    """Where less than two powers of ten lie between the ends, round numbers take their place."""
    places, _ = ticks_between(NUMBERS, low, high, 5, log=True)
    assert len(places) >= 2
    assert all(low <= place <= high for place in places)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-01-30T10:00:00", "2026-01-30T10:00:20"), ("2026-01-01", "2026-01-04")]
)
def test_ticks_of_dates_differ(first: str, last: str) -> None:
    """No two ticks of dates read the same, and a tick that is written as a day is the begin of that day."""
    places, seen = ticks_between(DATES, seconds(first), seconds(last), 5)
    assert len(set(seen)) == len(places)


@pytest.mark.parametrize(("count", "most", "shown"), [(3, 10, 3), (10, 10, 10), (11, 10, 6), (100, 7, 7), (5, 0, 1)])
def test_categories_are_thinned(count: int, most: int, shown: int) -> None:
    """Too many categories are thinned evenly, beginning with the first."""
    names = [f"c{at}" for at in range(count)]
    places, labels = ticks_between(categories(names), 0, count - 1, most)
    assert len(places) == shown
    assert labels == [names[int(place)] for place in places]
    assert labels[0] == "c0"
    assert len({b - a for a, b in pairwise(places)}) <= 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (2020.0, "2020"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (1e7, "1e+07"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
    ],
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    """A number of an axis has no digit too many; very large and very small ones have an exponent."""
    assert written(value) == text
