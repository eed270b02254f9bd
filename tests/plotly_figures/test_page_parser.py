"""Charts on the HTML page of the server, here of the stub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow

from server_stub import charts as drawing
from server_stub.model import Bundle
from server_stub.pages import page
from server_stub.values import encode
from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.plotly_figures.page_parser import charts_of_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User

    from sostrades_cli.plotly_figures.chart import Chart

ROUTE = "/api/v0/post-processing/21/html"
SIZES = (1, 7, 100, 4096, 10**7)
HOSTILE = (
    "Plotly.newPlot(",
    "</script>",
    "<h3>",
    "</h3>",
    "<!-- <script>",
    '"quoted" \\" and \\\\ back',
    "naïve ☃ \u2028",
    "});",
    "<h3>Plotly.newPlot( </script>",
)


def cut(text: str, size: int) -> Iterator[bytes]:
    """Cut a page into chunks of a size."""
    body = text.encode()
    return (body[start : start + size] for start in range(0, len(body), size))


def read(text: str, size: int = 10**7) -> list[Chart]:
    """Parse a page."""
    return list(charts_of_page(cut(text, size)))


def figures(charts: list[Chart]) -> list[str]:
    """Return disciplines, traces and layouts as JSON, in which 1 and 1.0 differ."""
    return [json.dumps([item.discipline, item.figure.traces, item.figure.layout]) for item in charts]


def stub_page(user: User, charts: dict[str, list[Any]]) -> str:
    """Return the stub's page of charts by node."""
    drawn = {node: [Bundle("bundle", tuple(listed))] for node, listed in charts.items()}
    return page(user.world.find(21), drawn)


def named(name: str) -> Any:
    """Draw a chart with a text in every possible place."""
    return drawing.lines(name, (name, [1, 2]), (name, {name: [3.5, 4.5]}))


def call(arguments: str) -> str:
    """Return a page with one call of plotly."""
    return f"<h1>Study case x (id: 21)</h1><h3>x.D</h3><script>  Plotly.newPlot(  {arguments} )</script></body></html>"


@pytest.mark.parametrize("size", SIZES)
def test_page_is_read_completely(user: User, size: int) -> None:
    text = user.types("api", "GET", ROUTE).out
    expected = [
        json.dumps([f"dice.{node}", encode(chart["data"], placeholders=False), chart["layout"]])
        for node, bundles in user.world.find(21).charts().items()
        for bundle in bundles
        for chart in bundle.charts
    ]
    assert len(expected) == 10
    assert figures(read(text, size)) == expected


def test_page_has_no_sections_and_key_charts(user: User) -> None:
    result = read(user.types("api", "GET", ROUTE).out)
    assert {(item.section, item.is_key, item.csv) for item in result} == {(None, None, ())}


def test_charts_of_a_page_have_numbers(user: User) -> None:
    result = read(user.types("api", "GET", ROUTE).out)
    assert not any(item.figure.lacks_numbers for item in result)
    [numpy] = [item for item in result if item.title == "Native on numpy"]
    [series] = numpy.series()
    lost = user.world.find(21).value_to_download("dice.Damage.by_year")
    assert (list(series.columns["x"]), series.columns["y"]) == (list(range(2020, 2031)), lost.data)


def test_template_is_dropped(user: User) -> None:
    text = user.types("api", "GET", ROUTE).out
    assert text.count('"template":') == 10
    assert not any("template" in item.figure.layout for item in read(text))
    [chart] = read(call('"i", [{"template": 5}], {"template": {}, "title": "t", "barmode": "stack"}, {}'))
    assert (chart.figure.traces, chart.figure.layout) == ([{"template": 5}], {"title": "t", "barmode": "stack"})


@pytest.mark.parametrize("size", SIZES)
def test_texts_may_contain_anything(user: User, size: int) -> None:
    charts = [named(text) for text in HOSTILE]
    text = stub_page(user, {"A": charts, "B": [named("after")]})
    assert figures(read(text, size)) == [
        *(json.dumps(["dice.A", chart["data"], chart["layout"]]) for chart in charts),
        json.dumps(["dice.B", named("after")["data"], named("after")["layout"]]),
    ]


@pytest.mark.parametrize("size", mostly_slow(SIZES, 3))
@pytest.mark.parametrize(
    "node",
    [
        "Énergie & <b>wind</b> ☃",
        'a "quoted" name',
        "</h3><script>Plotly.newPlot(",
        "&lt;h3&gt;",
        "Plotly.newPlot(",
        "it's &amp; &",
    ],
)
def test_heading_may_contain_anything(user: User, node: str, size: int) -> None:
    text = stub_page(user, {"A": [named("1")], node: [named("2"), named("3")], "Z": [named("4")]})
    assert [(item.discipline, item.title) for item in read(text, size)] == [
        ("dice.A", "1"),
        (f"dice.{node}", "2"),
        (f"dice.{node}", "3"),
        ("dice.Z", "4"),
    ]


def test_study_name_may_contain_anything(user: User) -> None:
    user.world.find(21).name = "Plotly.newPlot( & <h3>"
    assert [item.title for item in read(stub_page(user, {"A": [named("1")]}))] == ["1"]


@pytest.mark.parametrize("size", SIZES)
def test_page_without_charts_is_empty(user: User, size: int) -> None:
    assert read(stub_page(user, {}), size) == []
    assert read("", size) == []
    assert read("<html><body><h3>News</h3><p>Please log in</p></body></html>", size) == []


def test_charts_are_yielded_before_the_end_of_the_page(user: User) -> None:
    recorded: list[str] = []
    parts = stub_page(user, {"A": [named("1"), named("2")]}).partition('"responsive":true}')

    def pieces() -> Iterator[bytes]:
        for piece in (parts[0], parts[1], *cut(parts[2], 2000)):
            text = piece if isinstance(piece, str) else piece.decode()
            recorded.append(text)
            yield text.encode()

    result = charts_of_page(pieces())
    assert (next(result).title, len(recorded)) == ("1", 3)
    assert [item.title for item in result] == ["2"]
    assert len(recorded) > 4


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '"i"',
        '"i", [{}]',
        '"i", [{}], ',
        '"i", [{"x": [1, }], {}, {}',
        "'i', [], {}",
        "document.body, [], {}",
        '"i", data, layout',
        '"i", [{"x": [1, undefined]}], {}',
        '"i", [], {"title": "never ends}',
    ],
)
def test_arguments_that_are_not_json_are_an_unusable_answer(arguments: str, size: int) -> None:
    with pytest.raises(UnusableAnswer):
        read(call(arguments), size)


def test_blanks_between_arguments_do_not_matter() -> None:
    for arguments in (
        '"i",[{"x":[1]}],{"title":"t"}',
        '"i" ,\n [{"x": [1]}]\t,  {"title": "t"},  {"responsive": true}',
    ):
        [chart] = read(call(arguments))
        assert (chart.discipline, chart.figure.traces, chart.title) == ("x.D", [{"x": [1]}], "t")


def test_nan_and_inf_are_null() -> None:
    [chart] = read(call('"i", [{"y": [NaN, 1.5, Infinity, -Infinity, null, -2]}], {"height": NaN}'))
    assert chart.figure.traces == [{"y": [None, 1.5, None, None, None, -2]}]
    assert chart.figure.layout == {"height": None}


def test_typed_arrays_are_numbers() -> None:
    [chart] = read(call('"i", [{"x": {"dtype": "i1", "bdata": "AQID"}, "y": [4, 5, 6]}], {}'))
    assert chart.series()[0].columns == {"x": [1, 2, 3], "y": [4, 5, 6]}
    [broken] = read(call('"i", [{"x": {"dtype": "f8", "bdata": "AQID"}, "y": [1]}], {}'))
    assert broken.series()[0].columns == {"x": [], "y": [1]}


@pytest.mark.parametrize("arguments", ['"i", null, null', '"i", {}, []', '"i", [5], "layout"'])
def test_invalid_figure_is_an_empty_chart(arguments: str) -> None:
    [chart] = read(call(arguments))
    assert (chart.figure.traces, chart.figure.layout) == ([], {})
