"""Plotly figures: kinds, axes, columns of numbers, typed arrays and plain texts."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.plotly_figures.figure import Figure, FigureAxis, Series, has_placeholders
from sostrades_cli.plotly_figures.html_tags import plain
from sostrades_cli.plotly_figures.trace_columns import columns
from sostrades_cli.plotly_figures.typed_arrays import UNREADABLE, decoded

ARRAY, TABLE = "://ndarray", "://dataframe"
CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
DEPTH = 5_000


def kind(*traces: dict[str, Any], **layout: Any) -> str:
    """Return the kind of a figure."""
    return Figure.from_api(list(traces), layout).kind


def series(trace: dict[str, Any], **layout: Any) -> Series:
    """Return the only series of a figure."""
    [result] = Figure.from_api([trace], layout).series()
    return result


def typed(numbers: list[Any], dtype: str, shape: str | None = None) -> dict[str, Any]:
    """Encode numbers like plotly."""
    content = struct.pack(f"<{len(numbers)}{CODES[dtype]}", *numbers)
    written = {"dtype": dtype, "bdata": base64.b64encode(content).decode()}
    return written if shape is None else {**written, "shape": shape}


# Kinds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trace", "name"),
    [
        ({"type": "scatter", "mode": "lines"}, "line"),
        ({"type": "scatter", "mode": "lines+markers"}, "line"),
        ({"type": "scatter", "mode": "markers"}, "scatter"),
        ({"type": "scatter", "mode": "text"}, "scatter"),
        ({"type": "scatter"}, "line"),
        ({}, "line"),
        ({"type": 5, "mode": 5}, "scatter"),
        ({"type": "scattergl", "mode": "markers"}, "scatter"),
        ({"type": "scatter", "mode": "lines", "stackgroup": "one"}, "area"),
        ({"type": "scatter", "mode": "lines", "fill": "tozeroy"}, "area"),
        ({"type": "scatter", "mode": "lines", "fill": "none"}, "line"),
        ({"type": "bar"}, "bar"),
        ({"type": "pie"}, "pie"),
        ({"type": "table"}, "table"),
        ({"type": "heatmap"}, "heatmap"),
        ({"type": "sankey"}, "sankey"),
        ({"type": "parcoords"}, "parallel coordinates"),
        ({"type": "sunburst"}, "sunburst"),
        ({"type": "indicator"}, "indicator"),
        ({"type": "scattermap"}, "map"),
        ({"type": "choropleth"}, "map"),
        ({"type": "of the future"}, "of the future"),
    ],
)
def test_each_trace_has_a_kind(trace: dict[str, Any], name: str) -> None:
    assert kind(trace) == name
    assert series(trace).kind == name


@pytest.mark.parametrize(
    ("mode", "name"), [("stack", "stacked bar"), ("relative", "stacked bar"), ("group", "bar"), (None, "bar")]
)
def test_layout_stacks_bars(mode: str | None, name: str) -> None:
    assert kind({"type": "bar"}, barmode=mode) == name
    assert series({"type": "bar"}, barmode=mode).stack == ("bars" if name == "stacked bar" else "")


def test_kind_of_a_figure_has_each_kind_once() -> None:
    bar, line = {"type": "bar"}, {"type": "scatter", "mode": "lines"}
    assert kind(bar, line, bar, line) == "bar + line"
    assert kind(line, bar) == "line + bar"
    assert kind() == "empty"


def test_series_has_name_axis_direction_and_stack() -> None:
    usual = series({"name": "<b>a &amp; b</b>", "yaxis": "y"})
    assert (usual.name, usual.second_axis, usual.horizontal, usual.stack) == ("a & b", False, False, "")
    assert (series({}).name, series({}).second_axis, series({"name": 5}).name) == ("", False, "")
    other = series({"yaxis": "y2", "orientation": "h", "stackgroup": "one"})
    assert (other.second_axis, other.horizontal, other.stack) == (True, True, "one")


def test_key_depends_on_title_and_traces() -> None:
    figure = Figure.from_api([{"name": "a", "y": [1]}], {"title": {"text": "<b>T</b>"}})
    assert figure.key == Figure.from_api([{"name": "a", "type": "scatter", "y": [2]}], {"title": "T"}).key
    others = [
        Figure.from_api([{"name": "b"}], {"title": "T"}),
        Figure.from_api([{"name": "a", "type": "bar"}], {"title": "T"}),
        Figure.from_api([{"name": "a"}], {"title": "U"}),
        Figure.from_api([{"name": "a"}, {"name": "a"}], {"title": "T"}),
    ]
    assert len({figure.key, *(other.key for other in others)}) == 5


@pytest.mark.parametrize(("data", "layout"), [(None, None), ("x", []), ({}, 5), ([5, None, "x"], "layout")])
def test_invalid_figure_is_empty(data: Any, layout: Any) -> None:
    assert Figure.from_api(data, layout) == Figure([], {})


# Axes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name", "unit"),
    [
        ("output [G$]", "output", "G$"),
        ("years", "years", None),
        ("x (-)", "x (-)", None),
        ("[G$]", "", "G$"),
        ("share [%] of [G$]", "share [%] of", "G$"),
        ("a[0] is first", "a[0] is first", None),
        ("none []", "none", ""),
        ("", "", None),
    ],
)
def test_unit_is_in_the_last_brackets(title: str, name: str, unit: str | None) -> None:
    axis = FigureAxis(title)
    assert (axis.name, axis.unit) == (name, unit)


def test_axes_are_read_from_the_layout() -> None:
    figure = Figure.from_api(
        [], {"xaxis": {"title": {"text": "<b>years</b>"}}, "yaxis": {"title": "CO2 [Gt]", "type": "log"}, "yaxis2": 5}
    )
    assert figure.axis("xaxis") == FigureAxis("years", "")
    assert figure.axis("yaxis") == FigureAxis("CO2 [Gt]", "log")
    assert figure.axis("yaxis2") == figure.axis("yaxis3") == FigureAxis("", "")


# Columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ({"type": "pie", "labels": ["a", "b"], "values": [1, 2]}, {"x": ["a", "b"], "y": [1, 2]}),
        ({"type": "pie", "values": [1, 2], "hole": 0}, {"x": [0, 1], "y": [1, 2]}),
        (
            {"type": "sunburst", "labels": ["a", "b"], "parents": ["", "a"], "values": [3, 2]},
            {"label": ["a", "b"], "parent": ["", "a"], "value": [3, 2]},
        ),
        ({"type": "scattermap", "lon": [1.5], "lat": [45.0], "mode": "markers"}, {"lon": [1.5], "lat": [45.0]}),
        ({"type": "choropleth", "locations": ["FRA"], "z": [7]}, {"location": ["FRA"], "value": [7]}),
        ({"type": "scatter3d", "x": [1], "y": [2], "z": [3]}, {"x": [1], "y": [2], "z": [3]}),
        (
            {"type": "ohlc", "x": [1], "open": [2], "high": [3], "low": [4], "close": [5]},
            {"x": [1], "open": [2], "high": [3], "low": [4], "close": [5]},
        ),
        ({"type": "indicator", "value": 5, "mode": "gauge"}, {"value": [5]}),
        ({"type": "indicator", "value": 5, "delta": {"reference": 0}}, {"value": [5], "reference": [0]}),
        ({"type": "indicator", "value": 5, "delta": {"valueformat": "x"}}, {"value": [5]}),
        (
            {"type": "parcoords", "dimensions": [{"label": "a", "values": [1, 2]}, 5, {"label": "b", "values": [3]}]},
            {"a": [1, 2], "b": [3]},
        ),
        (
            {"type": "parcoords", "dimensions": [{"label": "a", "values": [1]}, {"values": [2]}, {"label": "a"}]},
            {"a": [1], "column 2": [2], "a (3)": []},
        ),
        (
            {
                "type": "sankey",
                "node": {"label": ["coal", "wind", "power"]},
                "link": {"source": [0, 1, 9], "target": [2, 2, -1], "value": [5, 6, 7]},
            },
            {"source": ["coal", "wind", 9], "target": ["power", "power", -1], "value": [5, 6, 7]},
        ),
        ({"type": "sankey"}, {"source": [], "target": [], "value": []}),
        ({"type": "of the future", "here": [1], "there": [2], "not": 5}, {"here": [1], "there": [2]}),
    ],
)
def test_each_kind_has_its_columns(trace: dict[str, Any], expected: dict[str, Any]) -> None:
    assert columns(trace["type"], trace) == expected


@pytest.mark.parametrize(
    ("trace", "x", "y"),
    [
        ({"x": [1, 2], "y": [3, 4]}, [1, 2], [3, 4]),
        ({"y": [3, 4, 5]}, [0, 1, 2], [3, 4, 5]),
        ({"y": [3, 4], "x0": 2020, "dx": 5}, [2020, 2025], [3, 4]),
        ({"y": [3, 4], "x0": "2020-01-01"}, [0, 1], [3, 4]),
        ({"x": [3, 4], "orientation": "h"}, [3, 4], [0, 1]),
        ({"x": [3, 4], "orientation": "h", "y0": 1, "dy": 2}, [3, 4], [1, 3]),
        ({"x": [3, 4], "type": "histogram"}, [3, 4], []),
        ({"x": [["a", "a"], [1, 2]], "y": [3, 4]}, ["a / 1", "a / 2"], [3, 4]),
    ],
)
def test_lines_and_bars_have_x_and_y(trace: dict[str, Any], x: list[Any], y: list[Any]) -> None:
    """A missing x is counted like in plotly."""
    assert columns("scatter", trace) == {"x": x, "y": y}


def test_placeholder_is_not_a_missing_x() -> None:
    assert columns("scatter", {"x": ARRAY, "y": [1, 2]}).get("x", []) == []


def test_short_columns_end_with_none() -> None:
    result = series({"x": [1, 2, 3], "y": [4]})
    assert (result.points, list(result.rows())) == (3, [(1, 4), (2, None), (3, None)])
    assert (series({}).points, list(series({}).rows())) == (0, [])


def test_heatmap_has_a_row_per_cell() -> None:
    z = [[1, 2], [3, 4]]
    assert columns("heatmap", {"z": z, "x": ["a", "b"], "y": [10, 20]}) == {
        "x": ["a", "b", "a", "b"],
        "y": [10, 10, 20, 20],
        "z": [1, 2, 3, 4],
    }
    assert columns("heatmap", {"z": z}) == {"x": [0, 1, 0, 1], "y": [0, 0, 1, 1], "z": [1, 2, 3, 4]}
    assert columns("heatmap", {"z": z, "x0": 5, "dx": 2, "y0": 1})["x"] == [5, 7, 5, 7]


def test_irregular_heatmap_is_read() -> None:
    assert columns("heatmap", {"z": [[1], [2, 3]], "x": ["a"]}) == {"x": ["a", "a", 1], "y": [0, 1, 1], "z": [1, 2, 3]}
    assert columns("heatmap", {"z": ARRAY}) == columns("heatmap", {"z": []}) == columns("heatmap", {}) == {}


def test_flat_heatmap_has_an_x_and_y_per_number() -> None:
    trace = {"x": [1, 2, 1, 2], "y": [5, 5, 6, 6], "z": [1, 2, 3, 4]}
    assert columns("heatmap", trace) == trace


def test_unknown_kind_has_its_lists_as_columns() -> None:
    trace = {"type": "hologram", "x": [0, 1], "z": [[1, 2], [3, 4]], "name": "height", "colorbar": {}, "y": []}
    assert columns("hologram", trace) == {"x": [0, 1], "z": [[1, 2], [3, 4]]}


def table(heads: Any, cells: Any) -> dict[str, Any]:
    """Return the columns of a table."""
    return dict(columns("table", {"header": {"values": heads}, "cells": {"values": cells}}))


def test_table_has_no_tags() -> None:
    result = table(["<b>years</b>", ["<b>CO2</b>", "[Gt]"]], [["<b>2020</b>", "x < y"], [1.5, None]])
    assert result == {"years": ["2020", "x < y"], "CO2 / [Gt]": [1.5, None]}


def test_duplicate_and_missing_headers_get_numbers() -> None:
    assert table(["a", "a", ""], [[1], [2], [3], [4]]) == {"a": [1], "a (2)": [2], "column 3": [3], "column 4": [4]}
    assert table([], [[1]]) == {"column 1": [1]}
    assert table(None, None) == table("x", 5) == columns("table", {}) == {}


@pytest.mark.parametrize(
    "heads", [["", ""], ["a", "a", "a (2)"], ["a", "a (3)", "a"], ["", "column 1"], [None, None, "x"]]
)
def test_every_column_of_a_table_has_a_distinct_name(heads: list[Any]) -> None:
    result = table(heads, [[number] for number in range(len(heads))])
    assert list(result.values()) == [[number] for number in range(len(heads))]
    assert not any(name.startswith(" ") for name in result)


def test_placeholder_column_keeps_its_position() -> None:
    assert table(["a", "b"], [ARRAY, [2]])["b"] == [2]


# Placeholders --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "lacks"),
    [
        ([{"x": [1], "y": ARRAY}], True),
        ([{"x": [1]}, {"cells": {"values": [[1], TABLE]}}], True),
        ([{"dimensions": [{"values": ARRAY}]}], True),
        ([{"link": {"value": [[[ARRAY]]]}}], True),
        ([{"x": [1], "y": [None]}], False),
        ([{"name": f"about {ARRAY}"}], False),
        ([], False),
    ],
)
def test_placeholders_are_found_at_any_depth(data: list[Any], lacks: bool) -> None:
    assert Figure.from_api(data, {"title": ARRAY}).lacks_numbers is lacks


@pytest.mark.parametrize("value", [None, 5, True, "text", ["x"], {ARRAY: 1}])
def test_only_a_whole_text_is_a_placeholder(value: Any) -> None:
    assert not has_placeholders(value)


# Typed arrays --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "numbers"),
    [
        ("i1", [-128, 127]),
        ("u1", [0, 255]),
        ("i2", [-32768, 1]),
        ("u2", [0, 65535]),
        ("i4", [-(2**31), 1]),
        ("u4", [0, 2**32 - 1]),
        ("f4", [0.5, -2.25]),
        ("f8", [0.1, -1e300]),
    ],
)
def test_every_type_of_array_is_decoded(dtype: str, numbers: list[Any]) -> None:
    assert repr(decoded(typed(numbers, dtype))) == repr(numbers)
    assert decoded(typed([], dtype)) == []


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_floats_are_exact(numbers: list[float]) -> None:
    assert repr(decoded(typed(numbers, "f8"))) == repr(numbers)


def test_nan_and_inf_are_null() -> None:
    assert decoded(typed([float("nan"), float("inf"), -float("inf"), 1.0], "f8")) == [None, None, None, 1.0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("6", [0, 1, 2, 3, 4, 5]),
        ("2,3", [[0, 1, 2], [3, 4, 5]]),
        ("3, 2", [[0, 1], [2, 3], [4, 5]]),
        ("1,2,3", [[[0, 1, 2], [3, 4, 5]]]),
        ("3,2,1", [[[0], [1]], [[2], [3]], [[4], [5]]]),
    ],
)
def test_array_with_several_dimensions_is_a_list_of_lists(shape: str, expected: Any) -> None:
    assert decoded(typed(list(range(6)), "i1", shape)) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"bdata": "not base64!", "dtype": "i1"},
        {"bdata": "AAA", "dtype": "i1"},
        {"bdata": "A!A AA", "dtype": "i1"},
        {"bdata": "é", "dtype": "i1"},
        {"bdata": "AAAA", "dtype": "f8"},
        {"bdata": "AAAA", "dtype": "i2"},
        {"bdata": "AAAA", "dtype": "c16"},
        {"bdata": "AAAA", "dtype": "i1", "shape": "2,2"},
        {"bdata": "AAAA", "dtype": "i1", "shape": "three"},
        {"bdata": "AAAA", "dtype": "i1", "shape": ""},
        {"bdata": "AAAA", "dtype": "i1", "shape": "-1,-3"},
    ],
)
def test_damaged_array_is_unreadable(wrong: dict[str, Any]) -> None:
    """The rest of the figure is read."""
    assert decoded([{"x": wrong, "y": [1]}]) == [{"x": UNREADABLE, "y": [1]}]
    figure = Figure.from_api(decoded([{"x": wrong, "y": [1]}]), {})
    assert (figure.lacks_numbers, figure.is_unreadable) == (True, True)
    hidden = Figure.from_api([{"x": "://ndarray"}], {})
    assert (hidden.lacks_numbers, hidden.is_unreadable) == (True, False)


def test_only_arrays_are_decoded() -> None:
    value = {"a": [{"y": typed([1, 2], "u1")}, "bdata"], "b": {"bdata": "AAAA"}, "c": {"bdata": 1, "dtype": "i1"}}
    assert decoded(value) == {"a": [{"y": [1, 2]}, "bdata"], "b": {"bdata": "AAAA"}, "c": {"bdata": 1, "dtype": "i1"}}
    for other in (None, 5, "text", [1, 2], [None, "x"]):
        assert decoded(other) == other


@pytest.mark.parametrize("look", [decoded, has_placeholders])
def test_deep_nesting_is_handled(look: Any) -> None:
    deep: list[Any] = []
    for _ in range(DEPTH):
        deep = [deep]
    try:
        look(deep)
    except UnusableAnswer:
        pass
    finally:
        while deep:  # taken apart from the top, so that Python need not do it in depth
            [deep] = deep


# Texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>a</b>", "a"),
        ("<B>a</B>", "a"),
        ("a<sub>2</sub><sup>3</sup><em>e</em><strong>s</strong><u>u</u><s>t</s><i>i</i>", "a23esuti"),
        ('<a href="http://x/?a=1&b=2" target="_blank">link</a>', "link"),
        ('<span style="color: red">red</span>', "red"),
        ("one<br>two<br/>three<br />four<BR>five", "one two three four five"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a<c and d>e", "a<c and d>e"),
        ("List<int> of <things>", "List<int> of <things>"),
        ("<bold>", "<bold>"),
        ("</script>", "</script>"),
        ("a &amp; b &lt;b&gt; &#176;C &eacute;", "a & b <b> °C é"),
        ("&amp;lt;", "&lt;"),
        ("  blanks \n", "blanks"),
        ("", ""),
        (None, ""),
        (5, ""),
        (["x"], ""),
    ],
)
def test_texts_have_no_tags(text: Any, expected: str) -> None:
    assert plain(text) == expected
