"""Columns, statistics and indices, with values at their limits."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from SALib.sample import sobol

from sostrades_cli.operations.calc.analyze.columns import MOST_ENTRIES, input_columns, output_columns
from sostrades_cli.operations.calc.analyze.design_record import DesignRecord
from sostrades_cli.operations.calc.analyze.indices import compute_indices, rounded
from sostrades_cli.operations.calc.analyze.summary import summarize
from sostrades_cli.operations.calc.design.samplers import unit_points
from sostrades_cli.operations.calc.sweep.results import SweepReport, SweptCase

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def report(values: Sequence[Any]) -> SweepReport:
    """Return a sweep of one input and one output, both with these values."""
    cases = [SweptCase(str(number), [value], "FINISHED", None, [value]) for number, value in enumerate(values)]
    return SweepReport(("x",), ["y"], cases, [])


# Columns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([1.0, None], [1.0, None]),
        ([1.0, math.nan, math.inf, -math.inf], [1.0, None, None, None]),
        ([1.0, 10**400], [1.0, None]),
    ],
)
def test_output_of_numbers_is_a_column(values: list[Any], numbers: list[Any]) -> None:
    [column], left_out = output_columns(report(values), "results.d")
    assert (column.numbers, left_out) == (numbers, [])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["results.d/1/y.csv", "results.d/2/y.csv"], "a table"),
        (["results.d/1/y.csv", "other"], "a text"),
        ([1.0, "1.0"], "a text"),
        ([True, False], "true or false"),
        ([[1.0], [2.0]], "a list or an array"),
        ([1.0, {"a": 1.0}], "a dict"),
        ([None, None], "no case has a number"),
        ([math.nan, None], "no case has a number"),
        ([{str(number): 1.0 for number in range(MOST_ENTRIES + 1)}], f"a dict with more than {MOST_ENTRIES} entries"),
    ],
)
def test_other_output_is_left_out(values: list[Any], reason: str) -> None:
    columns, [left] = output_columns(report(values), "results.d")
    assert (columns, left.reason) == ([], reason)


def test_entries_of_a_dict_are_outputs() -> None:
    values = [{"a": 1.0, "b": {"c": 2}}, {"a": 3.0, "d": "text"}, None]
    columns, left_out = output_columns(report(values), "results.d")
    assert {column.name: column.numbers for column in columns} == {"y.a": [1.0, 3.0, None], "y.b.c": [2.0, None, None]}
    assert [left.name for left in left_out] == ["y.d"]


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([True, False], ["true", "false"]),
        ([1.0, None], ["1.0", ""]),
        ([1.0, math.inf], ["1.0", "Infinity"]),
        (["rainy", "[1, 2]"], ["rainy", "[1, 2]"]),
        ([[1, 2], {"a": 1}], ["[1, 2]", '{"a": 1}']),
    ],
)
def test_input_of_other_values_is_a_text(values: list[Any], cells: list[Any]) -> None:
    [column] = input_columns(report(values))
    assert (column.cells, column.is_number) == (cells, isinstance(cells[0], float))


# Statistics -----------------------------------------------------------------------------------------


def test_statistics_equal_known_values() -> None:
    summary = summarize([1.0, 2.0, None, 3.0, 4.0])
    assert (summary.count, summary.missing, summary.mean, summary.median) == (4, 1, 2.5, 2.5)
    assert (summary.min, summary.max) == (1.0, 4.0)
    assert summary.std == pytest.approx(math.sqrt(5 / 3))
    assert (summary.p05, summary.p95) == (pytest.approx(1.15), pytest.approx(3.85))


@given(st.lists(FLOATS, min_size=1, max_size=20))
@example([1.7976931348623157e308, -1e308])
def test_statistics_of_any_numbers_are_finite(numbers: list[float]) -> None:
    """Sums of huge numbers would overflow."""
    summary = summarize(numbers)
    json.dumps(asdict(summary), allow_nan=False)
    assert summary.min == pytest.approx(min(numbers))
    assert summary.max == pytest.approx(max(numbers))
    assert (summary.std is not None) or len(numbers) == 1 or max(numbers) - min(numbers) == math.inf


@pytest.mark.parametrize(
    ("numbers", "is_constant"), [([0.0, 0.0], True), ([0.1 + 0.2, 0.3], True), ([1e-300, 2e-300], False), ([5.0], True)]
)
def test_rounding_errors_do_not_count_as_variation(numbers: list[float], is_constant: bool) -> None:
    assert summarize(numbers).is_constant is is_constant


# Indices --------------------------------------------------------------------------------------------


def saltelli(n: int = 8) -> tuple[DesignRecord, list[list[float]]]:
    """Return a design of three inputs, and its points."""
    record = DesignRecord("saltelli", n, 1, ("a", "b", "c"), {"calc_second_order": True})
    return record, unit_points("saltelli", n, 3, 1)


def morris(n: int = 4) -> tuple[DesignRecord, list[list[float]]]:
    """Return a design of three inputs, and its points."""
    points = unit_points("morris", n, 3, 1)
    return DesignRecord("morris", n, 1, ("a", "b", "c"), {"num_levels": 4}, points), points


def linear(points: list[list[float]], scale: float = 1.0) -> list[float | None]:
    """Return a weighted sum of the inputs, without the last one."""
    return [scale * (3 * a + b) for a, b, _ in points]


def test_indices_of_a_sum_are_the_analytic_ones() -> None:
    """The effects of a sum are its weights."""
    record, points = morris()
    result = compute_indices(record, linear(points), is_constant=False)
    assert [item.name for item in result.inputs] == ["a", "b", "c"]
    assert [item.values["mu_star"] for item in result.inputs] == pytest.approx([3.0, 1.0, 0.0])
    assert [item.values["sigma"] for item in result.inputs] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_scale_of_the_output_does_not_matter(scale: float) -> None:
    record, points = saltelli()
    plain, scaled = (compute_indices(record, linear(points, factor), is_constant=False) for factor in (1.0, scale))
    for item, other in zip(plain.inputs, scaled.inputs, strict=True):
        assert item.name == other.name
        assert dict(item.values) == pytest.approx(dict(other.values), abs=1e-9)
    record, points = morris()
    effects = compute_indices(record, linear(points, scale), is_constant=False)
    assert effects.inputs[0].values["mu_star"] == pytest.approx(3 * scale)


@pytest.mark.parametrize(("design", "block"), [(saltelli, 8), (morris, 4)])
def test_sample_with_a_missing_case_is_left_out(design: Any, block: int) -> None:
    """The indices are those of the other samples."""
    record, points = design()
    numbers = linear(points)
    numbers[block + 2] = None
    result = compute_indices(record, numbers, is_constant=False)
    assert (result.left_out, result.samples, result.reason) == (1, len(points) // block - 1, None)
    rest = DesignRecord(
        record.method, None, 1, record.columns, record.arguments, [*record.points[:block], *record.points[2 * block :]]
    )
    alone = compute_indices(rest, [*numbers[:block], *numbers[2 * block :]], is_constant=False)
    assert result.inputs == alone.inputs


@pytest.mark.parametrize("design", [saltelli, morris])
def test_few_whole_samples_give_no_indices(design: Any) -> None:
    record, points = design(4)
    block = len(points) // 4
    numbers = linear(points)
    for sample in range(3):
        numbers[sample * block] = None
    result = compute_indices(record, numbers, is_constant=False)
    assert (result.samples, result.left_out, result.inputs) == (1, 3, [])
    assert result.reason is not None


@pytest.mark.parametrize("design", [saltelli, morris])
def test_constant_output_has_no_indices(design: Any) -> None:
    record, points = design()
    result = compute_indices(record, [5.0] * len(points), is_constant=True)
    assert (result.inputs, result.pairs) == ([], [])
    assert result.reason is not None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(FLOATS, st.integers(0, 1).map(float), st.none()), min_size=16, max_size=16))
def test_indices_are_numbers_or_none(numbers: list[float | None]) -> None:
    """No warning, no error, and no nan."""
    for record in (
        DesignRecord("saltelli", 2, 1, ("a", "b", "c"), {"calc_second_order": True}),
        DesignRecord("morris", 4, 1, ("a", "b", "c"), {"num_levels": 4}, unit_points("morris", 4, 3, 1)),
    ):
        result = compute_indices(record, numbers, is_constant=False)
        json.dumps([dict(item.values) for item in result.inputs], allow_nan=False)
        json.dumps([(pair.s2, pair.s2_conf) for pair in result.pairs], allow_nan=False)


def test_block_is_that_of_the_sampler() -> None:
    record, points = saltelli(4)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    first_order = DesignRecord("saltelli", 4, 1, record.columns, {"calc_second_order": False})
    assert len(points) == 4 * record.block
    assert len(sobol.sample(problem, 4, calc_second_order=False)) == 4 * first_order.block
    assert len(morris(4)[1]) == 4 * morris(4)[0].block


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (0.12345, "sobol", "0.123"),
        (-1e-17, "sobol", "0.000"),
        (None, "sobol", "undefined"),
        (12345.678, "morris", "1.23e+04"),
    ],
)
def test_index_is_rounded(number: float | None, kind: str, text: str) -> None:
    assert rounded(number, kind) == text
