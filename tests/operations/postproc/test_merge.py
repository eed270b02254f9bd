"""Test merging the charts of JSON and page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.postproc.merge import PAGE, POST_PROCESSING, NumberedChart, merged, numbered_charts
from sostrades_cli.plotly_figures.chart import Chart
from sostrades_cli.plotly_figures.figure import Figure

ARRAY = "://ndarray"
BOTH = f"{POST_PROCESSING} + {PAGE}"


def chart(title: str, y: Any = (1,), *, discipline: str = "D", section: str | None = None, name: str = "a") -> Chart:
    """Return a chart with one trace."""
    trace = {"name": name, "x": [1], "y": list(y) if isinstance(y, tuple) else y}
    return Chart(discipline, Figure([trace], {"title": title}), section, None if section is None else False)


def json_chart(title: str, y: Any = (1,), **more: Any) -> Chart:
    """Return a chart as in JSON, with a section."""
    return chart(title, y, **{"section": "S", **more})


def merge(json_charts: list[Chart], page: list[Chart]) -> list[NumberedChart]:
    """Merge charts of post-processing with those of the page."""
    return merged(json_charts, POST_PROCESSING, page)


def titles_and_sources(merged: list[NumberedChart]) -> list[tuple[str, str]]:
    """Return titles and sources."""
    return [(item.chart.title, item.source) for item in merged]


def test_charts_of_one_source_keep_their_order() -> None:
    charts = [json_chart("B"), json_chart("A"), json_chart("B")]
    result = numbered_charts(charts, PAGE)
    assert [(item.number, item.chart, item.source) for item in result] == [
        (1, charts[0], PAGE),
        (2, charts[1], PAGE),
        (3, charts[2], PAGE),
    ]
    assert numbered_charts([], PAGE) == []


def test_chart_in_both_sources_is_that_of_the_json() -> None:
    told_chart = Chart("D", Figure([{"name": "a", "y": [1]}], {"title": "T"}), "S", is_key=True, csv=("x,y", "1,1"))
    [result] = merge([told_chart], [chart("T", (2,))])
    assert result == NumberedChart(1, told_chart, POST_PROCESSING)


def test_numbers_missing_in_json_come_from_the_page() -> None:
    lacking = Chart("D", Figure([{"name": "a", "y": ARRAY}], {"title": "T"}), "S", is_key=True, csv=("x,y", "1,nan"))
    [result] = merge([lacking], [chart("T", (7, 8))])
    assert (result.source, result.missing) == (BOTH, "")
    assert (result.chart.section, result.chart.is_key, result.chart.csv) == ("S", True, ("x,y", "1,nan"))
    assert result.chart.figure.traces == [{"name": "a", "x": [1], "y": [7, 8]}]


def test_placeholders_in_both_sources_are_reported() -> None:
    [result] = merge([json_chart("T", ARRAY)], [chart("T", ARRAY)])
    assert (result.source, result.missing, result.chart.section) == (POST_PROCESSING, "numbers", "S")


def test_missing_parts_are_reported() -> None:
    missing = [
        NumberedChart(1, json_chart("T"), PAGE).missing,
        NumberedChart(1, json_chart("T", section=""), PAGE).missing,
        NumberedChart(1, chart("T"), PAGE).missing,
        NumberedChart(1, json_chart("T", ARRAY), PAGE).missing,
        NumberedChart(1, chart("T", ARRAY), PAGE).missing,
    ]
    assert missing == ["", "", "section", "numbers", "numbers, section"]


def test_earlier_bundles_come_from_the_page() -> None:
    result = merge([json_chart("B1"), json_chart("B2")], [chart("A1"), chart("A2"), chart("B1"), chart("B2")])
    assert titles_and_sources(result) == [("A1", PAGE), ("A2", PAGE), ("B1", POST_PROCESSING), ("B2", POST_PROCESSING)]
    assert [item.missing for item in result] == ["section", "section", "", ""]
    assert [item.number for item in result] == [1, 2, 3, 4]


def test_equal_charts_are_matched_from_the_end() -> None:
    page = [chart("T", (1,)), chart("U", (2,)), chart("T", (3,)), chart("U", (4,))]
    result = merge([json_chart("T", ARRAY), json_chart("U", ARRAY)], page)
    assert titles_and_sources(result) == [("T", PAGE), ("U", PAGE), ("T", BOTH), ("U", BOTH)]
    assert [item.chart.figure.traces[0]["y"] for item in result] == [[1], [2], [3], [4]]


def test_repeated_titles_in_a_bundle_keep_their_positions() -> None:
    page = [chart("T", (1,)), chart("T", (2,)), chart("T", (3,))]
    result = merge([json_chart("T", ARRAY, section="first"), json_chart("T", ARRAY, section="second")], page)
    assert [(item.chart.section, item.chart.figure.traces[0]["y"]) for item in result] == [
        (None, [1]),
        ("first", [2]),
        ("second", [3]),
    ]


def test_charts_with_equal_titles_and_other_series_differ() -> None:
    result = merge([json_chart("T", name="a")], [chart("T", name="b")])
    assert sorted(source for _, source in titles_and_sources(result)) == [POST_PROCESSING, PAGE]


def test_chart_of_one_source_keeps_its_position() -> None:
    result = merge(
        [json_chart("A"), json_chart("only JSON"), json_chart("C")], [chart("A"), chart("C"), chart("only page")]
    )
    assert titles_and_sources(result) == [
        ("A", POST_PROCESSING),
        ("only JSON", POST_PROCESSING),
        ("C", POST_PROCESSING),
        ("only page", PAGE),
    ]


def test_disciplines_are_merged_separately() -> None:
    page = [chart("T", (1,), discipline="B"), chart("T", (2,), discipline="A")]
    json_charts = [
        json_chart("T", discipline="C"),
        json_chart("T", ARRAY, discipline="A"),
        json_chart("T", ARRAY, discipline="B"),
    ]
    result = merge(json_charts, page)
    assert [(item.number, item.chart.discipline, item.source) for item in result] == [
        (1, "B", BOTH),
        (2, "A", BOTH),
        (3, "C", POST_PROCESSING),
    ]
    assert [item.chart.figure.traces[0]["y"] for item in result] == [[1], [2], [1]]


@pytest.mark.parametrize("empty_side", ["json", "page"])
def test_empty_source_leaves_the_other(empty_side: str) -> None:
    charts = [json_chart("A"), json_chart("B", discipline="E"), json_chart("C")]
    result = merge([], charts) if empty_side == "json" else merge(charts, [])
    assert [item.chart.title for item in result] == ["A", "C", "B"]
    assert {item.source for item in result} == {PAGE if empty_side == "json" else POST_PROCESSING}


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), min_size=1, max_size=3))
def test_last_bundle_is_always_found(bundles: list[list[str]]) -> None:
    page = [chart(title, (number,)) for number, title in enumerate(title for bundle in bundles for title in bundle)]
    result = merge([json_chart(title, ARRAY) for title in bundles[-1]], page)
    assert [item.chart.figure.traces[0]["y"] for item in result] == [[number] for number in range(len(page))]
    hidden = len(page) - len(bundles[-1])
    assert [item.source for item in result] == [PAGE] * hidden + [BOTH] * len(bundles[-1])


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abcd"), max_size=6))
def test_no_chart_is_dropped(left: list[str], right: list[str]) -> None:
    json_charts = [json_chart(title, section=f"{at}") for at, title in enumerate(left)]
    page = [chart(title, (at,)) for at, title in enumerate(right)]
    result = merge(json_charts, page)
    from_json = [item.chart for item in result if item.source == POST_PROCESSING]
    assert from_json == json_charts
    assert all(title in [item.chart.title for item in result] for title in right)
    assert max(len(left), len(right)) <= len(result) <= len(left) + len(right)
    of_page = [item.chart for item in result if item.source == PAGE]
    assert of_page == [item for item in page if item in of_page]
    assert [item.number for item in result] == list(range(1, len(result) + 1))


def test_document_contains_all_fields() -> None:
    numbered = NumberedChart(
        3, Chart("D", Figure([{"y": [1]}], {"title": "<b>T</b>"}), None, None, ("x,y", "1,1")), PAGE
    )
    assert json.loads(json.dumps(numbered.document())) == {
        "discipline": "D",
        "title": "T",
        "section": None,
        "key": None,
        "source": "page",
        "missing": "section",
        "data": [{"y": [1]}],
        "layout": {"title": "<b>T</b>"},
        "csv_data": ["x,y", "1,1"],
    }
    assert NumberedChart(1, json_chart("T"), PAGE).document()["csv_data"] is None


def test_layout_is_that_of_the_json() -> None:
    told_chart = Chart("D", Figure([{"type": "scatter", "y": "://ndarray"}], {"title": {"text": "t"}, "width": 5}), "S")
    page_chart = Chart("D", Figure([{"type": "scatter", "y": [1]}], {"title": {"text": "t"}, "width": 6}))
    [result] = merged([told_chart], POST_PROCESSING, [page_chart])
    assert (result.chart.figure.layout["width"], result.chart.figure.traces[0]["y"]) == (5, [1])
