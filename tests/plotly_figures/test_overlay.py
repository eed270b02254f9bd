"""Overlay of two figures on the same axes."""

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


def fields(drawn: Figure, name: str) -> list[Any]:
    """Return a field of each trace."""
    return [item.get(name) for item in drawn.traces]


def colors(drawn: Figure) -> list[str]:
    """Return the colour of each trace."""
    return [item["marker"]["color"] for item in drawn.traces]


@pytest.mark.parametrize(
    ("drawn", "fits"),
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
def test_only_figures_with_axes_can_be_overlaid(drawn: dict[str, Any], fits: bool) -> None:
    assert can_overlay(figure(drawn), figure(trace())) is fits
    assert can_overlay(figure(trace()), figure(trace(), drawn)) is fits


def test_stacked_bars_can_be_overlaid() -> None:
    assert can_overlay(figure(trace(kind="bar"), barmode="stack"), figure(trace(kind="bar"), barmode="relative"))


def test_overlay_has_all_traces_of_both_sides() -> None:
    a, b = figure(trace("p"), trace("q")), figure(trace("q", x=[5], y=[6]), trace("r"))
    result = overlaid(a, b, NAMES)
    assert [(item["x"], item["y"]) for item in result.traces] == [
        (item["x"], item["y"]) for item in [*a.traces, *b.traces]
    ]
    assert fields(result, "name") == [f"p · {NAMES[0]}", f"q · {NAMES[0]}", f"q · {NAMES[1]}", f"r · {NAMES[1]}"]


def test_same_series_has_the_same_colour() -> None:
    first, second, third, fourth, fifth = colors(
        overlaid(figure(trace("p"), trace("<b>q</b>")), figure(trace("q"), trace("p"), trace("r")), NAMES)
    )
    assert (first, second) == (fourth, third)
    assert len({first, second, fifth}) == 3


@pytest.mark.parametrize("kind", ["scatter", "bar"])
def test_colours_repeat(kind: str) -> None:
    many = figure(*(trace(f"s{number}", kind) for number in range(40)))
    result = colors(overlaid(many, many, NAMES))
    assert result[:40] == result[40:]


def test_lines_of_b_are_dashed_and_bars_hatched() -> None:
    both = figure(trace("line"), trace("bar", "bar"), trace("points", mode="markers"))
    solid, plain, dots, dashed, hatched, crosses = overlaid(both, both, NAMES).traces
    assert (solid["line"]["dash"], dashed["line"]["dash"]) == ("solid", "dash")
    assert (plain["marker"]["pattern"]["shape"], hatched["marker"]["pattern"]["shape"]) == ("", "/")
    assert dots["marker"]["symbol"] != crosses["marker"]["symbol"]
    assert not {"line", "pattern"} & {*plain, *hatched}


def test_each_side_is_stacked_separately() -> None:
    areas = figure(trace("p", stackgroup="one"), trace("q", stackgroup="one"))
    groups = fields(overlaid(areas, areas, NAMES), "stackgroup")
    assert (groups[0], groups[2]) == (groups[1], groups[3])
    assert groups[0] != groups[2]
    bars = figure(trace("p", "bar"), trace("q", "bar"), barmode="stack")
    groups = fields(overlaid(bars, bars, NAMES), "offsetgroup")
    assert (groups[0], groups[2]) == (groups[1], groups[3])
    assert groups[0] != groups[2]


@pytest.mark.parametrize("layout", [{}, {"barmode": "group"}])
def test_grouped_bars_stay_side_by_side(layout: dict[str, Any]) -> None:
    bars = figure(trace("p", "bar"), trace("q", "bar"), **layout)
    assert len(set(fields(overlaid(bars, bars, NAMES), "offsetgroup"))) == 4


def test_layout_is_that_of_a_with_a_legend() -> None:
    a, b = figure(trace(), title={"text": "A"}, showlegend=False, width=5), figure(trace(), title={"text": "B"})
    assert overlaid(a, b, NAMES).layout == {"title": {"text": "A"}, "showlegend": True, "width": 5}


def test_second_axis_stays_the_second() -> None:
    result = overlaid(figure(trace(yaxis="y2")), figure(trace(yaxis="y2")), NAMES)
    assert fields(result, "yaxis") == ["y2", "y2"]


@pytest.mark.parametrize("name", [None, "", 5, ["x"], {"a": 1}])
def test_series_without_names_are_paired_by_position(name: Any) -> None:
    result = overlaid(
        figure(trace(), {**trace(None), "name": name}), figure(trace(), {**trace(None), "name": name}), NAMES
    )
    assert fields(result, "name")[1::2] == [f"series 2 · {name}" for name in NAMES]
    assert colors(result)[1] == colors(result)[3]


def test_figures_are_not_changed() -> None:
    a, b = figure(trace(marker={"size": 5}), showlegend=False), figure(trace("p", "bar"))
    before = copy.deepcopy((a, b))
    overlaid(a, b, NAMES)
    assert (a, b) == before


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_texts(name: str) -> None:
    assert len(overlaid(figure(trace(name)), figure(trace(name)), (name, name)).traces) == 2
    assert overlaid(figure(), figure(), (name, name)).traces == []
