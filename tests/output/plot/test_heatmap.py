"""Heatmaps in characters: colours of half blocks, shades without colour, names and numbers."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from conftest import slow
from rich.cells import cell_len

from sostrades_cli.output.plot.colors import RAMP
from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.plot.terminal import plot_text

CODES = re.compile(r"\x1b\[[0-9;]*m")
HALF = "\u2580"


def heat(z: list[list[Any]], *, downwards: bool = False, name: str = "mm", x: Any = None, y: Any = None) -> Plot:
    """Return a plot of a grid, whose first row is at the bottom unless it goes `downwards`."""
    points = [(at, up, value) for up, row in enumerate(z) for at, value in enumerate(row)]
    columns, rows, values = ([point[part] for point in points] for part in range(3))
    xs = [x[at] for at in columns] if x else columns
    ys = [y[at] for at in rows] if y else rows
    series = PlotSeries(name, Shape.HEATMAP, xs, ys, z=values)
    return Plot("Title", PlotAxis("month"), PlotAxis("side", reversed=downwards), PlotAxis(), [series])


def lines(shown: Plot, size: tuple[int, int] = (80, 24), **look: Any) -> list[str]:
    """Return the lines of a drawing."""
    return plot_text(shown, size, **{"color": False, **look}).splitlines()


@pytest.mark.parametrize(("downwards", "names"), [(False, ["1", "0"]), (True, ["0", "1"])])
@pytest.mark.parametrize("color", [False, True])
def test_small_grid_has_its_numbers(downwards: bool, names: list[str], color: bool) -> None:
    result = [CODES.sub("", line) for line in lines(heat([[1, 2.5], [3, None]], downwards=downwards), color=color)]
    numbers = {line.split()[0]: re.findall(r" (\d[\d.]*) ", line[2:]) for line in result if re.match("[01] ", line)}
    assert list(numbers) == names
    assert numbers == {"0": ["1", "2.5"], "1": ["3"]}
    assert ([result[-1].split()[at] for at in (0, -2, -1)]) == ["1", "3", "mm"]


def test_lowest_and_highest_number_have_the_ends_of_the_ramp() -> None:
    text = plot_text(heat([[1, 2, 9]]), (80, 24), color=True)
    assert all(f"48;5;{color}m" in text for color in (RAMP[0], RAMP[-1]))


def test_two_rows_share_a_line_if_there_are_many() -> None:
    text = plot_text(heat([[row * 7 % 30 for _ in range(40)] for row in range(30)]), (80, 24), color=True)
    result = [line for line in text.splitlines() if HALF in line]
    assert len(result) == 15
    assert "shows" not in text


def test_shades_replace_colours() -> None:
    result = "".join(lines(heat([[0, 1, 2, 3]] * 30)))
    assert all(shade in result for shade in "░▒▓█")
    ascii_only = plot_text(heat([[0, 1, 2, 3]] * 30), (80, 24), color=True, unicode=False)
    assert ascii_only.isascii()
    assert {".", "@"} <= set(ascii_only)


def test_missing_cell_is_blank() -> None:
    result = lines(heat([[0.0, None, 1.0]] * 10))
    assert all(re.fullmatch(r" *\d  \S[^█]*\S {10,}█+ 1 █+", line) for line in result[1:11])


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (200, 50)])
@pytest.mark.parametrize("grid", [(1, 1), (3, 200), (200, 3), (12, 12), (250, 120), slow((500, 500))])
@pytest.mark.parametrize("color", [False, True])
def test_every_grid_fits_the_window(size: tuple[int, int], grid: tuple[int, int], color: bool) -> None:
    """A line below says so if rows or columns are left out."""
    columns, rows = grid
    shown = heat([[math.sin(x * y) for x in range(columns)] for y in range(rows)])
    result = [CODES.sub("", line) for line in lines(shown, size, color=color)]
    assert max(map(cell_len, result)) <= size[0]
    assert len(result) <= size[1]
    most_rows = (size[1] - 5) * (2 if color else 1)
    assert any("shows" in line for line in result) == (columns > size[0] - 4 or rows > most_rows)


@pytest.mark.parametrize(
    "values", [[5, 5], [1e300, -1e300], [1e308, -1e308], [5e-324, 0], [math.nan, 1], [math.inf, 1]]
)
@pytest.mark.parametrize("color", [False, True])
def test_any_numbers_are_drawn(values: list[float], color: bool) -> None:
    assert len(lines(heat([values]), color=color)) > 4


@pytest.mark.parametrize("values", [[None, None], [math.nan], []])
def test_grid_without_numbers_has_a_note(values: list[Any]) -> None:
    assert "no points" in lines(heat([values]))[1]


@pytest.mark.parametrize("name", ["漢字" * 30, "x" * 200, "\x1b[2Jred", "a\nb"])
def test_names_are_escaped_and_cut(name: str) -> None:
    result = lines(heat([[1, 2], [3, 4]], x=[name, "b"], y=[name, "d"], name=name))
    assert max(map(cell_len, result)) <= 80
    assert not any(map(re.compile("[\x00-\x1f]").search, result))
