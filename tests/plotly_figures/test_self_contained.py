"""Figures that need nothing from the internet: maps without maps, pictures only within, texts that a page can hold."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.self_contained import NO_MAP, self_contained

quickly = settings(deadline=None, derandomize=True, max_examples=80)
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
    """Return what becomes of a trace."""
    [found] = self_contained(Figure([trace], layout))[0].traces
    return found


def layout_of(**layout: Any) -> dict[str, Any]:
    """Return what becomes of a layout."""
    return self_contained(Figure([], layout))[0].layout


def texts(value: Any) -> list[str]:
    """Return every text within."""
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


# Maps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["scattermap", "scattermapbox", "scattergeo", "densitymap", "densitymapbox"])
def test_places_become_points(kind: str) -> None:
    """Places of a map are points by longitude and latitude, with name, texts and size but without a map's signs."""
    given = {"type": kind, **PLACES, "name": "sites", "text": ["Paris", "Belém"], "subplot": "map2"}
    found = kept({**given, "marker": {"size": 12, "symbol": "bus"}})
    wanted = {"type": "scatter", "x": PLACES["lon"], "y": PLACES["lat"], "marker": {"size": 12}, "mode": "markers"}
    assert found == {**wanted, "name": "sites", "text": ["Paris", "Belém"]}


def test_numbers_of_places_become_colours() -> None:
    """What a map shows by density is the colour of the points."""
    assert kept({"type": "densitymap", **PLACES, "z": [1.5, 2]})["marker"] == {"color": [1.5, 2]}


@pytest.mark.parametrize("kind", ["choropleth", "choroplethmap", "choroplethmapbox"])
def test_shares_of_countries_become_bars(kind: str) -> None:
    """A country is a bar with its number; shapes from elsewhere are not asked for."""
    trace = {"type": kind, "locations": ["FRA", "FJI"], "z": [4.6, None], "geojson": "https://example.org/x.json"}
    assert kept(trace) == {"type": "bar", "x": ["FRA", "FJI"], "y": [4.6, None]}


@pytest.mark.parametrize("name", ["geo", "geo2", "map", "map12", "mapbox"])
def test_a_map_leaves_the_layout_and_that_is_said(name: str) -> None:
    """The map itself is left away, the axes are plain ones, and what was lost is said."""
    around = {name: {"style": "https://example.org/style"}, "xaxis": {"visible": False}, "title": {"text": "t"}}
    found, lost = self_contained(Figure([{"type": "scattermap", **PLACES}], around))
    assert lost == NO_MAP
    assert (name in found.layout, found.layout["title"]) == (False, {"text": "t"})
    assert all(found.layout[axis] == {"automargin": True} for axis in ("xaxis", "yaxis"))


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
def test_what_has_no_map_stays_as_it_is(trace: dict[str, Any]) -> None:
    """Any other trace is the same after as before, and nothing is said to be lost."""
    layout = {"title": {"text": "t"}, "xaxis": {"type": "log"}, "annotations": [{"text": "a"}], "mapped": 1}
    before = copy.deepcopy((trace, layout))
    found, lost = self_contained(Figure([trace], layout))
    assert (found.traces, lost) == ([trace], None)
    assert found.layout == {**layout, "images": []}
    assert (trace, layout) == before


# Pictures and titles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["https://example.org/x.png", "//example.org/x", "file:///etc/passwd", "x.png", 5, None]
)
def test_a_picture_from_elsewhere_is_left_away(source: Any) -> None:
    """No picture is fetched: only those within the figure stay."""
    assert layout_of(images=[{"source": source}, "x", {"source": "data:,"}]) == {"images": [{"source": "data:,"}]}


def test_a_picture_within_stays_whole() -> None:
    """A picture that is in the figure, in the layout or as a trace of type `image`, is not cut like a long text."""
    assert layout_of(images=[{"source": PIXEL}]) == {"images": [{"source": PIXEL}]}
    assert kept({"type": "image", "source": PIXEL}) == {"type": "image", "source": PIXEL}


@pytest.mark.parametrize("images", [None, {}, "x", 5])
def test_pictures_that_are_no_list_are_none(images: Any) -> None:
    """What is no list of pictures is left away."""
    assert layout_of(images=images) == {"images": []}


def test_titles_are_objects() -> None:
    """A title that is a text, as older servers write it, is an object with a text, of the figure and of its axes."""
    found = layout_of(title="t", xaxis={"title": "x"}, yaxis2={"title": {"text": "y"}}, yaxis={"type": "log"})
    assert (found["title"], found["xaxis"], found["yaxis2"]) == ({"text": "t"}, *({"title": {"text": n}} for n in "xy"))
    assert found["yaxis"] == {"type": "log"}


def test_a_broken_axis_is_left_away() -> None:
    """An axis that is no object is none."""
    assert layout_of(xaxis="x", yaxis=None) == {"images": []}


# Texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x9f", "\ud800", "\ufffe"])
def test_what_no_page_can_hold_is_replaced(character: str) -> None:
    """A character that neither HTML nor SVG has is one that can be seen, in values and in names."""
    found = kept({"type": "scatter", "name": f"a{character}b", f"k{character}": [{"x": [character]}]})
    assert found == {"type": "scatter", "name": "a\ufffdb", "k\ufffd": [{"x": ["\ufffd"]}]}


@pytest.mark.parametrize("text", ["a\tb\nc\rd", "é ☃ 😀 \u202e", "<script>&\"'", "x" * 300])
def test_any_other_text_stays(text: str) -> None:
    """Texts that a page can hold are as they were."""
    assert kept({"name": text})["name"] == text


def test_the_end_of_a_very_long_title_is_cut() -> None:
    """A title of ten thousand characters loses its end, and three dots say so."""
    assert layout_of(title={"text": "x" * 10_000})["title"] == {"text": f"{'x' * 300}…"}


def test_long_places_stay_different() -> None:
    """Names of places that differ only far behind are not made the same: bars would be added up."""
    places = [f"{'x' * 400}{number}" for number in range(3)]
    assert len(set(kept({"type": "bar", "x": places, "y": [1, 2, 3]})["x"])) == 3


@quickly
@given(st.dictionaries(st.text(max_size=4), anything, max_size=3), st.dictionaries(st.text(max_size=4), anything))
def test_anything_becomes_something_that_can_be_written(trace: dict[str, Any], layout: dict[str, Any]) -> None:
    """Whatever a server writes, the figure has as many traces, is JSON, and UTF-8; doing it twice changes nothing."""
    found, _ = self_contained(Figure([trace, trace], layout))
    assert len(found.traces) == 2
    assert self_contained(found)[0] == found
    json.dumps([found.traces, found.layout], ensure_ascii=False, allow_nan=False).encode()
    assert not any(character in text for text in texts([found.traces, found.layout]) for character in "\x00\x1b")
