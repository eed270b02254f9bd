"""The numbers of a chart as one table."""

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
    """Make a line."""
    return {"name": name, "x": x, "y": y}


def table(name: str = "", **columns: list[Any]) -> dict[str, Any]:
    """Make a table."""
    cells = {"values": list(columns.values())}
    return {"type": "table", "name": name, "header": {"values": list(columns)}, "cells": cells}


# The table -----------------------------------------------------------------------------------------


def test_several_series_stand_one_below_the_other() -> None:
    """Each point is a row with the name of its series; a column that ends early has nothing."""
    found = numbers_of(series(line("a", [1, 2], [3, 4]), line("b", [5, 6], [7])))
    assert found == PointTable(("series", "x", "y"), [("a", 1, 3), ("a", 2, 4), ("b", 5, 7), ("b", 6, None)])


def test_series_of_different_columns_share_a_table() -> None:
    """The columns are those of all series, and each value stands in its own, whatever their order."""
    pie = {"type": "pie", "name": "p", "values": [9]}
    heat = {"type": "heatmap", "name": "h", "z": [[5, 6]], "x": ["l", "r"], "y": [0]}
    found = numbers_of(series(pie, line("a", [1], [2]), heat))
    assert found.columns == ("series", "x", "y", "z")
    assert found.rows == [("p", 0, 9, None), ("a", 1, 2, None), ("h", "l", 0, 5), ("h", "r", 0, 6)]


def test_a_table_is_itself() -> None:
    """A single table has its own columns, and no name in front."""
    found = numbers_of(series(table("t", years=[2020, 2021], note=["a", None])))
    assert found == PointTable(("years", "note"), [(2020, "a"), (2021, None)])


def test_several_tables_stand_one_below_the_other() -> None:
    """Tables share the columns that they have in common, under the names of the tables."""
    found = numbers_of(series(table("t", a=[1], b=[2]), table("u", b=[3], series=[4])))
    assert found == PointTable(("series", "a", "b", "series (2)"), [("t", 1, 2, None), ("u", None, 3, 4)])


def test_a_heatmap_has_a_row_per_cell() -> None:
    """A field has x, y and z."""
    found = numbers_of(series({"type": "heatmap", "name": "h", "z": [[1, 2], [3, 4]]}))
    assert found.columns == ("series", "x", "y", "z")
    assert found.rows == [("h", 0, 0, 1), ("h", 1, 0, 2), ("h", 0, 1, 3), ("h", 1, 1, 4)]


@pytest.mark.parametrize("of", [[], series(line("a", [], []))])
def test_no_points_are_no_rows(of: list[Series]) -> None:
    """A chart without series or points has columns all the same, and no rows."""
    assert numbers_of(of) == PointTable(("series", "x", "y"), [])


def test_numbers_that_json_has_not_are_texts() -> None:
    """Nan and infinite numbers are texts, in series and tables; no value is nothing, and all else is exact."""
    values = [math.nan, math.inf, -math.inf, None, 1, 0.1, "text", True]
    exact = ["nan", "inf", "-inf", None, 1, 0.1, "text", True]
    one = Series("a", "line", {"x": list(range(8)), "y": values})
    assert [row[2] for row in numbers_of([one]).rows] == exact
    assert [row[1] for row in numbers_of([Series("", "table", {"x": list(range(8)), "y": values})]).rows] == exact
    assert repr(numbers_of([one]).rows[4:6]) == "[('a', 4, 1), ('a', 5, 0.1)]"


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
def test_series_are_chosen_by_name(glob: str | None, names: list[str]) -> None:
    """A glob fits whole names, a plain text a part of them, and a bracket is a letter."""
    assert [one.name for one in chosen(NAMED, glob, None, None)] == names


@pytest.mark.parametrize("glob", ["nothing", "out?", "Outputs", "*tw"])
def test_a_glob_that_fits_no_series_is_not_found(glob: str) -> None:
    """It is exit 5, and says which there are."""
    with pytest.raises(NotFound, match=re.escape(glob)) as caught:
        chosen(NAMED, glob, None, None)
    assert str(caught.value.detail).endswith(": output, output [G$], twice")
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND


def test_a_chart_without_series_has_none() -> None:
    """Where no glob is given, nothing is missing: a chart without series has no numbers."""
    assert chosen([], None, None, None) == []


DATES = ["2024-12-31", "2025-01-01", "2025-06-30", "2026-01-01"]


@pytest.mark.parametrize(
    ("low", "high", "x", "kept"),
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
def test_points_are_chosen_by_x(low: str | None, high: str | None, x: list[Any], kept: list[Any]) -> None:
    """Both ends belong to it; numbers are compared as numbers, dates and names as texts; y stays with its x."""
    [found] = chosen(series(line("a", x, [f"at {one}" for one in x])), None, low, high)
    assert found.columns == {"x": kept, "y": [f"at {one}" for one in kept]}
    assert (found.name, found.kind) == ("a", "line")


@pytest.mark.parametrize(("low", "high"), [("2020", None), (None, "2030"), ("2020", "2030")])
@pytest.mark.parametrize("x", [None, math.nan])
def test_a_point_without_x_is_not_within(low: str | None, high: str | None, x: Any) -> None:
    """What has no x lies between no two ends."""
    [found] = chosen([Series("a", "line", {"x": [x, 2025], "y": [1, 2]})], None, low, high)
    assert found.columns == {"x": [2025], "y": [2]}


def test_the_points_of_a_heatmap_are_chosen_by_x() -> None:
    """All columns go with x, also where there are more than two."""
    heat = series({"type": "heatmap", "name": "h", "z": [[1, 2], [3, 4]], "x": [10, 20], "y": [0, 1]})
    [found] = chosen(heat, None, "15", None)
    assert found.columns == {"x": [20, 20], "y": [0, 1], "z": [2, 4]}


def test_what_has_no_x_has_no_ends() -> None:
    """A table is whole without ends; with one it is exit 2, which says what to leave away."""
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
def test_what_can_be_drawn(x: list[Any], y: list[Any], *, horizontal: bool, drawable: bool) -> None:
    """A series can be drawn if one of its values is a finite number; bars that lie have their values on x."""
    one = Series("a", "bar", {"x": x, "y": y}, horizontal=horizontal)
    assert points.drawable(one) is drawable


@pytest.mark.parametrize(
    ("x", "low", "high", "kept"),
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
def test_ends_are_places_of_the_axis(x: list[Any], low: str | None, high: str | None, kept: list[Any]) -> None:
    """Names have the order of the chart, not that of the alphabet; a year and a month end with their last day."""
    [found] = chosen([Series("a", "line", {"x": x, "y": list(range(len(x)))})], None, low, high)
    assert found.columns["x"] == kept


@pytest.mark.parametrize(
    ("x", "end"),
    [([2020, 2021], "2025x"), ([2020], "abc"), (["2026-01-30"], "2026-13-45"), (["2026-01-30"], "soon"), (["a"], "b")],
)
def test_an_end_that_is_no_place_is_refused(x: list[Any], end: str) -> None:
    """What is no number, no date, none of the names of the axis chooses nothing: it is an error that says what fits."""
    for ends in ((end, None), (None, end)):
        with pytest.raises(UsageError, match=re.escape(end)) as caught:
            chosen([Series("a", "line", {"x": x, "y": x})], None, *ends)
        assert caught.value.hint
