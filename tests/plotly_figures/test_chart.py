"""Charts as post-processing and read-only mode give them, on what a real server answered."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.plotly_figures.chart import Chart, charts_from_api, charts_of_read_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
EXCHANGES = [json.loads(line) for line in (RECORDINGS / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()]
BODIES = {
    e["name"]: e["response"]["body"].encode()
    for e in EXCHANGES
    if "/post-processing/" in e["request"]["path"]
    and not e["request"]["path"].endswith("/html")
    and e["response"]["status"] == 200
}
READ_ONLY = next(e["response"]["body"].encode() for e in EXCHANGES if e["name"] == "ro-done")
SIZES = (1, 7, 4096)
READERS = (charts_from_api, charts_of_read_only)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["layout", "title", "text"]), inner),
    max_leaves=12,
)


def cut(body: bytes, size: int) -> Iterator[bytes]:
    """Cut a body into pieces of a size."""
    return (body[start : start + size] for start in range(0, len(body), size))


def read(payload: Any) -> list[Chart]:
    """Read an answer of post-processing."""
    return list(charts_from_api([json.dumps(payload).encode()]))


def read_kept(payload: Any) -> list[Chart]:
    """Read a read-only file."""
    return list(charts_of_read_only([json.dumps(payload).encode()]))


def titled(layout: Any) -> str:
    """Return the title that is read from a layout."""
    [chart] = read({"dice.Macro": [{"data": [], "layout": layout}]})
    return chart.title


def called(charts: Iterable[Chart], title: str) -> Chart:
    """Return the one chart of a title."""
    [found] = [chart for chart in charts if chart.title == title]
    return found


def columns(traces: list[Any], csv: Any) -> list[dict[str, str]]:
    """Return the columns of a chart's series, as texts since nan is not equal to itself."""
    series = Chart.from_api("d", {"data": traces, "layout": {}, "csv_data": csv}).series()
    return [{name: repr(list(values)) for name, values in one.columns.items()} for one in series]


# Reading -------------------------------------------------------------------------------------------


def test_there_are_recorded_answers() -> None:
    """The recordings hold charts, and answers without any."""
    answers = [json.loads(body) for body in BODIES.values()]
    assert any(chart for answer in answers for chart in answer.values())
    assert any(not any(answer.values()) for answer in answers)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BODIES)
def test_a_recorded_answer_is_read_whole(name: str, size: int) -> None:
    """Every chart of every discipline comes in the server's order, its figure untouched, however it is cut."""
    charts = list(charts_from_api(cut(BODIES[name], size)))
    told = [(name, drawn) for name, listed in json.loads(BODIES[name]).items() for drawn in listed]
    assert [(chart.discipline, chart.section, chart.is_key) for chart in charts] == [
        (name, drawn["post_processing_section_name"], drawn["post_processing_is_key_chart"]) for name, drawn in told
    ]
    # As JSON, where 1 and 1.0 differ and the order of names counts.
    assert [json.dumps([chart.figure.traces, chart.figure.layout]) for chart in charts] == [
        json.dumps([drawn["data"], drawn["layout"]]) for _, drawn in told
    ]
    assert [list(chart.csv) for chart in charts] == [drawn["csv_data"] or [] for _, drawn in told]
    assert not any("<" in chart.title for chart in charts)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, len(BODIES["pp-done"])), max_size=6))
def test_it_does_not_matter_where_an_answer_is_cut(places: list[int]) -> None:
    """Pieces of any sizes give the same charts."""
    body = BODIES["pp-done"]
    ends = sorted({0, *places, len(body)})
    pieces = [body[start:end] for start, end in itertools.pairwise(ends)]
    assert list(charts_from_api(pieces)) == list(charts_from_api([body]))


def test_charts_come_before_the_answer_is_whole() -> None:
    """A discipline's charts are there when the next one begins; what follows is not waited for."""
    seen = []

    def pieces() -> Iterator[bytes]:
        for piece in (b'{"a": [{"data": []}', b"],", b'"b": [', b'{"data": []}]}'):
            seen.append(piece)
            yield piece

    charts = charts_from_api(pieces())
    assert (next(charts).discipline, len(seen)) == ("a", 3)
    assert [(chart.discipline, len(seen)) for chart in charts] == [("b", 4)]


def test_an_answer_without_charts_is_no_error() -> None:
    """A study that never ran has no disciplines, or disciplines without charts."""
    assert read({}) == []
    assert read({"dice": [], "dice.Macro": []}) == []
    assert list(charts_from_api([b" \n", b" {", b"} "])) == []


def test_section_and_key_are_the_servers() -> None:
    """Both are what the chart says; a chart that does not say has no section and is no key chart."""
    fields = {"post_processing_section_name": "Key charts", "post_processing_is_key_chart": True}
    odd = {"post_processing_section_name": 5, "post_processing_is_key_chart": "yes"}
    found = [(chart.section, chart.is_key) for chart in read({"d": [fields, {}, odd]})]
    assert found == [("Key charts", True), ("", False), ("", False)]


def test_an_integer_of_any_size_is_a_number() -> None:
    """Python's servers write integers of any length, which are JSON."""
    [chart] = read({"d": [{"data": [{"x": [0], "y": [2**64]}]}]})
    assert chart.series()[0].columns["y"] == [2**64]


@pytest.mark.parametrize(
    ("layout", "title"),
    [
        ({"title": {"text": "<b>Total over years</b>"}}, "Total over years"),
        ({"title": {"text": "<b>Output <i>per year</i></b>"}}, "Output per year"),
        ({"title": {"text": ' <span style="color: red">CO2</span> [Gt] '}}, "CO2 [Gt]"),
        ({"title": "plain"}, "plain"),
        ({"title": {"text": None}}, ""),
        ({"title": {}}, ""),
        ({"title": None}, ""),
        ({"title": 7}, ""),
        ({}, ""),
        (None, ""),
        ("a layout", ""),
    ],
)
def test_a_title_is_read_without_its_tags(layout: Any, title: str) -> None:
    """A title may be a text or an object with one, holds tags that are left away, and may be missing."""
    assert titled(layout) == title


def test_a_chart_without_a_layout_has_no_title() -> None:
    """Maps and gauges may come without a layout."""
    assert [(chart.title, chart.figure.layout) for chart in read({"dice.Macro": [{"data": []}]})] == [("", {})]


def test_what_is_no_chart_is_none() -> None:
    """What stands among the charts and is no object is left out; the others are there."""
    charts = read({"dice.Macro": [None, "x", 5, [], {"data": [{"name": "kept"}, 5]}]})
    assert [chart.figure.traces for chart in charts] == [[{"name": "kept"}]]


@pytest.mark.parametrize("drawn", [None, {}, "charts", 5, True])
def test_a_discipline_without_a_list_is_no_answer(drawn: Any) -> None:
    """Where a list of charts is promised anything else is an answer that cannot be used."""
    with pytest.raises(UnusableAnswer):
        read({"dice": [], "dice.Macro": drawn})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"{",
        b'{"post_processings": {}',
        b'{"post_processings": {"a": [}}',
        b'{"post_processings": {}} more',
        b"{'post_processings': {}}",
        b'{"post_processings": {"a": [{"name": "\xff"}]}}',
        b"<html><body>Please log in</body></html>",
    ],
)
def test_broken_json_is_an_unusable_answer(reader: Callable[..., Iterator[Chart]], body: bytes, size: int) -> None:
    """What breaks off, goes on after its end or was never JSON is exit 7, not an answer without charts."""
    with pytest.raises(UnusableAnswer):
        list(reader(cut(body, size)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", [b"[]", b" []", b"[{}]", b"null", b"5", b'"text"', b"true"])
def test_json_that_is_no_object_is_an_unusable_answer(
    reader: Callable[..., Iterator[Chart]], body: bytes, size: int
) -> None:
    """JSON other than an object is exit 7, also after blanks."""
    with pytest.raises(UnusableAnswer):
        list(reader(cut(body, size)))


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.text(max_size=5), st.lists(json_values, max_size=4), max_size=3), st.sampled_from(SIZES))
def test_any_lists_are_read(payload: dict[str, list[Any]], size: int) -> None:
    """Whatever the charts look like, each object is a chart of its discipline with a text for a title."""
    charts = list(charts_from_api(cut(json.dumps(payload).encode(), size)))
    assert [c.discipline for c in charts] == [d for d, drawn in payload.items() for one in drawn if type(one) is dict]
    assert all(isinstance(chart.title, str) for chart in charts)


# Numbers that only csv_data tells ------------------------------------------------------------------


def test_the_recorded_chart_has_its_nan_and_inf() -> None:
    """Where JSON has null, the series has what csv_data says: nan and infinite are different."""
    chart = called(charts_from_api([BODIES["pp-done"]]), "With NaN")
    assert chart.figure.traces[0]["y"] == [1.0, None, None]
    [series] = chart.series()
    assert (series.name, repr(series.columns)) == ("n", "{'x': [1.0, 2.0, 3.0], 'y': [1.0, nan, inf]}")


def test_the_recorded_table_has_its_nan() -> None:
    """A table's lines are its columns: the nan goes into the cell that it belongs to."""
    [series] = called(charts_from_api([BODIES["pp-done"]]), "A table").series()
    assert (series.kind, repr(series.columns)) == ("table", "{'c1': ['1', '2'], 'c2': [3.0, nan]}")


def test_a_recorded_chart_of_defaults_keeps_its_nulls() -> None:
    """`None` in csv_data is no number that JSON has not: there is no value."""
    [series] = called(charts_from_api([BODIES["copy9-postproc"]]), "y vs x").series()
    assert series.columns == {"x": [None], "y": [None]}


def test_each_series_takes_its_own_two_columns() -> None:
    """Of several series each has its x and y in the lines; what JSON tells is never replaced."""
    traces = [
        {"name": "a", "x": [1, 2, 3], "y": [None, 5, None]},
        {"name": "b", "x": [None, 2, 3], "y": [7, None, None]},
    ]
    csv = ["a x,a y,b x,b y", "1,inf,-inf,nan", "2,nan,2,-inf", "3,None,3,nan"]
    assert columns(traces, csv) == [
        {"x": "[1, 2, 3]", "y": "[inf, 5, None]"},
        {"x": "[-inf, 2, 3]", "y": "[7, -inf, nan]"},
    ]


@pytest.mark.parametrize("csv", [None, 5, {"a": 1}, [], ["x,y"], ["x,y", 5, 6], "nan"])
def test_without_lines_the_nulls_stay(csv: Any) -> None:
    """csv_data may be null, a number, an object or missing."""
    assert columns([{"x": [1, 2], "y": [None, 4]}], csv) == [{"x": "[1, 2]", "y": "[None, 4]"}]


def test_a_text_with_a_comma_leaves_the_nulls() -> None:
    """Lines are not quoted: where a text has a comma, none is trusted, and the nulls stay."""
    traces = [{"name": "a", "x": ["Paris", "Bonn, 1999"], "y": [None, None]}]
    assert columns(traces, ["a x,a y", "Paris,nan", "Bonn, 1999,nan"])[0]["y"] == "[None, None]"
    assert columns(traces, ["a x,a y", "Paris,nan", "Bonn,nan"])[0]["y"] == "[nan, nan]"


def test_a_name_with_a_comma_breaks_the_head_alone() -> None:
    """The comma in a name stands in the first line, which is not needed: the numbers are right."""
    traces = [{"name": "a, b", "x": [1, 2], "y": [None, 4]}, {"name": "c", "x": [1, 2], "y": [3, None]}]
    found = columns(traces, ["a, b x,a, b y,c x,c y", "1,nan,1,3", "2,4,2,inf"])
    assert [one["y"] for one in found] == ["[nan, 4]", "[3, inf]"]


def test_fewer_lines_than_points_fill_what_they_can() -> None:
    """Lines that end early tell nothing of the points after them."""
    assert columns([{"x": [1, 2, 3], "y": [None, 5, None]}], ["x,y", "1,nan", "2,5"])[0]["y"] == "[nan, 5, None]"
    assert columns([{"x": [1], "y": [None]}], ["x,y", "1,nan", "2,inf"])[0]["y"] == "[nan]"


def test_the_lines_of_a_pie_are_not_those_of_a_series() -> None:
    """A pie's one line has a number per share, of which two look like x and y: no share takes another's number."""
    pie = [{"type": "pie", "labels": ["a", "b"], "values": [None, None]}]
    assert columns(pie, ["a,b", "nan,inf"])[0]["y"] in ("[None, None]", "[nan, inf]")


# Read-only mode ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_recorded_read_only_file_has_the_same_charts(size: int) -> None:
    """The file has the charts that post-processing computes, however it is cut."""
    charts = list(charts_of_read_only(cut(READ_ONLY, size)))
    assert charts == list(charts_from_api([BODIES["pp-done"]]))
    assert [chart.title for chart in charts] == ["Total over years", "With NaN", "pie", "A table", "native bar"]


def test_the_charts_of_every_bundle_are_read() -> None:
    """A discipline has the charts of all its bundles, one after the other."""

    def bundle(*sections: str) -> Any:
        return {"name": "b", "post_processings": [{"post_processing_section_name": one} for one in sections]}

    found = read_kept(
        {
            "treenode": {"post_processings": {"x": [bundle("elsewhere")]}},
            "post_processings": {
                "a.B": [bundle("1", "2"), None, bundle(), {"name": "without"}, bundle("3")],
                "a": [],
                "a.C": [bundle("4")],
            },
        }
    )
    assert [(one.discipline, one.section) for one in found] == [("a.B", "1"), ("a.B", "2"), ("a.B", "3"), ("a.C", "4")]


@pytest.mark.parametrize("payload", [{}, {"post_processings": {}}, {"post_processings": {"a": []}}])
def test_a_file_without_charts_is_no_error(payload: Any) -> None:
    """A read-only file may have no charts."""
    assert read_kept(payload) == []


@pytest.mark.parametrize("wrong", [None, {}, "x", 5])
def test_a_file_without_lists_is_an_unusable_answer(wrong: Any) -> None:
    """Bundles and their charts are lists."""
    with pytest.raises(UnusableAnswer):
        read_kept({"post_processings": {"a": wrong}})
    with pytest.raises(UnusableAnswer):
        read_kept({"post_processings": {"a": [{"post_processings": wrong}]}})
