"""Test relative values: their texts, their results, and the check against a second application."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.local.journal import BEGUN, DONE, Journal, RecordedValue
from sostrades_cli.operations.param.relative import (
    Relative,
    applied,
    factor_in_file,
    multiple,
    number_type,
    percent,
    require_first_time,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY = "dice.Macro.gamma"
TEN_PERCENT_MORE = Relative(Fraction(11, 10), "+10%")


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("+10%", Fraction(11, 10)),
        ("-5%", Fraction(19, 20)),
        (" +0.1% ", Fraction(1001, 1000)),
        ("-100%", Fraction(0)),
        ("10%", None),
        ("+1", None),
        ("+%", None),
        ("+-1%", None),
        ("+ten%", None),
        ("+\u0661%", None),
    ],
)
def test_percentage_needs_a_sign_and_ascii_digits(text: str, factor: Fraction | None) -> None:
    relative = percent(text)
    assert (relative.factor if relative else None) == factor


def test_factor_is_exact() -> None:
    assert multiple(" 1.1 ", KEY) == Relative(Fraction(11, 10), "*1.1")


@pytest.mark.parametrize("text", ["", "x", "1,1", "nan", "1e999", "1" * 5000])
def test_invalid_factor_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        multiple(text, KEY)


@pytest.mark.parametrize(
    ("old", "factor", "kind", "new"),
    [
        (0.3, "1.1", "float", 0.33),
        (10, "1.1", "int", 11),
        (10, "1.1", "float", 11.0),
        (0.1, "3", "float", 0.3),
        (2**60, "3", "int", 3 * 2**60),
        (-4.0, "0.5", "float", -2.0),
        (5, "0", "int", 0),
    ],
)
def test_result_is_exact_and_has_the_type_of_the_parameter(old: float, factor: str, kind: str, new: float) -> None:
    result = applied(multiple(factor, KEY), old, kind, KEY)
    assert (result, type(result)) == (new, type(new))


@pytest.mark.parametrize("old", [None, True, "1", [1.0], math.nan, math.inf])
def test_value_that_is_not_a_finite_number_is_rejected(old: object) -> None:
    with pytest.raises(InvalidValue):
        applied(TEN_PERCENT_MORE, old, "float", KEY)


def test_fraction_in_an_int_is_rejected() -> None:
    with pytest.raises(InvalidValue) as raised:
        applied(TEN_PERCENT_MORE, 11, "int", KEY)
    assert f"{KEY}=12" in str(raised.value.hint)


def test_result_beyond_a_double_is_rejected() -> None:
    with pytest.raises(InvalidValue):
        applied(multiple("10", KEY), 1e308, "float", KEY)


@pytest.mark.parametrize("kind", [None, "string", "bool", "list", "dict", "dataframe", "array"])
def test_only_numbers_have_relative_values(kind: str | None) -> None:
    with pytest.raises(InvalidValue):
        number_type(TEN_PERCENT_MORE, kind, KEY)


@pytest.mark.parametrize(
    ("outcome", "value", "rejected"),
    [
        (BEGUN, 0.33, True),
        (BEGUN, 0.3, False),
        (DONE, 0.33, False),
    ],
)
def test_change_of_unknown_outcome_is_not_applied_twice(
    tmp_path: Path, outcome: str, value: float, *, rejected: bool
) -> None:
    """Only if the study has the value that the unfinished command sent."""
    journal = Journal(tmp_path, "https://corp.example", 21)
    number = journal.begin("set", [RecordedValue(KEY, "float", "-", 0.3, 0.33)], [], "now")
    if outcome != BEGUN:
        journal.end(number, outcome)
    if rejected:
        with pytest.raises(InvalidValue):
            require_first_time(TEN_PERCENT_MORE, value, KEY, journal)
    else:
        require_first_time(TEN_PERCENT_MORE, value, KEY, journal)


def test_later_change_of_the_parameter_counts_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "https://corp.example", 21)
    journal.begin("set", [RecordedValue(KEY, "float", "-", 0.3, 0.33)], [], "now")
    journal.end(journal.begin("set", [RecordedValue(KEY, "float", "-", 0.3, 0.5)], [], "now"), DONE)
    require_first_time(TEN_PERCENT_MORE, 0.33, KEY, journal)


def test_factor_in_a_file_is_an_error_if_it_is_a_number() -> None:
    assert isinstance(factor_in_file("Macro.*", "1.1", "changes.toml"), UsageError)
    assert factor_in_file("Macro.*", "text", "changes.toml") is None
