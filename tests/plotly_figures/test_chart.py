"""Charts of post-processing and read-only mode, on recorded answers of a real server."""

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
    """Cut a body into chunks of a size."""
    return (body[start : start + size] for start in range(0, len(body), size))


def read(payload: Any) -> list[Chart]:
    """Parse an answer of post-processing."""
    return list(charts_from_api([json.dumps(payload).encode()]))


def read_kept(payload: Any) -> list[Chart]:
    """Parse a read-only file."""
    return list(charts_of_read_only([json.dumps(payload).encode()]))


def titled(layout: Any) -> str:
    """Return the title of a chart with this layout."""
    [chart] = read({"dice.Macro": [{"data": [], "layout": layout}]})
    return chart.title


def called(charts: Iterable[Chart], title: str) -> Chart:
    """Return the only chart with a title."""
    [result] = [chart for chart in charts if chart.title == title]
    return result


def columns(traces: list[Any], csv: Any) -> list[dict[str, str]]:
    """Return the columns of a chart's series as texts, because nan is not equal to itself."""
    series = Chart.from_api("d", {"data": traces, "layout": {}, "csv_data": csv}).series()
    return [{name: repr(list(values)) for name, values in sery.columns.items()} for sery in series]


# Reading -------------------------------------------------------------------------------------------


def test_recordings_have_charts_and_empty_answers() -> None:
    answers = [json.loads(body) for body in BODIES.values()]
    assert any(chart for answer in answers for chart in answer.values())
    assert any(not any(answer.values()) for answer in answers)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BODIES)
def test_recorded_answer_is_read_completely(name: str, size: int) -> None:
    charts = list(charts_from_api(cut(BODIES[name], size)))
    reported = [(name, drawn) for name, listed in json.loads(BODIES[name]).items() for drawn in listed]
    assert [(chart.discipline, chart.section, chart.is_key) for chart in charts] == [
        (name, drawn["post_processing_section_name"], drawn["post_processing_is_key_chart"]) for name, drawn in reported
    ]
    # As JSON, where 1 and 1.0 differ and the order of names counts.
    assert [json.dumps([chart.figure.traces, chart.figure.layout]) for chart in charts] == [
        json.dumps([drawn["data"], drawn["layout"]]) for _, drawn in reported
    ]
    assert [list(chart.csv) for chart in charts] == [drawn["csv_data"] or [] for _, drawn in reported]
    assert not any("<" in chart.title for chart in charts)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, len(BODIES["pp-done"])), max_size=6))
def test_chunks_of_an_answer_do_not_matter(places: list[int]) -> None:
    body = BODIES["pp-done"]
    ends = sorted({0, *places, len(body)})
    pieces = [body[start:end] for start, end in itertools.pairwise(ends)]
    assert list(charts_from_api(pieces)) == list(charts_from_api([body]))


def test_charts_are_yielded_before_the_end_of_the_answer() -> None:
    recorded = []

    def pieces() -> Iterator[bytes]:
        for piece in (b'{"a": [{"data": []}', b"],", b'"b": [', b'{"data": []}]}'):
            recorded.append(piece)
            yield piece

    charts = charts_from_api(pieces())
    assert (next(charts).discipline, len(recorded)) == ("a", 3)
    assert [(chart.discipline, len(recorded)) for chart in charts] == [("b", 4)]


def test_answer_without_charts_is_empty() -> None:
    assert read({}) == []
    assert read({"dice": [], "dice.Macro": []}) == []
    assert list(charts_from_api([b" \n", b" {", b"} "])) == []


def test_section_and_key_come_from_the_server() -> None:
    fields = {"post_processing_section_name": "Key charts", "post_processing_is_key_chart": True}
    odd = {"post_processing_section_name": 5, "post_processing_is_key_chart": "yes"}
    result = [(chart.section, chart.is_key) for chart in read({"d": [fields, {}, odd]})]
    assert result == [("Key charts", True), ("", False), ("", False)]


def test_integer_of_any_size_is_a_number() -> None:
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
def test_title_has_no_tags(layout: Any, title: str) -> None:
    assert titled(layout) == title


def test_chart_without_a_layout_has_no_title() -> None:
    assert [(chart.title, chart.figure.layout) for chart in read({"dice.Macro": [{"data": []}]})] == [("", {})]


def test_items_that_are_not_objects_are_skipped() -> None:
    charts = read({"dice.Macro": [None, "x", 5, [], {"data": [{"name": "kept"}, 5]}]})
    assert [chart.figure.traces for chart in charts] == [[{"name": "kept"}]]


@pytest.mark.parametrize("drawn", [None, {}, "charts", 5, True])
def test_discipline_without_a_list_is_an_unusable_answer(drawn: Any) -> None:
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
    with pytest.raises(UnusableAnswer):
        list(reader(cut(body, size)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", [b"[]", b" []", b"[{}]", b"null", b"5", b'"text"', b"true"])
def test_json_that_is_not_an_object_is_an_unusable_answer(
    reader: Callable[..., Iterator[Chart]], body: bytes, size: int
) -> None:
    with pytest.raises(UnusableAnswer):
        list(reader(cut(body, size)))


@settings(deadline=None, max_examples=20)
@given(st.dictionaries(st.text(max_size=5), st.lists(json_values, max_size=4), max_size=3), st.sampled_from(SIZES))
def test_any_objects_are_charts(payload: dict[str, list[Any]], size: int) -> None:
    charts = list(charts_from_api(cut(json.dumps(payload).encode(), size)))
    assert [c.discipline for c in charts] == [d for d, drawn in payload.items() for item in drawn if type(item) is dict]
    assert all(isinstance(chart.title, str) for chart in charts)


# Numbers that only csv_data tells ------------------------------------------------------------------


def test_recorded_chart_has_nan_and_inf_from_the_csv() -> None:
    chart = called(charts_from_api([BODIES["pp-done"]]), "With NaN")
    assert chart.figure.traces[0]["y"] == [1.0, None, None]
    [series] = chart.series()
    assert (series.name, repr(series.columns)) == ("n", "{'x': [1.0, 2.0, 3.0], 'y': [1.0, nan, inf]}")


def test_recorded_table_has_nan_from_the_csv() -> None:
    [series] = called(charts_from_api([BODIES["pp-done"]]), "A table").series()
    assert (series.kind, repr(series.columns)) == ("table", "{'c1': ['1', '2'], 'c2': [3.0, nan]}")


def test_none_in_the_csv_stays_null() -> None:
    [series] = called(charts_from_api([BODIES["copy9-postproc"]]), "y vs x").series()
    assert series.columns == {"x": [None], "y": [None]}


def test_each_series_has_two_columns_of_the_csv() -> None:
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
def test_nulls_stay_without_a_csv(csv: Any) -> None:
    assert columns([{"x": [1, 2], "y": [None, 4]}], csv) == [{"x": "[1, 2]", "y": "[None, 4]"}]


def test_text_with_a_comma_leaves_the_nulls() -> None:
    """The csv is not quoted, so its columns are ambiguous."""
    traces = [{"name": "a", "x": ["Paris", "Bonn, 1999"], "y": [None, None]}]
    assert columns(traces, ["a x,a y", "Paris,nan", "Bonn, 1999,nan"])[0]["y"] == "[None, None]"
    assert columns(traces, ["a x,a y", "Paris,nan", "Bonn,nan"])[0]["y"] == "[nan, nan]"


def test_name_with_a_comma_affects_only_the_header() -> None:
    traces = [{"name": "a, b", "x": [1, 2], "y": [None, 4]}, {"name": "c", "x": [1, 2], "y": [3, None]}]
    result = columns(traces, ["a, b x,a, b y,c x,c y", "1,nan,1,3", "2,4,2,inf"])
    assert [item["y"] for item in result] == ["[nan, 4]", "[3, inf]"]


def test_short_csv_fills_only_its_points() -> None:
    assert columns([{"x": [1, 2, 3], "y": [None, 5, None]}], ["x,y", "1,nan", "2,5"])[0]["y"] == "[nan, 5, None]"
    assert columns([{"x": [1], "y": [None]}], ["x,y", "1,nan", "2,inf"])[0]["y"] == "[nan]"


def test_csv_of_a_pie_has_one_line() -> None:
    pie = [{"type": "pie", "labels": ["a", "b"], "values": [None, None]}]
    assert columns(pie, ["a,b", "nan,inf"])[0]["y"] in ("[None, None]", "[nan, inf]")


# Read-only mode ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_recorded_read_only_file_has_the_same_charts(size: int) -> None:
    charts = list(charts_of_read_only(cut(READ_ONLY, size)))
    assert charts == list(charts_from_api([BODIES["pp-done"]]))
    assert [chart.title for chart in charts] == ["Total over years", "With NaN", "pie", "A table", "native bar"]


def test_charts_of_every_bundle_are_read() -> None:

    def bundle(*sections: str) -> Any:
        return {"name": "b", "post_processings": [{"post_processing_section_name": section} for section in sections]}

    result = read_kept(
        {
            "treenode": {"post_processings": {"x": [bundle("elsewhere")]}},
            "post_processings": {
                "a.B": [bundle("1", "2"), None, bundle(), {"name": "without"}, bundle("3")],
                "a": [],
                "a.C": [bundle("4")],
            },
        }
    )
    assert [(item.discipline, item.section) for item in result] == [
        ("a.B", "1"),
        ("a.B", "2"),
        ("a.B", "3"),
        ("a.C", "4"),
    ]


@pytest.mark.parametrize("payload", [{}, {"post_processings": {}}, {"post_processings": {"a": []}}])
def test_file_without_charts_is_empty(payload: Any) -> None:
    assert read_kept(payload) == []


@pytest.mark.parametrize("wrong", [None, {}, "x", 5])
def test_file_without_lists_is_an_unusable_answer(wrong: Any) -> None:
    with pytest.raises(UnusableAnswer):
        read_kept({"post_processings": {"a": wrong}})
    with pytest.raises(UnusableAnswer):
        read_kept({"post_processings": {"a": [{"post_processings": wrong}]}})
