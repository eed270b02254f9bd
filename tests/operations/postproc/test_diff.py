"""Test the comparison of charts, series by series and point by point."""

from __future__ import annotations

import math
from dataclasses import astuple
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import NotFound
from sostrades_cli.operations.postproc import diff
from sostrades_cli.operations.postproc.gather import GatheredCharts
from sostrades_cli.operations.postproc.merge import NumberedChart
from sostrades_cli.operations.tables.equality import EXACT, Tolerance
from sostrades_cli.plotly_figures.chart import Chart
from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.postproc.diff import ChartDiff

Given = Chart | dict[str, Any] | list[Any]
NAN, INF = math.nan, math.inf
quickly = settings(deadline=None, derandomize=True, max_examples=20)
values = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=2)


def chart(*traces: dict[str, Any], title: str = "t", discipline: str = "D", csv: Sequence[str] = ()) -> Chart:
    """Return a chart."""
    return Chart(discipline, Figure(list(traces), {"title": {"text": title}}), "", is_key=False, csv=tuple(csv))


def line(y: Sequence[Any], x: Sequence[Any] | None = None, name: str = "s", **fields: Any) -> dict[str, Any]:
    """Return a trace."""
    return {"type": "scatter", "name": name, "x": list(x or range(len(y))), "y": list(y), **fields}


def table(**columns: list[Any]) -> dict[str, Any]:
    """Return a table."""
    return {"type": "table", "header": {"values": list(columns)}, "cells": {"values": list(columns.values())}}


def gathered(*charts: Given, study: int = 21) -> GatheredCharts:
    """Return the charts of a study. A trace stands for a chart with it, a list for a line."""
    made = [
        chart(line(item)) if isinstance(item, list) else chart(item) if isinstance(item, dict) else item
        for item in charts
    ]
    numbered = [NumberedChart(number, item, "page") for number, item in enumerate(made, 1)]
    return GatheredCharts("h", study, "dice", "FINISHED", "current", None, datetime(2026, 1, 2, tzinfo=UTC), numbered)


def compared(
    a: Sequence[Given], b: Sequence[Given], tolerance: Tolerance = EXACT, match: str | None = None
) -> ChartDiff:
    """Compare the charts of two studies."""
    sides = gathered(*a), gathered(*b, study=28)
    return diff.chart_diff(*sides, diff.pairs(*sides, match), tolerance)


def differing(a: Given, b: Given, tolerance: Tolerance = EXACT) -> list[tuple[Any, ...]]:
    """Return series, points, differing, largest, at and change of the differences, in both directions."""
    result = compared([a], [b], tolerance).differences
    assert len(compared([b], [a], tolerance).differences) == len(result)
    return [astuple(item)[2:] for item in result]


def points(a: Given, b: Given) -> list[tuple[Any, ...]]:
    """Return place, both sides and difference of every point."""
    return [astuple(point)[3:] for point in compared([a], [b]).points()]


def server_line(values: Sequence[Any]) -> Chart:
    """Return a line as the server writes it, with null for nan and infinity, which only the CSV has."""
    finite = [value if value is None or math.isfinite(value) else None for value in values]
    return chart(line(finite), csv=["s x,s y", *(f"{at},{value}" for at, value in enumerate(values))])


# Points --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, 1.5, -0.0, "a", "", None, True, NAN, INF, -INF, 10**400, [1], "nan"])
def test_equal_values_do_not_differ(value: Any) -> None:
    """No value equals no value, and nan equals nan."""
    assert differing([1.0, value], [1.0, value]) == []
    assert points([value], [value])[0][0] == "0"


@pytest.mark.parametrize("values", [[1.0, NAN], [INF, -INF, NAN], [None, NAN, None]])
def test_special_numbers_from_the_csv_are_equal(values: list[Any]) -> None:
    assert differing(server_line(values), server_line(values)) == []


@pytest.mark.parametrize(
    ("a", "b", "largest"),
    [
        (1, 2, 1.0),
        (1.0, 0.5, -0.5),
        (NAN, 1.0, None),
        (NAN, None, None),
        (INF, -INF, None),
        (None, 0, None),
        ("a", "b", None),
        (True, 1, None),
        (0, False, None),
        ([1], [2], None),
        (10**400, 10**400 + 1, 1.0),
        (2**53, 2**53 + 1, 1.0),
    ],
)
def test_differing_points_are_reported_with_the_difference(a: Any, b: Any, largest: float | None) -> None:
    [(_, count, several, by, at, change)] = differing([5.0, a], [5.0, b])
    assert (count, several, at, change) == (2, 1, "1", "changed")
    assert by == largest


@pytest.mark.parametrize(("a", "b"), [(1, 1.0), ("1", 1), (0.0, -0.0), ("a", "a")])
def test_spelling_of_a_number_does_not_matter(a: Any, b: Any) -> None:
    assert differing([a], [b]) == []


def test_largest_difference_is_reported_with_its_place() -> None:
    assert differing(line([1, 5, 9], "pqr"), line([2, 1, 9], "pqr")) == [("s", 3, 2, -4.0, "q", "changed")]


@pytest.mark.parametrize(
    ("rtol", "atol", "several"),
    [(0, 0, 3), (0.01, 0, 1), (0, 0.02, 1), (0, 1.0, 0), (0.01, 0.02, 0), (1e-9, 1e-9, 3)],
)
def test_tolerances_make_close_numbers_equal(rtol: float, atol: float, several: int) -> None:
    result = differing([100.0, 0.0, 1.0], [100.9, 0.01, 1.001], Tolerance(rtol, atol))
    assert sum(row[2] for row in result) == several


def test_points_are_paired_by_x() -> None:
    assert differing(line([1, 2], ["p", "q"]), line([2, 1], ["q", "p"])) == []
    assert points(line([1], [2020]), line([1, 2], [2020, 2021])) == [("2020", 1, 1, 0.0), ("2021", None, 2, None)]
    assert differing(line([1], [2020]), line([1, 2], [2020, 2021])) == [("s", 2, 1, None, "2021", "changed")]


def test_integers_and_floats_are_the_same_place() -> None:
    """Typed arrays of a page contain floats."""
    assert differing(line([1], [2020]), line([1], [2020.0])) == []


@pytest.mark.parametrize("x", [["p", "p", "q"], ["p", "p", "p (2)"], ["p", "p (2)", "p"], [None, None, 1]])
def test_repeated_places_are_all_compared(x: list[Any]) -> None:
    assert len(points(line([1, 2, 3], x), line([1, 2, 3], x))) == 3
    for at in range(3):
        [(_, count, several, by, _, _)] = differing(line([1, 2, 3], x), line([1 + (at == n) + n for n in range(3)], x))
        assert (count, several, by) == (3, 1, 1.0)


# Kinds ---------------------------------------------------------------------------------------------

KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = {
    "lying bars": (
        line(["p", "q"], [1, 2], type="bar", orientation="h"),
        line(["p", "q"], [1, 5], type="bar", orientation="h"),
        [("s", 2, 1, 3.0, "q", "changed")],
    ),
    "pie": (
        {"type": "pie", "labels": ["p", "q"], "values": [1, 2]},
        {"type": "pie", "labels": ["q", "p"], "values": [2, 4]},
        [("", 2, 1, 3.0, "p", "changed")],
    ),
    "table": (
        table(y=["p", "q"], n=[1, 2], k=["u", "v"]),
        table(y=["p", "q"], n=[1, 4], k=["u", "w"]),
        [("n", 2, 1, 2.0, "q", "changed"), ("k", 2, 1, None, "q", "changed")],
    ),
    "table with another row": (
        table(y=["p"], n=[1]),
        table(y=["p", "q"], n=[1, 4]),
        [("n", 2, 1, None, "q", "changed")],
    ),
    "table with another column": (
        table(y=["p"], n=[1], k=[2]),
        table(y=["p"], n=[1]),
        [("k", 1, 1, None, "p", "only in A")],
    ),
    "table of one column": (table(n=[1, 2]), table(n=[1, 3]), [("n", 2, 1, 1.0, "2", "changed")]),
    "heatmap": (
        {"type": "heatmap", "name": "h", "x": ["p", "q"], "y": [1, 2], "z": [[1, 2], [3, None]]},
        {"type": "heatmap", "name": "h", "x": ["p", "q"], "y": [1, 2], "z": [[1, 2], [3.5, None]]},
        [("h", 4, 1, 0.5, "p / 2", "changed")],
    ),
    "gauge": (
        {"type": "indicator", "value": 1},
        {"type": "indicator", "value": 2.5},
        [("", 1, 1, 1.5, "0", "changed")],
    ),
    "without x": ({"y": [1, 2]}, {"y": [1, 4]}, [("", 2, 1, 2.0, "1", "changed")]),
    "another kind": (line([1]), line([1], type="bar"), []),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_chart_is_compared(name: str) -> None:
    a, b, expected = KINDS[name]
    assert differing(a, b) == expected
    assert differing(a, a) == differing(b, b) == []


# Series and charts ---------------------------------------------------------------------------------


def test_series_on_one_side_only_is_reported() -> None:
    both, item = chart(line([1], name="p"), line([2, 3], name="q")), chart(line([1], name="p"))
    assert differing(both, item) == [("q", 2, 2, None, "0", "only in A")]
    assert differing(item, both) == [("q", 2, 2, None, "0", "only in B")]


def test_series_with_equal_names_are_paired_by_position() -> None:
    a, b = (chart(line([1]), line([2]), line([value])) for value in (3, 4))
    assert differing(a, b) == [("s (3)", 1, 1, 1.0, "0", "changed")]


def test_charts_with_equal_titles_are_paired_by_position() -> None:
    other = chart(line([9]), discipline="E")
    result = compared([[1], other, [2]], [[1], [3], other]).differences
    assert [(item.discipline, item.chart, item.largest) for item in result] == [("D", "t", 1.0)]


@pytest.mark.parametrize("lone", [line([]), line([1]), {"type": "pie"}, chart(title="no trace at all")])
def test_chart_on_one_side_only_differs(lone: Given) -> None:
    """Even without points."""
    item = lone if isinstance(lone, Chart) else chart(lone, title="lone")
    for sides in (([[1], item], [[1]]), ([[1]], [[1], item])):
        assert compared(*sides).summary == "1 of 2 charts differs"


def test_summary_counts_charts() -> None:
    """However many series differ, the summary counts charts."""
    a, b = (chart(line([n], name="p"), line([n], name="q")) for n in (1, 2))
    result = compared([a], [b])
    assert (result.summary, result.differing, len(result.differences)) == ("1 of 1 chart differs", 1, 2)
    assert compared([a], [a]).summary == "0 of 1 chart differ"


def test_only_matching_charts_are_compared() -> None:
    other = chart(line([1]), title="Output")
    assert compared([other, [1]], [other, [2]], match="Out*").differences == []
    for sides in (([other], [other]), ([], [])):
        with pytest.raises(NotFound):
            compared(*sides, match="nothing*")


@quickly
@given(st.lists(st.lists(values, max_size=3), max_size=3), st.lists(values, max_size=3))
def test_any_chart_equals_itself(lines: list[list[Any]], x: list[Any]) -> None:
    result = [
        chart(*(line(y, x[: len(y)] or None) for y in lines)),
        *lines,
        table(**{f"c{at}": y for at, y in enumerate(lines)}),
    ]
    assert compared(result, result).differences == []
    assert all(point.difference in (None, 0.0) for point in compared(result, result).points())
