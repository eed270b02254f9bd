"""Study 27 shows every kind of chart, study 32 as many charts as WITNESS has."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

CALL = re.compile(r"Plotly\.newPlot\(\s+")
BETWEEN = re.compile(r"[\s,]*")
HEADING = re.compile(r"<h3>gallery\.(.*?)</h3>")
# Discipline, title and trace types in the order of the answer.
LISTED = [
    ("Economy", "Capital", ["scatter"] * 2),
    ("Economy", "Price by day", ["scatter"]),
    ("Economy", "Output of twelve regions", ["scatter"] * 12),
    ("Economy", "Output by sector", ["bar"] * 3),
    ("Economy", "Jobs by region", ["bar"] * 2),
    ("Economy", "Output and growth", ["bar", "scatter"]),
    ("Economy", "People and schools", ["table"]),
    ("Economy", "Investment", ["scatter"]),
    ("Economy", "Investment", ["bar"]),
    ("Economy", "Debt", ["scatter"]),
    ("Economy", "Spent on fuels", ["scatter"] * 2),
    ("Economy", None, ["scatter"]),
    ("Energy", "Power", ["scatter"] * 2),
    ("Energy", "CO<sub>2</sub> found", ["scatter"] * 2),
    ("Energy", "Energy mix", ["pie"]),
    ("Energy", "Steps without x", ["scatter"]),
    ("Energy", "Flows of energy", ["sankey"]),
    ("Energy", "Use of energy", ["sunburst"]),
    ("Energy", "Usable energy [%]", ["indicator"]),
    ("World", "Sites", ["scattermap"]),
    ("World", "Emissions by country", ["choropleth"]),
    ("World", "Rain by month", ["heatmap"]),
    ("World", "Scenarios", ["parcoords"]),
]


def in_json(api: "Api", study: int = 27) -> dict[str, list[Any]]:
    """Return the charts of the JSON route by discipline."""
    charts = api.get(f"/post-processing/{study}").get_json()
    return {name.partition(".")[2]: drawn for name, drawn in charts.items()}


def on_page(text: str) -> dict[str, list[tuple[Any, Any]]]:
    """Return traces and layout of every figure of a page by discipline."""
    decoder = json.JSONDecoder()
    result = {}
    for name, part in zip(HEADING.findall(text), HEADING.split(text)[2::2], strict=True):
        figures = []
        for call in CALL.finditer(part):
            _, end = decoder.raw_decode(part, call.end())
            traces, end = decoder.raw_decode(part, after(part, end))
            layout, _ = decoder.raw_decode(part, after(part, end))
            del layout["template"]
            figures.append((traces, layout))
        result[name] = figures
    return result


def after(text: str, end: int) -> int:
    """Skip a comma and blanks."""
    between = BETWEEN.match(text, end)
    assert between is not None
    return between.end()


def title(chart: Any) -> str | None:
    """Return the title of a chart without tags."""
    if "title" not in chart["layout"]:
        return None
    return str(chart["layout"]["title"]["text"]).removeprefix("<b>").removesuffix("</b>")


def called(api: "Api", name: str | None) -> Any:
    """Return the last chart with a title."""
    return [chart for charts in in_json(api).values() for chart in charts if title(chart) == name][-1]


def test_gallery_has_every_kind_of_chart(api: "Api") -> None:
    charts = in_json(api)
    assert charts.pop("") == []
    listed = [
        (name, title(chart), [trace["type"] for trace in chart["data"]])
        for name, drawn in charts.items()
        for chart in drawn
    ]
    assert listed == LISTED


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("Capital", ("layout", "yaxis", "type"), "log"),
        ("Capital", ("layout", "yaxis", "title", "text"), "capital [G$]"),
        ("Price by day", ("data", 0, "x", 2), "2026-02-01"),
        ("Output by sector", ("layout", "barmode"), "stack"),
        ("Jobs by region", ("data", 0, "orientation"), "h"),
        ("Jobs by region", ("data", 0, "y"), ["Africa", "Asia", "Europe"]),
        ("Output and growth", ("data", 1, "yaxis"), "y2"),
        ("Debt", ("layout", "showlegend"), False),
        ("Debt", ("data", 0, "name"), ""),
        ("Power", ("data", 0, "fill"), "tozeroy"),
        ("CO<sub>2</sub> found", ("data", 0, "mode"), "markers"),
        ("Energy mix", ("data", 0, "hole"), 0.4),
        ("Sites", ("data", 0, "lat", 0), 48.8566),
        ("Emissions by country", ("data", 0, "locations", 0), "FRA"),
        ("Usable energy [%]", ("data", 0, "mode"), "gauge+number"),
    ],
)
def test_gallery_has_the_fields_of_every_kind(api: "Api", name: str, path: tuple[str | int, ...], value: Any) -> None:
    result = called(api, name)
    for step in path:
        result = result[step]
    assert result == value


def test_trace_may_lack_x(api: "Api") -> None:
    assert "x" not in called(api, "Steps without x")["data"][0]


def test_csv_is_lines_a_number_null_or_missing(api: "Api") -> None:
    every = [chart for drawn in in_json(api).values() for chart in drawn]
    kinds = {
        kind: {
            chart["data"][0]["type"] for chart in every if ("csv_data" in chart, type(chart.get("csv_data"))) == kind
        }
        for kind in ((True, list), (True, float), (True, type(None)), (False, type(None)))
    }
    assert kinds == {
        (True, list): {"scatter", "bar", "table", "pie"},
        (True, float): {"indicator"},
        (True, type(None)): {"scatter", "sankey", "sunburst", "heatmap", "parcoords"},
        (False, type(None)): {"scattermap", "choropleth"},
    }


def test_comma_in_a_name_breaks_the_csv(api: "Api") -> None:
    header, first, *_ = called(api, "Spent on fuels")["csv_data"]
    assert (header.count(","), first.count(",")) == (5, 3)


def test_charts_have_sections(api: "Api") -> None:
    for name, drawn in in_json(api).items():
        if name:
            assert any(chart["post_processing_is_key_chart"] for chart in drawn)
    every = [chart for drawn in in_json(api).values() for chart in drawn]
    assert {chart["post_processing_section_name"] for chart in every} == {
        "",
        "Key charts",
        "Maps",
        "Money",
        "People",
        "Power",
    }
    assert {chart["post_processing_section_is_opened"] for chart in every} == {True, False}


def test_json_page_and_read_only_file_have_the_same_charts(api: "Api") -> None:
    bundles = api.get("/study-case/27/read-only-mode").get_json()["post_processings"]
    page = on_page(api.get("/post-processing/27/html").text)
    assert {name: len(bundle) for name, bundle in bundles.items() if bundle} == {
        "gallery.Economy": 2,
        "gallery.Energy": 1,
        "gallery.World": 1,
    }
    for name, drawn in in_json(api).items():
        result = bundles[f"gallery.{name}" if name else "gallery"]
        assert drawn == (result[-1]["post_processings"] if result else [])
        written = [
            (processing["data"], processing["layout"]) for bundle in result for processing in bundle["post_processings"]
        ]
        assert page.get(name, []) == written


def test_first_bundle_is_missing_in_the_json(api: "Api") -> None:
    titles = [layout["title"]["text"] for _, layout in on_page(api.get("/post-processing/27/html").text)["Economy"][:2]]
    assert titles == ["<b>Hidden markets</b>", "<b>Output by sector</b>"]
    assert "Hidden markets" not in api.get("/post-processing/27").text
    assert "first bundle" not in api.get("/post-processing/27").text


def test_run_of_the_gallery_changes_the_gauge(api: "Api") -> None:
    api.load(27)
    before = in_json(api)
    api.set(27, gallery__Energy__efficiency=50.0)
    api.post("/calculation/execute/27")
    api.clock.advance(60.0)
    assert api.status(27) == "FINISHED"
    dial = called(api, "Usable energy [%]")
    assert (dial["data"][0]["value"], dial["csv_data"]) == (30.0, 30.0)
    after_run = in_json(api)
    changed = [
        title(new)
        for name, drawn in before.items()
        for old, new in zip(drawn, after_run[name], strict=True)
        if old != new
    ]
    assert changed == ["Usable energy [%]"]


def test_copy_of_the_gallery_has_no_charts(api: "Api") -> None:
    new = api.post("/study-case/27/copy", {"new_study_name": "other"}).get_json()
    assert in_json(api, new) == {"": [], "Economy": [], "Energy": [], "World": []}


def test_gallery_has_few_parameters(api: "Api") -> None:
    own = {name: entry["type"] for name, entry in api.load(27).items() if name.startswith("gallery.Energy.")}
    assert own.items() >= {"gallery.Energy.efficiency": "float", "gallery.Energy.shares": "dataframe"}.items()
    assert api.download(27, "gallery.Energy.shares") == "source,share\nwind & sun,36.0\nwater,24.0\ncoal,40.0\n"
    assert api.download(27, "gallery.Energy.usable") == "value\n37.5\n"


@pytest.mark.slow
def test_study_32_has_as_many_charts_as_witness(build: "Build") -> None:
    api = build("witness")
    answer = api.get("/post-processing/32")
    every = [chart for drawn in answer.get_json().values() for chart in drawn]
    assert len(every) == 1407
    assert sum(chart["post_processing_is_key_chart"] for chart in every) == 382
    assert 18e6 < len(answer.data) < 20e6
    loaded = api.load(32)
    assert len(loaded) == 2241
    assert sum(entry["value"] == "://dataframe" for entry in loaded.values()) == 490
    assert len(api.get("/calculation/status/32").get_json()["disciplines_status"]) == 86
