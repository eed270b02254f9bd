"""The titles of axes in windows of several widths."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.plot.terminal import plot_text
from sostrades_cli.output.plot.titles import fitted_title, titles_of


def axis(title: str) -> PlotAxis:
    """Return an axis whose title ends with a unit."""
    return PlotAxis(title, unit=title.rpartition("[")[2].removesuffix("]") if title.endswith("]") else "")


def plot(x: str, y: str, right: str = "", shape: Shape = Shape.LINE) -> Plot:
    """Return a plot with these titles."""
    points = ([2020, 2030], [1.0, 2.0])
    series = [PlotSeries("a", shape, *points, z=[1.0, 2.0])]
    if right:
        series.append(PlotSeries("b", shape, *points, right=True))
    return Plot(title="Title", x=axis(x), y=axis(y), right=axis(right), series=series)


@pytest.mark.parametrize(
    ("title", "most", "shown"),
    [
        ("output [G$]", 11, "output [G$]"),
        ("output [G$]", 9, "out… [G$]"),
        ("output [G$]", 6, "outpu…"),
        ("output", 4, "out…"),
        ("output in billions", 9, "output i…"),
        ("emissions [a very long unit]", 12, "emissions […"),
        ("漢字漢字 [G$]", 10, "漢字… [G$]"),
    ],
)
def test_unit_stays_if_it_has_room(title: str, most: int, shown: str) -> None:
    assert fitted_title(axis(title), most) == shown


@pytest.mark.parametrize(
    ("x", "y", "right"),
    [
        ("years", "damages [G$]", ""),
        ("years", "total emissions [GtCO2]", "price of carbon [$/tCO2]"),
        ("share of renewable energy in the total [%]", "output [G$]", ""),
    ],
)
@pytest.mark.parametrize("shape", [Shape.LINE, Shape.BAR, Shape.HEATMAP])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_titles_have_their_units_beside_each_other(x: str, y: str, right: str, shape: Shape, width: int) -> None:
    shown = plot(x, y, "" if shape is Shape.HEATMAP else right, shape)
    text = plot_text(shown, (width, 20), color=False)
    [line] = [line for line in text.splitlines() if all(title in line for title in titles_of(shown, width))]
    assert cell_len(line) <= width
    assert all(f"[{part.unit}]" in line for part in (shown.x, shown.y, shown.right) if part.unit)


def test_short_titles_leave_their_room() -> None:
    assert titles_of(plot("years", "damages [G$]"), 40).y == "damages [G$]"
    assert titles_of(plot("share of all the energy", "y"), 40).x == "share of all the energy"
