"""Figures that need no internet: no maps, only embedded images, valid texts."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.self_contained import NO_MAP, self_contained

quickly = settings(deadline=None, derandomize=True, max_examples=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=400)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
PLACES = {"lat": [48.9, -1.5], "lon": [2.4, -48.5]}
PIXEL = f"data:image/png;base64,{'iVBORw0KGgo' * 100}"


def kept(trace: dict[str, Any], **layout: Any) -> dict[str, Any]:
    """Return a trace after the conversion."""
    [result] = self_contained(Figure([trace], layout))[0].traces
    return result


def layout_of(**layout: Any) -> dict[str, Any]:
    """Return a layout after the conversion."""
    return self_contained(Figure([], layout))[0].layout


def texts(value: Any) -> list[str]:
    """Return every text in a value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


# Maps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["scattermap", "scattermapbox", "scattergeo", "densitymap", "densitymapbox"])
def test_points_of_a_map_become_points(kind: str) -> None:
    given = {"type": kind, **PLACES, "name": "sites", "text": ["Paris", "Belém"], "subplot": "map2"}
    result = kept({**given, "marker": {"size": 12, "symbol": "bus"}})
    expected = {"type": "scatter", "x": PLACES["lon"], "y": PLACES["lat"], "marker": {"size": 12}, "mode": "markers"}
    assert result == {**expected, "name": "sites", "text": ["Paris", "Belém"]}


def test_density_of_a_map_becomes_colours() -> None:
    assert kept({"type": "densitymap", **PLACES, "z": [1.5, 2]})["marker"] == {"color": [1.5, 2]}


@pytest.mark.parametrize("kind", ["choropleth", "choroplethmap", "choroplethmapbox"])
def test_values_of_countries_become_bars(kind: str) -> None:
    trace = {"type": kind, "locations": ["FRA", "FJI"], "z": [4.6, None], "geojson": "https://example.org/x.json"}
    assert kept(trace) == {"type": "bar", "x": ["FRA", "FJI"], "y": [4.6, None]}


@pytest.mark.parametrize("name", ["geo", "geo2", "map", "map12", "mapbox"])
def test_map_is_removed_with_a_note(name: str) -> None:
    around = {name: {"style": "https://example.org/style"}, "xaxis": {"visible": False}, "title": {"text": "t"}}
    result, lost = self_contained(Figure([{"type": "scattermap", **PLACES}], around))
    assert lost == NO_MAP
    assert (name in result.layout, result.layout["title"]) == (False, {"text": "t"})
    assert all(result.layout[axis] == {"automargin": True} for axis in ("xaxis", "yaxis"))


@pytest.mark.parametrize(
    "trace",
    [
        {"type": "scatter", "x": [1], "y": [2.5], "mode": "lines"},
        {"type": "bar", "x": ["a"], "y": [None]},
        {"type": "pie", "labels": ["a"], "values": [1]},
        {"type": "heatmap", "z": [[1, None], [2.5, 3]]},
        {"type": "maps of the future"},
        {"type": ["scattermap"]},
        {},
    ],
)
def test_trace_without_a_map_is_unchanged(trace: dict[str, Any]) -> None:
    layout = {"title": {"text": "t"}, "xaxis": {"type": "log"}, "annotations": [{"text": "a"}], "mapped": 1}
    before = copy.deepcopy((trace, layout))
    result, lost = self_contained(Figure([trace], layout))
    assert (result.traces, lost) == ([trace], None)
    assert result.layout == {**layout, "images": []}
    assert (trace, layout) == before


# Pictures and titles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["https://example.org/x.png", "//example.org/x", "file:///etc/passwd", "x.png", 5, None]
)
def test_external_image_is_removed(source: Any) -> None:
    assert layout_of(images=[{"source": source}, "x", {"source": "data:,"}]) == {"images": [{"source": "data:,"}]}


def test_embedded_image_is_unchanged() -> None:
    assert layout_of(images=[{"source": PIXEL}]) == {"images": [{"source": PIXEL}]}
    assert kept({"type": "image", "source": PIXEL}) == {"type": "image", "source": PIXEL}


@pytest.mark.parametrize("images", [None, {}, "x", 5])
def test_invalid_images_are_removed(images: Any) -> None:
    assert layout_of(images=images) == {"images": []}


def test_titles_are_objects() -> None:
    result = layout_of(title="t", xaxis={"title": "x"}, yaxis2={"title": {"text": "y"}}, yaxis={"type": "log"})
    assert (result["title"], result["xaxis"], result["yaxis2"]) == (
        {"text": "t"},
        *({"title": {"text": n}} for n in "xy"),
    )
    assert result["yaxis"] == {"type": "log"}


def test_invalid_axis_is_removed() -> None:
    assert layout_of(xaxis="x", yaxis=None) == {"images": []}


# Texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x9f", "\ud800", "\ufffe"])
def test_invalid_characters_are_replaced(character: str) -> None:
    result = kept({"type": "scatter", "name": f"a{character}b", f"k{character}": [{"x": [character]}]})
    assert result == {"type": "scatter", "name": "a\ufffdb", "k\ufffd": [{"x": ["\ufffd"]}]}


@pytest.mark.parametrize("text", ["a\tb\nc\rd", "é ☃ 😀 \u202e", "<script>&\"'", "x" * 300])
def test_other_texts_are_unchanged(text: str) -> None:
    assert kept({"name": text})["name"] == text


def test_very_long_title_is_cut() -> None:
    assert layout_of(title={"text": "x" * 10_000})["title"] == {"text": f"{'x' * 300}…"}


def test_long_names_stay_distinct() -> None:
    places = [f"{'x' * 400}{number}" for number in range(3)]
    assert len(set(kept({"type": "bar", "x": places, "y": [1, 2, 3]})["x"])) == 3


@quickly
@given(st.dictionaries(st.text(max_size=4), anything, max_size=3), st.dictionaries(st.text(max_size=4), anything))
def test_any_figure_becomes_valid_json(trace: dict[str, Any], layout: dict[str, Any]) -> None:
    result, _ = self_contained(Figure([trace, trace], layout))
    assert len(result.traces) == 2
    assert self_contained(result)[0] == result
    json.dumps([result.traces, result.layout], ensure_ascii=False, allow_nan=False).encode()
    assert not any(character in text for text in texts([result.traces, result.layout]) for character in "\x00\x1b")
