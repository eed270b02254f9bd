"""Comparing charts: series by series, point by point."""

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
quickly = settings(deadline=None, derandomize=True, max_examples=80)
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
    """Return the charts of a study; a trace stands for a chart with it, a list for a line."""
    made = [
        chart(line(one)) if isinstance(one, list) else chart(one) if isinstance(one, dict) else one for one in charts
    ]
    numbered = [NumberedChart(number, one, "page") for number, one in enumerate(made, 1)]
    return GatheredCharts("h", study, "dice", "FINISHED", "current", None, datetime(2026, 1, 2, tzinfo=UTC), numbered)


def compared(
    a: Sequence[Given], b: Sequence[Given], tolerance: Tolerance = EXACT, match: str | None = None
) -> ChartDiff:
    """Compare the charts of two studies."""
    sides = gathered(*a), gathered(*b, study=28)
    return diff.chart_diff(*sides, diff.pairs(*sides, match), tolerance)


def differing(a: Given, b: Given, tolerance: Tolerance = EXACT) -> list[tuple[Any, ...]]:
    """Return series, points, differing, largest, at and change of the differences; both directions have as many."""
    found = compared([a], [b], tolerance).differences
    assert len(compared([b], [a], tolerance).differences) == len(found)
    return [astuple(one)[2:] for one in found]


def points(a: Given, b: Given) -> list[tuple[Any, ...]]:
    """Return place, both sides and difference of every point."""
    return [astuple(point)[3:] for point in compared([a], [b]).points()]


def told(values: Sequence[Any]) -> Chart:
    """Return a line as the server writes it: null for what is no number, which only the csv tells."""
    finite = [one if one is None or math.isfinite(one) else None for one in values]
    return chart(line(finite), csv=["s x,s y", *(f"{at},{one}" for at, one in enumerate(values))])


# Points --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [1, 1.5, -0.0, "a", "", None, True, NAN, INF, -INF, 10**400, [1], "nan"])
def test_the_same_does_not_differ(one: Any) -> None:
    """Whatever stands on both sides is the same: nan is nan, infinite is infinite, no value is no value."""
    assert differing([1.0, one], [1.0, one]) == []
    assert points([one], [one])[0][0] == "0"


@pytest.mark.parametrize("values", [[1.0, NAN], [INF, -INF, NAN], [None, NAN, None]])
def test_what_only_the_csv_tells_is_the_same(values: list[Any]) -> None:
    """Nan and infinite numbers of two answers are the same."""
    assert differing(told(values), told(values)) == []


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
def test_what_differs_is_told_with_by_how_much(a: Any, b: Any, largest: float | None) -> None:
    """A point that differs is a row; by how much is told where both sides are finite numbers."""
    [(_, count, several, by, at, change)] = differing([5.0, a], [5.0, b])
    assert (count, several, at, change) == (2, 1, "1", "changed")
    assert by == largest


@pytest.mark.parametrize(("a", "b"), [(1, 1.0), ("1", 1), (0.0, -0.0), ("a", "a")])
def test_the_same_number_written_otherwise_is_the_same(a: Any, b: Any) -> None:
    """A number is what it is worth, not how it is written."""
    assert differing([a], [b]) == []


def test_the_largest_difference_is_told_with_its_place() -> None:
    """Of several points that differ the largest difference is told, whichever its sign, and where it is."""
    assert differing(line([1, 5, 9], "pqr"), line([2, 1, 9], "pqr")) == [("s", 3, 2, -4.0, "q", "changed")]


@pytest.mark.parametrize(
    ("rtol", "atol", "several"),
    [(0, 0, 3), (0.01, 0, 1), (0, 0.02, 1), (0, 1.0, 0), (0.01, 0.02, 0), (1e-9, 1e-9, 3)],
)
def test_close_numbers_can_be_the_same(rtol: float, atol: float, several: int) -> None:
    """--rtol is a part of the larger side, --atol an amount; either is enough."""
    found = differing([100.0, 0.0, 1.0], [100.9, 0.01, 1.001], Tolerance(rtol, atol))
    assert sum(row[2] for row in found) == several


def test_points_are_paired_by_x() -> None:
    """Points are paired by what they stand over, not by their order; the order itself is no difference."""
    assert differing(line([1, 2], ["p", "q"]), line([2, 1], ["q", "p"])) == []
    assert points(line([1], [2020]), line([1, 2], [2020, 2021])) == [("2020", 1, 1, 0.0), ("2021", None, 2, None)]
    assert differing(line([1], [2020]), line([1, 2], [2020, 2021])) == [("s", 2, 1, None, "2021", "changed")]


def test_whole_numbers_and_floats_are_the_same_place() -> None:
    """2020 and 2020.0 are the same year: typed arrays of a page are floats where the JSON has whole numbers."""
    assert differing(line([1], [2020]), line([1], [2020.0])) == []


@pytest.mark.parametrize("x", [["p", "p", "q"], ["p", "p", "p (2)"], ["p", "p (2)", "p"], [None, None, 1]])
def test_places_that_come_again_are_all_compared(x: list[Any]) -> None:
    """Several points over the same x are told apart by which they are; none is lost."""
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
def test_every_kind_is_compared(name: str) -> None:
    """Each kind is compared by what it measures, along what it stands over."""
    a, b, wanted = KINDS[name]
    assert differing(a, b) == wanted
    assert differing(a, a) == differing(b, b) == []


# Series and charts ---------------------------------------------------------------------------------


def test_a_series_of_one_side_only_is_told_with_the_side() -> None:
    """A series that only one chart has is a row of all its points."""
    both, one = chart(line([1], name="p"), line([2, 3], name="q")), chart(line([1], name="p"))
    assert differing(both, one) == [("q", 2, 2, None, "0", "only in A")]
    assert differing(one, both) == [("q", 2, 2, None, "0", "only in B")]


def test_series_of_the_same_name_are_told_apart() -> None:
    """Of several series with one name each is compared with that of the same place."""
    a, b = (chart(line([1]), line([2]), line([value])) for value in (3, 4))
    assert differing(a, b) == [("s (3)", 1, 1, 1.0, "0", "changed")]


def test_charts_of_the_same_title_are_told_apart() -> None:
    """Of several charts with one title each is compared with that of the same place, in any discipline its own."""
    other = chart(line([9]), discipline="E")
    found = compared([[1], other, [2]], [[1], [3], other]).differences
    assert [(one.discipline, one.chart, one.largest) for one in found] == [("D", "t", 1.0)]


@pytest.mark.parametrize("lone", [line([]), line([1]), {"type": "pie"}, chart(title="no trace at all")])
def test_a_chart_of_one_side_only_differs(lone: Given) -> None:
    """A chart that only one study has is a difference, also where it has no points."""
    one = lone if isinstance(lone, Chart) else chart(lone, title="lone")
    for sides in (([[1], one], [[1]]), ([[1]], [[1], one])):
        assert compared(*sides).summary == "1 of 2 charts differs"


def test_summary_counts_charts() -> None:
    """However many series differ, the summary counts charts."""
    a, b = (chart(line([n], name="p"), line([n], name="q")) for n in (1, 2))
    found = compared([a], [b])
    assert (found.summary, found.differing, len(found.differences)) == ("1 of 1 chart differs", 1, 2)
    assert compared([a], [a]).summary == "0 of 1 chart differ"


def test_only_charts_that_fit_are_compared() -> None:
    """--match chooses by title on both sides; where none fits that is an error, and so it is where there is none."""
    other = chart(line([1]), title="Output")
    assert compared([other, [1]], [other, [2]], match="Out*").differences == []
    for sides in (([other], [other]), ([], [])):
        with pytest.raises(NotFound):
            compared(*sides, match="nothing*")


@quickly
@given(st.lists(st.lists(values, max_size=3), max_size=3), st.lists(values, max_size=3))
def test_anything_is_the_same_as_itself(lines: list[list[Any]], x: list[Any]) -> None:
    """Whatever charts hold, they do not differ from themselves, and all their points are told."""
    found = [
        chart(*(line(y, x[: len(y)] or None) for y in lines)),
        *lines,
        table(**{f"c{at}": y for at, y in enumerate(lines)}),
    ]
    assert compared(found, found).differences == []
    assert all(point.difference in (None, 0.0) for point in compared(found, found).points())
