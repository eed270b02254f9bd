"""Charts as post-processing gives them, on what a real server answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.api.charts import charts_from_api
from sostrades_cli.errors import UnusableAnswer

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
EXCHANGES = [json.loads(line) for line in (RECORDINGS / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()]
ANSWERS = {
    e["name"]: json.loads(e["response"]["body"])
    for e in EXCHANGES
    if "/post-processing/" in e["request"]["path"]
    and not e["request"]["path"].endswith("/html")
    and e["response"]["status"] == 200
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["layout", "title", "text"]), inner),
    max_leaves=12,
)


def titled(layout: Any) -> str:
    """Return the title that is read from a layout."""
    [chart] = charts_from_api({"dice.Macro": [{"data": [], "layout": layout}]})
    return chart.title


def test_there_are_recorded_answers() -> None:
    """The recordings hold charts, and answers without any."""
    assert any(chart for answer in ANSWERS.values() for chart in answer.values())
    assert any(not any(answer.values()) for answer in ANSWERS.values())


@pytest.mark.parametrize("name", ANSWERS)
def test_a_recorded_answer_is_read_whole(name: str) -> None:
    """Every chart of every discipline comes in the server's order, its figure untouched."""
    charts = charts_from_api(ANSWERS[name])
    assert [(chart.discipline, chart.payload) for chart in charts] == [
        (discipline, drawn) for discipline, listed in ANSWERS[name].items() for drawn in listed
    ]
    assert not any("<" in chart.title for chart in charts)


def test_an_answer_without_charts_is_no_error() -> None:
    """A study that never ran has no disciplines, or disciplines without charts."""
    assert charts_from_api({}) == []
    assert charts_from_api({"dice": [], "dice.Macro": []}) == []


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
    assert [chart.title for chart in charts_from_api({"dice.Macro": [{"data": []}]})] == [""]


def test_what_is_no_chart_is_none() -> None:
    """What stands among the charts and is no object is left out; the others are there."""
    charts = charts_from_api({"dice.Macro": [None, "x", 5, [], {"data": []}]})
    assert [chart.payload for chart in charts] == [{"data": []}]


@pytest.mark.parametrize("drawn", [None, {}, "charts", 5, True])
def test_a_discipline_without_a_list_is_no_answer(drawn: Any) -> None:
    """Where a list of charts is promised anything else is an answer that cannot be used."""
    with pytest.raises(UnusableAnswer, match="charts that are a JSON"):
        charts_from_api({"dice": [], "dice.Macro": drawn})


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.text(max_size=5), st.lists(json_values, max_size=4), max_size=3))
def test_any_lists_are_read(payload: dict[str, list[Any]]) -> None:
    """Whatever the charts look like, each object is a chart with a text for a title."""
    charts = charts_from_api(payload)
    assert [c.payload for c in charts] == [one for drawn in payload.values() for one in drawn if isinstance(one, dict)]
    assert all(isinstance(chart.title, str) for chart in charts)
