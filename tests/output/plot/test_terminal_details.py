"""Details of plots in characters: legend, logarithms, extreme numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.plot.terminal import plot_text

SIZE = (80, 24)
COLORED = re.compile(r"\x1b\[38;5;(\d+)m([^\x1b]+)")
NO_AXIS = PlotAxis()


def plot(*shown: PlotSeries, y: PlotAxis = NO_AXIS, right: PlotAxis = NO_AXIS, across: bool = False) -> Plot:
    """Return a plot."""
    return Plot("Title", NO_AXIS, y, right, shown, across)


def test_legend_has_the_colours_of_the_lines() -> None:
    levels = [PlotSeries(f"s{at}", Shape.BAR, ["p"], [1], stack="one") for at in range(12)]
    lines = plot_text(plot(*levels), (80, 40), color=True).splitlines()
    named = {int(code) for line in lines for code, text in COLORED.findall(line) if "s" in text}
    painted = [int(code) for line in lines for code, text in COLORED.findall(line) if set(text) == {"\u2588"}]
    assert (len(named), named) == (12, set(painted))
    legend = {
        text.strip().split()[-1]: int(code) for line in lines for code, text in COLORED.findall(line) if "s" in text
    }
    from_below = list(dict.fromkeys(reversed(painted)))
    assert [legend[f"s{at}"] for at in range(12)] == from_below


def test_each_axis_has_its_own_logarithm() -> None:
    left = PlotSeries("l", Shape.LINE, [1, 2, 3], [0, 50, 100])
    right = PlotSeries("r", Shape.LINE, [1, 2, 3], [1, 100, 10000], right=True)
    text = plot_text(plot(left, right, right=PlotAxis("r", log=True)), SIZE, color=False)
    assert ("\u251c10000" in text, "\u251c100\n" in text, " 40\u2524" in text) == (True, True, True)
    both = plot_text(plot(left, right, y=PlotAxis("l", log=True)), SIZE, color=False)
    assert "\u251c10000" in both
    assert "\u251c4000" in both


def test_bars_are_drawn_on_a_linear_axis_with_a_note() -> None:
    text = plot_text(
        plot(PlotSeries("a", Shape.BAR, ["p", "q"], [1, 1000]), y=PlotAxis("y", log=True)), SIZE, color=False
    )
    assert "linear" in text
    assert "  0\u2524" in text


def test_ticks_of_years_are_whole_numbers() -> None:
    years = plot_text(plot(PlotSeries("a", Shape.LINE, [2020, 2021], [1, 2])), SIZE, color=False)
    halves = plot_text(plot(PlotSeries("a", Shape.LINE, [0.5, 2.5], [1, 2])), SIZE, color=False)
    assert ("2020.5" in years, "1.5" in halves) == (False, True)


@pytest.mark.parametrize("values", [[1e308], ["1e308", "1"], [-1e308, 1e308], [1e307, 0.0]])
@pytest.mark.parametrize("shape", ["line", "points", "area", "bar", "share"])
def test_too_large_numbers_are_skipped(shape: str, values: list[Any]) -> None:
    places = [str(at) for at in range(len(values))]
    for stack in ("", "one"):
        series = PlotSeries("a", Shape(shape), places, values, stack=stack)
        assert plot_text(plot(series), SIZE, color=False).startswith(("Title", " "))


def test_shares_with_long_names_fit_the_window() -> None:
    series = PlotSeries("", Shape.SHARE, ["0.007931117530671512 / something", "b"], [9223372036854775808, 0.1])
    assert max(map(len, plot_text(plot(series), (30, 20), color=False).splitlines())) <= 30
