"""Test the numbers of a chart as one table."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.postproc import points
from sostrades_cli.operations.postproc.points import PointTable, chosen, numbers_of
from sostrades_cli.plotly_figures.figure import Figure, Series


def series(*traces: dict[str, Any]) -> list[Series]:
    """Return the series of traces."""
    return Figure.from_api(list(traces), {}).series()


def line(name: str, x: list[Any], y: list[Any]) -> dict[str, Any]:
    """Return a line."""
    return {"name": name, "x": x, "y": y}


def table(name: str = "", **columns: list[Any]) -> dict[str, Any]:
    """Return a table."""
    cells = {"values": list(columns.values())}
    return {"type": "table", "name": name, "header": {"values": list(columns)}, "cells": cells}


# The table -----------------------------------------------------------------------------------------


def test_series_are_stacked() -> None:
    result = numbers_of(series(line("a", [1, 2], [3, 4]), line("b", [5, 6], [7])))
    assert result == PointTable(("series", "x", "y"), [("a", 1, 3), ("a", 2, 4), ("b", 5, 7), ("b", 6, None)])


def test_series_with_different_columns_share_a_table() -> None:
    pie = {"type": "pie", "name": "p", "values": [9]}
    heat = {"type": "heatmap", "name": "h", "z": [[5, 6]], "x": ["l", "r"], "y": [0]}
    result = numbers_of(series(pie, line("a", [1], [2]), heat))
    assert result.columns == ("series", "x", "y", "z")
    assert result.rows == [("p", 0, 9, None), ("a", 1, 2, None), ("h", "l", 0, 5), ("h", "r", 0, 6)]


def test_single_table_has_its_own_columns() -> None:
    result = numbers_of(series(table("t", years=[2020, 2021], note=["a", None])))
    assert result == PointTable(("years", "note"), [(2020, "a"), (2021, None)])


def test_several_tables_are_stacked() -> None:
    result = numbers_of(series(table("t", a=[1], b=[2]), table("u", b=[3], series=[4])))
    assert result == PointTable(("series", "a", "b", "series (2)"), [("t", 1, 2, None), ("u", None, 3, 4)])


def test_heatmap_has_one_row_per_cell() -> None:
    result = numbers_of(series({"type": "heatmap", "name": "h", "z": [[1, 2], [3, 4]]}))
    assert result.columns == ("series", "x", "y", "z")
    assert result.rows == [("h", 0, 0, 1), ("h", 1, 0, 2), ("h", 0, 1, 3), ("h", 1, 1, 4)]


@pytest.mark.parametrize("of", [[], series(line("a", [], []))])
def test_chart_without_points_has_columns_and_no_rows(of: list[Series]) -> None:
    assert numbers_of(of) == PointTable(("series", "x", "y"), [])


def test_special_numbers_are_strings() -> None:
    """JSON has no nan and no infinity."""
    values = [math.nan, math.inf, -math.inf, None, 1, 0.1, "text", True]
    exact = ["nan", "inf", "-inf", None, 1, 0.1, "text", True]
    item = Series("a", "line", {"x": list(range(8)), "y": values})
    assert [row[2] for row in numbers_of([item]).rows] == exact
    assert [row[1] for row in numbers_of([Series("", "table", {"x": list(range(8)), "y": values})]).rows] == exact
    assert repr(numbers_of([item]).rows[4:6]) == "[('a', 4, 1), ('a', 5, 0.1)]"


# Choosing series and points ------------------------------------------------------------------------


NAMED = series(line("output", [1], [1]), line("output [G$]", [1], [1]), line("twice", [1], [1]))


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        (None, ["output", "output [G$]", "twice"]),
        ("output", ["output", "output [G$]"]),
        ("output*", ["output", "output [G$]"]),
        ("*put", ["output"]),
        ("[G$]", ["output [G$]"]),
        ("*[G$]", ["output [G$]"]),
        ("t?ice", ["twice"]),
    ],
)
def test_series_are_selected_by_name(glob: str | None, names: list[str]) -> None:
    assert [item.name for item in chosen(NAMED, glob, None, None)] == names


@pytest.mark.parametrize("glob", ["nothing", "out?", "Outputs", "*tw"])
def test_unmatched_series_glob_is_exit_5(glob: str) -> None:
    with pytest.raises(NotFound, match=re.escape(glob)) as caught:
        chosen(NAMED, glob, None, None)
    assert str(caught.value.detail).endswith(": output, output [G$], twice")
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND


def test_chart_without_series_has_no_numbers() -> None:
    assert chosen([], None, None, None) == []


DATES = ["2024-12-31", "2025-01-01", "2025-06-30", "2026-01-01"]


@pytest.mark.parametrize(
    ("low", "high", "x", "expected"),
    [
        (None, None, [2020, None, "a"], [2020, None, "a"]),
        ("2025", None, [2020, 2025, 2030], [2025, 2030]),
        (None, "2025", [2020, 2025, 2030], [2020, 2025]),
        ("2021", "2029", [2020, 2025, 2030], [2025]),
        ("2025", "2025", [2020, 2025, 2030], [2025]),
        ("2030", "2020", [2020, 2025, 2030], []),
        ("-1.5", "1e1", [-2, -1.5, 9.99, 10, 100], [-1.5, 9.99, 10]),
        # As numbers 9 is less than 10, as texts it is not.
        ("9", "10", [8, 9, 10, 11], [9, 10]),
        ("9", "10", ["8", "9", "10", "11"], ["9", "10"]),
        ("2025-01-01", "2025-12-31", DATES, DATES[1:3]),
        ("2025", None, DATES, DATES[1:]),
        (None, "2025-01-01", DATES, DATES[:2]),
        ("2025-03", None, DATES, DATES[2:]),
        ("b", "c", ["a", "b", "bb", "c", "d"], ["b", "bb", "c"]),
    ],
)
def test_points_are_selected_by_x(low: str | None, high: str | None, x: list[Any], expected: list[Any]) -> None:
    """Both limits are included."""
    [result] = chosen(series(line("a", x, [f"at {item}" for item in x])), None, low, high)
    assert result.columns == {"x": expected, "y": [f"at {item}" for item in expected]}
    assert (result.name, result.kind) == ("a", "line")


@pytest.mark.parametrize(("low", "high"), [("2020", None), (None, "2030"), ("2020", "2030")])
@pytest.mark.parametrize("x", [None, math.nan])
def test_point_without_x_is_never_selected(low: str | None, high: str | None, x: Any) -> None:
    [result] = chosen([Series("a", "line", {"x": [x, 2025], "y": [1, 2]})], None, low, high)
    assert result.columns == {"x": [2025], "y": [2]}


def test_points_of_a_heatmap_are_selected_by_x() -> None:
    heat = series({"type": "heatmap", "name": "h", "z": [[1, 2], [3, 4]], "x": [10, 20], "y": [0, 1]})
    [result] = chosen(heat, None, "15", None)
    assert result.columns == {"x": [20, 20], "y": [0, 1], "z": [2, 4]}


def test_limits_need_an_x_axis() -> None:
    tables = series(table(years=[2020]))
    assert chosen(tables, None, None, None) == tables
    with pytest.raises(UsageError, match="table") as caught:
        chosen(tables, None, "2020", None)
    assert "--from" in str(caught.value.hint)
    assert exit_code_of(caught.value) is ExitCode.USAGE


@pytest.mark.parametrize(
    ("x", "y", "horizontal", "drawable"),
    [
        ([1], [2], False, True),
        (["a"], [2.5], False, True),
        ([1], ["a"], False, False),
        ([1, 2], [None, math.nan], False, False),
        ([1], [math.inf], False, False),
        ([1, 2], [None, 0], False, True),
        ([], [], False, False),
        (["a"], [1], True, False),
        ([1], ["a"], True, True),
    ],
)
def test_series_without_finite_numbers_is_not_drawable(
    x: list[Any], y: list[Any], *, horizontal: bool, drawable: bool
) -> None:
    """At least one value must be a finite number. Horizontal bars have their values on x."""
    item = Series("a", "bar", {"x": x, "y": y}, horizontal=horizontal)
    assert points.drawable(item) is drawable


@pytest.mark.parametrize(
    ("x", "low", "high", "expected"),
    [
        (["January", "February", "March", "April"], "February", None, ["February", "March", "April"]),
        (["January", "February", "March", "April"], "March", "April", ["March", "April"]),
        (["2026-01-30", "2026-02-01", "2026-03-01"], "2026-02", None, ["2026-02-01", "2026-03-01"]),
        (["2026-01-30", "2026-02-01", "2026-03-01"], None, "2026-02-01", ["2026-01-30", "2026-02-01"]),
        (["2026-01-30T10:00", "2026-01-30T12:00"], None, "2026-01-30T11:00", ["2026-01-30T10:00"]),
        ([1.0, math.inf], "0", "9", [1.0]),
        ([1.0, math.inf], "0", None, [1.0, math.inf]),
    ],
)
def test_limits_are_positions_on_the_axis(x: list[Any], low: str | None, high: str | None, expected: list[Any]) -> None:
    """Names are in the order of the chart, and a year or month ends with its last day."""
    [result] = chosen([Series("a", "line", {"x": x, "y": list(range(len(x)))})], None, low, high)
    assert result.columns["x"] == expected


@pytest.mark.parametrize(
    ("x", "end"),
    [([2020, 2021], "2025x"), ([2020], "abc"), (["2026-01-30"], "2026-13-45"), (["2026-01-30"], "soon"), (["a"], "b")],
)
def test_invalid_limit_is_rejected(x: list[Any], end: str) -> None:
    for ends in ((end, None), (None, end)):
        with pytest.raises(UsageError, match=re.escape(end)) as caught:
            chosen([Series("a", "line", {"x": x, "y": x})], None, *ends)
        assert caught.value.hint
