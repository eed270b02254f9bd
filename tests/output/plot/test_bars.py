"""Bars in characters: equally wide, and as long as an eighth of a character allows."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import pytest
from conftest import mostly_slow

from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.plot.terminal import plot_text

CODES = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^.*?[│┤](.*)[│├].*$")
LOWER = " ▁▂▃▄▅▆▇█"
LEFT = " ▏▎▍▌▋▊▉█"
NO_AXIS = PlotAxis()


def bars(*values: list[float], stack: str = "", across: bool = False, more: tuple[PlotSeries, ...] = ()) -> Plot:
    """Return a plot of bars: a list of values for each series."""
    names = [f"c{at}" for at in range(len(values[0]))]
    ends = [(y, names) if across else (names, y) for y in values]
    shown = [PlotSeries(f"s{at}", Shape.BAR, *end, stack=stack) for at, end in enumerate(ends)]
    return Plot("Title", NO_AXIS, NO_AXIS, NO_AXIS, [*shown, *more], across)


def field(shown: Plot, size: tuple[int, int] = (80, 24), *, color: bool = False) -> list[str]:
    """Return the content of the frame, from top to bottom, without colours."""
    text = CODES.sub("", plot_text(shown, size, color=color))
    return [match.group(1) for line in text.splitlines() if (match := FRAME.match(line))]


def heights(shown: Plot, **more: Any) -> list[float]:
    """Return the height of each column of a bar chart in cells."""
    columns = zip(*field(shown, **more), strict=True)
    return [sum(LOWER.index(cell) for cell in column) / 8 for column in columns]


def widths(line: Any) -> list[int]:
    """Return the widths of the bars in a line."""
    return [len(list(run)) for is_bar, run in groupby(line, bool) if is_bar]


@pytest.mark.parametrize("columns", mostly_slow([40, 57, 80, 83, 120, 200], 4))
@pytest.mark.parametrize("count", [1, 2, 3, 7, 11, 17])
@pytest.mark.parametrize("color", [False, True])
def test_bars_and_gaps_are_equally_wide(columns: int, count: int, color: bool) -> None:
    result = widths(heights(bars([1.0] * count), size=(columns, 24), color=color))
    assert len(result) == count
    assert len(set(result)) == 1


@pytest.mark.parametrize("rows", mostly_slow([15, 24, 31, 50], 3))
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_horizontal_bars_are_equally_high(rows: int, count: int) -> None:
    result = widths([line.strip() for line in field(bars([1.0] * count, across=True), (80, rows))])
    assert len(result) == count
    assert len(set(result)) == 1


@pytest.mark.parametrize("columns", [60, 80, 97, 200])
def test_bars_next_to_each_other_are_equally_wide(columns: int) -> None:
    lines = field(bars([1.0] * 5, [1.0] * 5, [1.0] * 5), (columns, 24))
    runs = [(mark, len(list(run))) for mark, run in groupby(lines[-1]) if mark != " "]
    assert [mark for mark, _ in runs] == ["o", "x", "+"] * 5
    assert len({width for _, width in runs}) == 1


def test_tick_is_in_the_middle_of_its_bar() -> None:
    lines = plot_text(bars([1.0] * 7), (80, 24), color=False).splitlines()
    [axis] = [line for line in lines if "└" in line]
    middles = [match.start() for match in re.finditer("┬", axis)]
    bottom = lines[lines.index(axis) - 1]
    result = [match.span() for match in re.finditer("█+", bottom)]
    assert len(middles) == len(result) == 7
    assert all(abs((start + end - 1) / 2 - at) <= 0.5 for at, (start, end) in zip(middles, result, strict=True))


@pytest.mark.parametrize("color", [False, True])
def test_height_is_exact_to_an_eighth(color: bool) -> None:
    values = [10.0, 9.5, 9.0, 5.0, 2.5, 1.25, 0.625]
    result = [max(run) for is_bar, run in groupby(heights(bars(values), color=color), bool) if is_bar]
    assert all(
        got == pytest.approx(result[0] * value / 10, abs=0.07) for got, value in zip(result, values, strict=True)
    )


def test_length_of_horizontal_bars_is_exact_to_an_eighth() -> None:
    lines = field(bars([4.0, 2.9], across=True))
    short, long = sorted({sum(LEFT.index(cell) for cell in line) / 8 for line in lines if line.strip()})
    assert short == pytest.approx(long * 2.9 / 4, abs=0.13)


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("color", [False, True])
def test_small_bar_is_visible_and_zero_is_not(across: bool, color: bool) -> None:
    tiny, nothing = ("".join(field(bars([1000, value], across=across), color=color)) for value in (0.001, 0))
    # One of the blocks is the smallest one.
    assert len(tiny.replace(" ", "")) > len(nothing.replace(" ", ""))


@pytest.mark.parametrize("across", [False, True])
def test_negative_bars_begin_at_zero(across: bool) -> None:
    lines = field(bars([-5.0, 5.0], across=across))
    columns = lines if across else ["".join(column) for column in zip(*lines, strict=True)]
    spans = {(len(line) - len(line.lstrip()), len(line.rstrip())) for line in columns if line.strip()}
    (first, middle), (zero, last) = sorted(spans, reverse=not across)
    assert abs((middle if across else first) - (zero if across else last)) <= 1


def test_stack_has_the_colours_of_its_series_in_one_cell() -> None:
    text = plot_text(bars([3.3, 1.0], [2.2, 1.0], stack="one"), (80, 24), color=True)
    assert re.search(r"\x1b\[38;5;33m\x1b\[48;5;202m[▁-▇]", text)


@pytest.mark.parametrize("color", [False, True])
def test_line_is_above_the_bars(color: bool) -> None:
    line = PlotSeries("l", Shape.LINE, [f"c{at}" for at in range(5)], [5.0] * 5)
    text = plot_text(bars([10.0] * 5, more=(line,)), (80, 24), color=color)
    content = [match.group(1) for splitline in CODES.sub("", text).splitlines() if (match := FRAME.match(splitline))]
    assert any(re.search("[x\u2801-\u28ff]{5}", row) for row in content)
    # The colour of the bar goes on behind the line.
    assert bool(re.search("\x1b\\[38;5;202m\x1b\\[48;5;33m[\u2801-\u28ff]", text)) is color


def test_more_categories_than_columns_are_drawn() -> None:
    assert max(heights(bars([1.0] * 500))) > 10


def test_ascii_has_no_blocks() -> None:
    text = plot_text(bars([3.3, 1.0], across=True), (80, 24), color=True, unicode=False)
    assert text.isascii()
    assert "oooo" in text


def test_shares_are_exact_to_an_eighth() -> None:
    shares = Plot(
        "Title", NO_AXIS, NO_AXIS, NO_AXIS, [PlotSeries("", Shape.SHARE, ["a", "b", "c"], [40.0, 36.3, 0.001])]
    )
    lines = plot_text(shares, (80, 24), color=False).splitlines()[1:]
    first, second, least = (
        line.count("▇") + sum(LEFT.index(cell) for cell in line if cell in LEFT[1:8]) / 8 for line in lines
    )
    assert second == pytest.approx(first * 36.3 / 40, abs=0.07)
    assert least == 1 / 8
