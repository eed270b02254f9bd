"""Test the conversion of Python values to assignments."""

from __future__ import annotations

import itertools
import math
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.library.python_values import (
    assignments,
    at_once,
    given,
    is_missing,
    plain_value,
    typed_cell,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.param.assignments import Assignment


@pytest.fixture
def new_file(tmp_path: Path) -> Callable[[], Path]:
    numbers = itertools.count()
    return lambda: tmp_path / f"{next(numbers)}.csv"


@pytest.mark.parametrize(
    ("value", "notes"),
    [
        (np.float32(0.3), 1),
        (np.float32(0.5), 0),
        (np.float32(1e10), 0),
        (np.float32("nan"), 0),
        (np.float64(0.3), 0),
        (np.array([0.3, 0.7], dtype="float32"), 1),
        ({"x": [np.float16(0.3)]}, 1),
        (pd.DataFrame({"x": np.array([0.3], dtype="float32"), "y": [0.3]}), 1),
    ],
)
def test_float_that_is_stored_with_more_digits_is_noted(
    value: object, notes: int, new_file: Callable[[], Path]
) -> None:
    [assignment] = assignments({"a": value}, new_file)
    assert len(assignment.notes) == notes


def test_note_has_both_the_short_and_the_stored_number(new_file: Callable[[], Path]) -> None:
    [assignment] = assignments({"a": np.float32(0.3)}, new_file)
    [note] = assignment.notes
    assert {"0.3", "0.30000001192092896"} <= {word.strip(".,") for word in note.split()}


@pytest.fixture
def assigned(new_file: Callable[[], Path]) -> Callable[[Any], Assignment]:
    def assign(value: Any) -> Assignment:
        [assignment] = assignments({"a": value}, new_file)
        return assignment

    return assign


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (1, 1),
        (np.float64(0.1), 0.1),
        (np.int8(3), 3),
        (np.bool_(1), True),
        ("text", "text"),
        (None, None),
        ({"a": np.arange(2), "b": (1, 2)}, {"a": [0, 1], "b": [1, 2]}),
        ([{"a": 1}], [{"a": 1}]),
        (Decimal("0.10"), 0.1),
        ({"a": Decimal(2)}, {"a": 2.0}),
    ],
)
def test_value_becomes_plain_python(assigned: Callable[[Any], Assignment], value: Any, plain: Any) -> None:
    assignment = assigned(value)
    assert (assignment.value, assignment.file) == (plain, None)
    assert type(assignment.value) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        date(2020, 1, 30),
        pd.Timestamp("2020-01-30"),
        np.datetime64("2020-01-30"),
        range(3),
        {1, 2},
        pd.NA,
        pd.NaT,
        1j,
        b"x",
        pytest.param(10**5000, id="int"),
        Decimal("0.12345678901234567890"),
    ],
)
def test_object_that_the_server_does_not_store_is_rejected_with_its_type(
    assigned: Callable[[Any], Assignment], value: Any
) -> None:
    name = type(value.tolist() if isinstance(value, np.generic) else value).__name__
    for nested in (value, [value], {"a": value}):
        with pytest.raises(InvalidValue) as caught:
            assigned(nested)
        assert name in caught.value.message
        assert "inf" not in str(caught.value.hint)


def test_list_of_scalars_has_a_file_for_an_array(assigned: Callable[[Any], Assignment]) -> None:
    """The type of the parameter is known only later."""
    assignment = assigned([0.5, None, "x"])
    assert assignment.value == [0.5, None, "x"]
    assert assignment.file is not None
    assert assignment.file.read_text() == "value\n0.5\nNone\n'x'\n"


def test_dict_with_integer_keys_is_a_table(assigned: Callable[[Any], Assignment]) -> None:
    """JSON would turn the keys into strings."""
    assignment = assigned({2020: 1.5, 2030: None})
    assert assignment.file is not None
    assert assignment.file.read_text() == "variable,value\n2020,1.5\n2030,None\n"


def test_dict_with_mixed_keys_is_rejected(assigned: Callable[[Any], Assignment]) -> None:
    with pytest.raises(UsageError):
        assigned({"a": 1, 2020: 2})


def test_path_is_a_file(assigned: Callable[[Any], Assignment], tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a\n1\n")
    assert assigned(file).file == file
    with pytest.raises(UsageError):
        assigned(tmp_path / "missing.csv")


def test_dict_of_tables_has_its_keys_in_a_column(assigned: Callable[[Any], Assignment]) -> None:
    assignment = assigned({"b": pd.DataFrame({"q": [1]}), "a": pd.DataFrame({"q": [2.5]})})
    assert assignment.file is not None
    assert assignment.file.read_text() == "variable,q\n'b',1.0\n'a',2.5\n"


def test_named_index_is_a_column(new_file: Callable[[], Path]) -> None:
    table = pd.DataFrame({"q": [1, 2]}, index=pd.Index([2020, 2021], name="years"))
    file, notes = written(table, new_file(), "the table")
    assert (file.read_text(), notes) == ("years,q\n2020,1\n2021,2\n", ())


def test_dates_are_noted_as_texts(new_file: Callable[[], Path]) -> None:
    file, notes = written(pd.DataFrame({"day": pd.to_datetime(["2026-01-30"])}), new_file(), "the table")
    assert file.read_text() == "day\n'2026-01-30 00:00:00'\n"
    assert len(notes) == 1


def test_columns_with_several_levels_are_rejected(new_file: Callable[[], Path]) -> None:
    table = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(UsageError):
        written(table, new_file(), "the table")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (0.1, "0.1"),
        (True, "True"),
        ("1", "'1'"),
        (math.inf, "(1e309)"),
        (-math.inf, "(-1e309)"),
        (math.nan, "None"),
        (pd.NaT, "None"),
        (np.float32(0.5), "0.5"),
        (Decimal("0.1"), "0.1"),
        pytest.param(10**400, str(10**400), id="large"),
        ([1, "a"], "[1, 'a']"),
        (np.array([1.0, 2.0]), "[1.0 2.0]"),
    ],
)
def test_cell_is_a_literal_with_the_type_of_its_value(value: Any, text: str) -> None:
    assert typed_cell(value, "the table") == text


@pytest.mark.parametrize("array", [np.array([1.0]), np.array([[1.0, 2.0]]), np.array(["a", "b"])])
def test_array_in_a_cell_has_one_dimension_and_two_numbers(array: Any) -> None:
    with pytest.raises(UsageError):
        typed_cell(array, "the table")


@pytest.mark.parametrize("value", [None, math.nan, pd.NA, pd.NaT])
def test_missing_value_of_a_case_is_left_out(value: Any) -> None:
    assert is_missing(value)
    assert given({"a": value, "b": 0}) == {"b": 0}


@pytest.mark.parametrize("value", [0, pytest.param(10**400, id="large"), "", "nan", [], [None], False])
def test_empty_value_is_not_missing(value: Any) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize("values", [[("a", 1)], "a=1", 1])
def test_values_must_be_a_dict(values: Any, new_file: Callable[[], Path]) -> None:
    with pytest.raises(UsageError):
        assignments(values, new_file)


def test_key_must_be_a_string(new_file: Callable[[], Path]) -> None:
    with pytest.raises(UsageError):
        assignments({1: 2}, new_file)  # type: ignore[dict-item]


def test_dict_with_another_key_than_a_string_is_rejected_at_any_depth() -> None:
    with pytest.raises(UsageError):
        plain_value({"a": {1: 2}}, "a")


@pytest.mark.parametrize(("jobs", "is_valid"), [(0, False), (1, True), (8, True), (9, False)])
def test_jobs_are_1_to_8(jobs: int, *, is_valid: bool) -> None:
    if is_valid:
        assert at_once(jobs) == jobs
    else:
        with pytest.raises(UsageError):
            at_once(jobs)
