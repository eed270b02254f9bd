"""Plotly's figures: kinds, axes, columns of numbers, typed arrays, plain texts."""

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
    """Return the one series of a figure."""
    [found] = Figure.from_api([trace], layout).series()
    return found


def typed(numbers: list[Any], dtype: str, shape: str | None = None) -> dict[str, Any]:
    """Write numbers as plotly does."""
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
    """A kind says what is seen; one that nobody knows is called as plotly calls it."""
    assert kind(trace) == name
    assert series(trace).kind == name


@pytest.mark.parametrize(
    ("mode", "name"), [("stack", "stacked bar"), ("relative", "stacked bar"), ("group", "bar"), (None, "bar")]
)
def test_bars_are_stacked_by_the_layout(mode: str | None, name: str) -> None:
    """Whether bars stand on each other is said once, in the layout."""
    assert kind({"type": "bar"}, barmode=mode) == name
    assert series({"type": "bar"}, barmode=mode).stack == ("bars" if name == "stacked bar" else "")


def test_a_figure_of_several_kinds_names_each_once() -> None:
    """Kinds come in the order of the traces, each once; a figure without traces is empty."""
    bar, line = {"type": "bar"}, {"type": "scatter", "mode": "lines"}
    assert kind(bar, line, bar, line) == "bar + line"
    assert kind(line, bar) == "line + bar"
    assert kind() == "empty"


def test_how_a_series_is_drawn_is_read() -> None:
    """The name, the second axis, the direction and the stack of a trace are those of its series."""
    usual = series({"name": "<b>a &amp; b</b>", "yaxis": "y"})
    assert (usual.name, usual.second_axis, usual.horizontal, usual.stack) == ("a & b", False, False, "")
    assert (series({}).name, series({}).second_axis, series({"name": 5}).name) == ("", False, "")
    other = series({"yaxis": "y2", "orientation": "h", "stackgroup": "one"})
    assert (other.second_axis, other.horizontal, other.stack) == (True, True, "one")


def test_a_figure_is_told_from_others_by_title_and_traces() -> None:
    """The key differs with the title, and with the type and the name of a trace, not with tags or numbers."""
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
def test_what_is_no_figure_is_empty(data: Any, layout: Any) -> None:
    """Whatever stands where traces and layout belong, there is a figure, without any."""
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
def test_a_unit_stands_in_brackets_at_the_end(title: str, name: str, unit: str | None) -> None:
    """The last brackets are the unit if nothing follows them; round ones are none."""
    axis = FigureAxis(title)
    assert (axis.name, axis.unit) == (name, unit)


def test_axes_are_read_from_the_layout() -> None:
    """Each axis has its own title and type; one that is not there has neither."""
    figure = Figure.from_api(
        [], {"xaxis": {"title": {"text": "<b>years</b>"}}, "yaxis": {"title": "CO2 [Gt]", "type": "log"}, "yaxis2": 5}
    )
    assert figure.axis("xaxis") == FigureAxis("years", "")
    assert figure.axis("yaxis") == FigureAxis("CO2 [Gt]", "log")
    assert figure.axis("yaxis2") == figure.axis("yaxis3") == FigureAxis("", "")


# Columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trace", "found"),
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
def test_each_kind_has_its_columns(trace: dict[str, Any], found: dict[str, Any]) -> None:
    """The numbers of a trace are found wherever its kind of trace holds them."""
    assert columns(trace["type"], trace) == found


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
    """A missing x is counted as plotly does, and so is the y of bars that lie; two levels become one text."""
    assert columns("scatter", trace) == {"x": x, "y": y}


def test_a_placeholder_is_no_missing_x() -> None:
    """Where x is a placeholder its numbers are not known: none are made up."""
    assert columns("scatter", {"x": ARRAY, "y": [1, 2]}).get("x", []) == []


def test_points_and_rows_of_unequal_columns() -> None:
    """A series has as many points as its longest column; the others end with nothing."""
    found = series({"x": [1, 2, 3], "y": [4]})
    assert (found.points, list(found.rows())) == (3, [(1, 4), (2, None), (3, None)])
    assert (series({}).points, list(series({}).rows())) == (0, [])


def test_a_field_has_a_row_per_cell() -> None:
    """A heatmap's cells come row by row, with their places or, without any, their numbers."""
    z = [[1, 2], [3, 4]]
    assert columns("heatmap", {"z": z, "x": ["a", "b"], "y": [10, 20]}) == {
        "x": ["a", "b", "a", "b"],
        "y": [10, 10, 20, 20],
        "z": [1, 2, 3, 4],
    }
    assert columns("heatmap", {"z": z}) == {"x": [0, 1, 0, 1], "y": [0, 0, 1, 1], "z": [1, 2, 3, 4]}
    assert columns("heatmap", {"z": z, "x0": 5, "dx": 2, "y0": 1})["x"] == [5, 7, 5, 7]


def test_an_odd_field_is_read() -> None:
    """Rows may be of unequal length, places may be too few, and there may be no cells."""
    assert columns("heatmap", {"z": [[1], [2, 3]], "x": ["a"]}) == {"x": ["a", "a", 1], "y": [0, 1, 1], "z": [1, 2, 3]}
    assert columns("heatmap", {"z": ARRAY}) == columns("heatmap", {"z": []}) == columns("heatmap", {}) == {}


def test_a_field_of_single_points_has_their_places() -> None:
    """Plotly takes z as a flat list too: each number then has its own x and y."""
    trace = {"x": [1, 2, 1, 2], "y": [5, 5, 6, 6], "z": [1, 2, 3, 4]}
    assert columns("heatmap", trace) == trace


def test_unknown_kind_gives_its_lists_as_they_are() -> None:
    trace = {"type": "surface", "x": [0, 1], "z": [[1, 2], [3, 4]], "name": "height", "colorbar": {}, "y": []}
    assert columns("surface", trace) == {"x": [0, 1], "z": [[1, 2], [3, 4]]}


def table(heads: Any, cells: Any) -> dict[str, Any]:
    """Return the columns of a table."""
    return dict(columns("table", {"header": {"values": heads}, "cells": {"values": cells}}))


def test_a_table_is_read_without_its_marks() -> None:
    """Heads and cells lose plotly's tags; numbers and nulls stay what they are."""
    found = table(["<b>years</b>", ["<b>CO2</b>", "[Gt]"]], [["<b>2020</b>", "x < y"], [1.5, None]])
    assert found == {"years": ["2020", "x < y"], "CO2 / [Gt]": [1.5, None]}


def test_heads_that_are_the_same_or_missing_are_told_apart() -> None:
    """No column is lost: a second one of a name, one without a name and one without a head have their number."""
    assert table(["a", "a", ""], [[1], [2], [3], [4]]) == {"a": [1], "a (2)": [2], "column 3": [3], "column 4": [4]}
    assert table([], [[1]]) == {"column 1": [1]}
    assert table(None, None) == table("x", 5) == columns("table", {}) == {}


@pytest.mark.parametrize(
    "heads", [["", ""], ["a", "a", "a (2)"], ["a", "a (3)", "a"], ["", "column 1"], [None, None, "x"]]
)
def test_no_column_of_a_table_is_lost(heads: list[Any]) -> None:
    """Whatever the heads are, each column has a name of its own that is more than blanks and a number."""
    found = table(heads, [[number] for number in range(len(heads))])
    assert list(found.values()) == [[number] for number in range(len(heads))]
    assert not any(name.startswith(" ") for name in found)


def test_a_column_that_is_a_placeholder_keeps_its_place() -> None:
    """The columns after a placeholder stand under their own heads."""
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
    """A placeholder counts wherever it stands in the traces, not as a part of a text, and not in the layout."""
    assert Figure.from_api(data, {"title": ARRAY}).lacks_numbers is lacks


@pytest.mark.parametrize("value", [None, 5, True, "text", ["x"], {ARRAY: 1}])
def test_what_is_no_placeholder(value: Any) -> None:
    """Only a whole text is a placeholder."""
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
    """Numbers come back as they were written; whole ones stay whole."""
    assert repr(decoded(typed(numbers, dtype))) == repr(numbers)
    assert decoded(typed([], dtype)) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_floats_come_back_exactly(numbers: list[float]) -> None:
    """No digit of a double is lost."""
    assert repr(decoded(typed(numbers, "f8"))) == repr(numbers)


def test_what_json_has_not_is_nothing() -> None:
    """Nan and infinite numbers are null, as the server writes them elsewhere."""
    assert decoded(typed([float("nan"), float("inf"), -float("inf"), 1.0], "f8")) == [None, None, None, 1.0]


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("6", [0, 1, 2, 3, 4, 5]),
        ("2,3", [[0, 1, 2], [3, 4, 5]]),
        ("3, 2", [[0, 1], [2, 3], [4, 5]]),
        ("1,2,3", [[[0, 1, 2], [3, 4, 5]]]),
        ("3,2,1", [[[0], [1]], [[2], [3]], [[4], [5]]]),
    ],
)
def test_an_array_of_several_dimensions_is_lists_of_lists(shape: str, found: Any) -> None:
    """The last dimension is the innermost."""
    assert decoded(typed(list(range(6)), "i1", shape)) == found


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
def test_array_that_is_not_what_it_says_is_unreadable(wrong: dict[str, Any]) -> None:
    """Text that is no base64, half a number, an unknown type, a wrong shape: no other numbers; the rest is read."""
    assert decoded([{"x": wrong, "y": [1]}]) == [{"x": UNREADABLE, "y": [1]}]
    figure = Figure.from_api(decoded([{"x": wrong, "y": [1]}]), {})
    assert (figure.lacks_numbers, figure.is_unreadable) == (True, True)
    hidden = Figure.from_api([{"x": "://ndarray"}], {})
    assert (hidden.lacks_numbers, hidden.is_unreadable) == (True, False)


def test_arrays_are_found_anywhere_and_nothing_else_is_touched() -> None:
    """Arrays may stand in lists and objects; an object without both texts is none."""
    value = {"a": [{"y": typed([1, 2], "u1")}, "bdata"], "b": {"bdata": "AAAA"}, "c": {"bdata": 1, "dtype": "i1"}}
    assert decoded(value) == {"a": [{"y": [1, 2]}, "bdata"], "b": {"bdata": "AAAA"}, "c": {"bdata": 1, "dtype": "i1"}}
    for other in (None, 5, "text", [1, 2], [None, "x"]):
        assert decoded(other) == other


@pytest.mark.parametrize("look", [decoded, has_placeholders])
def test_deep_lists_are_no_crash(look: Any) -> None:
    """Lists in lists without end are looked through, or are an answer that cannot be used, but no bug of ours."""
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
    ("text", "found"),
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
def test_texts_are_plain(text: Any, found: str) -> None:
    """Plotly's tags go, a break is a blank, any other bracket stays, entities are what they stand for."""
    assert plain(text) == found
