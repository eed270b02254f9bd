"""Two figures on the same axes: which can be, and how their traces are told apart."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.overlay import can_overlay, overlaid

NAMES = ("dice 21", "dicetwo 28")
HOSTILE = ("", "</script>", "\x00", "x" * 10_000, "dice 21", "<b>")


def figure(*traces: dict[str, Any], **layout: Any) -> Figure:
    """Return a figure."""
    return Figure.from_api(list(traces), layout)


def trace(name: str | None = "s", kind: str = "scatter", **fields: Any) -> dict[str, Any]:
    """Return a trace."""
    named = {} if name is None else {"name": name}
    return {"type": kind, **named, "x": [1, 2], "y": [3.0, None], **fields}


def told(found: Figure, name: str) -> list[Any]:
    """Return a field of each trace."""
    return [one.get(name) for one in found.traces]


def colors(found: Figure) -> list[str]:
    """Return the colour of each trace."""
    return [one["marker"]["color"] for one in found.traces]


@pytest.mark.parametrize(
    ("one", "fits"),
    [
        (trace(), True),
        (trace(mode="markers"), True),
        (trace(stackgroup="one"), True),
        (trace(fill="tozeroy"), True),
        (trace(kind="bar"), True),
        (trace(kind="scattergl"), True),
        (trace(None, None), True),
        ({"type": "pie", "labels": ["a"], "values": [1]}, False),
        ({"type": "table", "header": {"values": ["a"]}, "cells": {"values": [[1]]}}, False),
        ({"type": "heatmap", "z": [[1]]}, False),
        ({"type": "sankey"}, False),
        ({"type": "scattermap", "lat": [1], "lon": [1]}, False),
        ({"type": "indicator", "value": 1}, False),
        ({"type": "of the future"}, False),
    ],
)
def test_what_has_axes_can_share_them(one: dict[str, Any], fits: bool) -> None:
    """Lines, areas, points and bars can be on the same axes; one trace of another kind, on any side, is too many."""
    assert can_overlay(figure(one), figure(trace())) is fits
    assert can_overlay(figure(trace()), figure(trace(), one)) is fits


def test_stacked_bars_can_be_overlaid() -> None:
    """Bars on top of each other have axes, too."""
    assert can_overlay(figure(trace(kind="bar"), barmode="stack"), figure(trace(kind="bar"), barmode="relative"))


def test_both_sides_are_there_with_all_their_numbers() -> None:
    """Every trace of both is there with the numbers that it had, those of A first."""
    a, b = figure(trace("p"), trace("q")), figure(trace("q", x=[5], y=[6]), trace("r"))
    found = overlaid(a, b, NAMES)
    assert [(one["x"], one["y"]) for one in found.traces] == [(one["x"], one["y"]) for one in [*a.traces, *b.traces]]
    assert told(found, "name") == [f"p · {NAMES[0]}", f"q · {NAMES[0]}", f"q · {NAMES[1]}", f"r · {NAMES[1]}"]


def test_the_same_series_has_the_same_colour() -> None:
    """A series has one colour on both sides, whatever its place, and others have others."""
    first, second, third, fourth, fifth = colors(
        overlaid(figure(trace("p"), trace("<b>q</b>")), figure(trace("q"), trace("p"), trace("r")), NAMES)
    )
    assert (first, second) == (fourth, third)
    assert len({first, second, fifth}) == 3


@pytest.mark.parametrize("kind", ["scatter", "bar"])
def test_more_series_than_colours_are_no_trouble(kind: str) -> None:
    """Colours come again where there are more series than colours, and sides still agree."""
    many = figure(*(trace(f"s{number}", kind) for number in range(40)))
    found = colors(overlaid(many, many, NAMES))
    assert found[:40] == found[40:]


def test_lines_of_b_are_dashed_and_bars_hatched() -> None:
    """A is solid, B is dashed or hatched, and points have another sign."""
    both = figure(trace("line"), trace("bar", "bar"), trace("points", mode="markers"))
    solid, plain, dots, dashed, hatched, crosses = overlaid(both, both, NAMES).traces
    assert (solid["line"]["dash"], dashed["line"]["dash"]) == ("solid", "dash")
    assert (plain["marker"]["pattern"]["shape"], hatched["marker"]["pattern"]["shape"]) == ("", "/")
    assert dots["marker"]["symbol"] != crosses["marker"]["symbol"]
    assert not {"line", "pattern"} & {*plain, *hatched}


def test_each_side_is_stacked_on_its_own() -> None:
    """Areas and bars on top of each other are stacked by side: B does not stand on A."""
    areas = figure(trace("p", stackgroup="one"), trace("q", stackgroup="one"))
    groups = told(overlaid(areas, areas, NAMES), "stackgroup")
    assert (groups[0], groups[2]) == (groups[1], groups[3])
    assert groups[0] != groups[2]
    bars = figure(trace("p", "bar"), trace("q", "bar"), barmode="stack")
    groups = told(overlaid(bars, bars, NAMES), "offsetgroup")
    assert (groups[0], groups[2]) == (groups[1], groups[3])
    assert groups[0] != groups[2]


@pytest.mark.parametrize("layout", [{}, {"barmode": "group"}])
def test_bars_side_by_side_stay_side_by_side(layout: dict[str, Any]) -> None:
    """Plotly draws bars of one offset group over each other: side by side none shares its group with another."""
    bars = figure(trace("p", "bar"), trace("q", "bar"), **layout)
    assert len(set(told(overlaid(bars, bars, NAMES), "offsetgroup"))) == 4


def test_the_layout_is_that_of_a_with_a_legend() -> None:
    """Title and axes are those of A, and the legend is shown, since it tells the sides apart."""
    a, b = figure(trace(), title={"text": "A"}, showlegend=False, width=5), figure(trace(), title={"text": "B"})
    assert overlaid(a, b, NAMES).layout == {"title": {"text": "A"}, "showlegend": True, "width": 5}


def test_a_second_axis_stays_the_second() -> None:
    """A trace against the right axis is still against it."""
    found = overlaid(figure(trace(yaxis="y2")), figure(trace(yaxis="y2")), NAMES)
    assert told(found, "yaxis") == ["y2", "y2"]


@pytest.mark.parametrize("name", [None, "", 5, ["x"], {"a": 1}])
def test_series_without_names_are_paired_by_their_place(name: Any) -> None:
    """A series without a name is called by its place, the same on both sides."""
    found = overlaid(
        figure(trace(), {**trace(None), "name": name}), figure(trace(), {**trace(None), "name": name}), NAMES
    )
    assert told(found, "name")[1::2] == [f"series 2 · {name}" for name in NAMES]
    assert colors(found)[1] == colors(found)[3]


def test_what_was_given_is_not_changed() -> None:
    """The figures that were given are as they were."""
    a, b = figure(trace(marker={"size": 5}), showlegend=False), figure(trace("p", "bar"))
    before = copy.deepcopy((a, b))
    overlaid(a, b, NAMES)
    assert (a, b) == before


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_texts(name: str) -> None:
    """Whatever a study is called, its traces are there; empty figures give an empty one."""
    assert len(overlaid(figure(trace(name)), figure(trace(name)), (name, name)).traces) == 2
    assert overlaid(figure(), figure(), (name, name)).traces == []
