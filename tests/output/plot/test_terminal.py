"""Plots in characters: every shape, in windows of several sizes, with and without colour."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from conftest import mostly_slow
from rich.cells import cell_len

from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.plot.terminal import plot_text

CODES = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^(.*?)[│┤](.*)[│├](.*)$")
SIZE = (80, 24)
HOSTILE = ["\x1b[31mred\x1b]0;title\x07", "new\nline\r\t", "\u202eright\u200fto\u2066left", "\x9b2J\x00", "[bold]x[/]"]
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028]")
YEARS = list(range(2020, 2031))
FULL = "\u2588"


def series(name: str, shape: str, x: Any, y: Any, **more: Any) -> PlotSeries:
    """Return a series."""
    return PlotSeries(name, Shape(shape), x, y, **more)


def plot(*shown: PlotSeries, title: str = "Title", log: str = "", **more: Any) -> Plot:
    """Return a plot with axes named x, y and right; `log` names the logarithmic ones."""
    axes = {name: PlotAxis(name, log=name in log.split()) for name in ("x", "y", "right")}
    return Plot(title=title, series=shown, **{**axes, **more})


def lines(shown: Plot, size: tuple[int, int] = SIZE, *, color: bool = False) -> list[str]:
    """Return the lines of a plot."""
    written = plot_text(shown, size, color=color)
    assert written.endswith("\n")
    return written.removesuffix("\n").split("\n")


def field(shown: Plot, size: tuple[int, int] = SIZE) -> list[str]:
    """Return the content of the frame, from top to bottom."""
    return [result.group(2) for line in lines(shown, size) if (result := FRAME.match(line))]


def heights(shown: Plot, mark: str) -> list[int]:
    """Return the number of lines with a mark in each column that has one."""
    columns = zip(*field(shown), strict=True)
    return [count for column in columns if (count := column.count(mark))]


def labels(shown: Plot, side: int = 1) -> list[str]:
    """Return the labels left (1) or right (3) of the frame, from top to bottom."""
    result = [match.group(side).strip() for line in lines(shown) if (match := FRAME.match(line))]
    return [text for text in result if text]


def stacked(shape: str, *values: list[float]) -> Plot:
    """Return a plot of stacked series."""
    return plot(*(series(f"s{at}", shape, ["p", "q"], y, stack="one") for at, y in enumerate(values)))


def grouped(*values: list[float], across: bool = False) -> Plot:
    """Return a plot of bars side by side, vertical or horizontal."""
    names = [f"c{at}" for at in range(len(values[0]))]
    ends = [(y, names) if across else (names, y) for y in values]
    return plot(*(series(f"s{at}", "bar", *end) for at, end in enumerate(ends)), across=across)


@pytest.mark.parametrize("shape", ["line", "points", "area", "bar"])
@pytest.mark.parametrize("color", [False, True])
def test_single_point_is_drawn(shape: str, color: bool) -> None:
    text = CODES.sub("", plot_text(plot(series("a", shape, [2025], [5])), SIZE, color=color))
    assert re.search(r"^ *5┤", text, re.MULTILINE)
    assert re.search(r"^ +2025 *$", text, re.MULTILINE)


def test_constant_is_a_horizontal_line() -> None:
    """It has one tick at its value."""
    shown = plot(series("a", "line", YEARS, [5.0] * 11))
    (line,) = [line for line in field(shown) if "o" in line]
    assert set(line) == {"o"}
    assert labels(shown) == ["5"]


@pytest.mark.parametrize("gap", [None, math.nan, math.inf, -math.inf, "nan", "text", True, 10**400])
def test_line_has_gaps(gap: Any) -> None:
    (line,) = [line for line in field(plot(series("a", "line", [0, 1, 2, 3, 4], [5, 5, gap, 5, 5]))) if "o" in line]
    assert re.fullmatch(r"o+ +o+", line)
    assert line.count(" ") == pytest.approx(len(line) / 2, abs=2)


@pytest.mark.parametrize("shape", ["line", "points", "area", "bar", "share"])
@pytest.mark.parametrize("x", [[1, 2], [None, None], []])
def test_series_without_numbers_is_an_empty_plot(shape: str, x: list[Any]) -> None:
    assert "Title" in "\n".join(lines(plot(series("a", shape, x, [math.nan, None][: len(x)]))))


@pytest.mark.parametrize("x", [YEARS, [*YEARS[:3], math.nan, *YEARS[4:]]])
def test_axis_includes_positions_of_gaps(x: list[Any]) -> None:
    axis = lines(plot(series("a", "line", x, [1.0] * 6 + [math.nan] * 5)))[-3].split()
    assert (axis[0], axis[-1], "nan" in axis) == ("2020", "2030", False)


@pytest.mark.parametrize("ends", [(0, 1), (-7, 8), (1200, 98000), (0.031, 0.069), (2020, 2031)])
def test_ticks_are_round_numbers(ends: tuple[float, float]) -> None:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten, around all points."""
    result = [float(text) for text in labels(plot(series("a", "line", [1, 2], ends)))]
    step = result[0] - result[1]
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in {1.0, 2.0, 2.5, 5.0}
    assert all(value / step == pytest.approx(round(value / step)) for value in result)
    assert result[-1] <= ends[0] < ends[1] <= result[0]
    assert 3 <= len(result) <= 9


@pytest.mark.parametrize(
    ("low", "high"), [(100.0001, 100.0005), (1_234_500, 1_235_500), (7.851e9, 7.852e9), (0.00001234, 0.00001236)]
)
def test_different_ticks_have_different_labels(low: float, high: float) -> None:
    result = labels(plot(series("a", "line", [1, 2], [low, high])))
    assert len(set(result)) == len(result) > 2


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2026-01-30", "2026-03-01", ["2026-01-30", "2026-03-01"]),
        ("1900-01-01", "1900-12-31", ["1900-01-01", "1900-12-31"]),
        ("2026-01-30T10:00", "2026-01-30T12:00", ["10:00", "12:00"]),
        ("2026-01-30T10:00:00", "2026-01-30T10:00:20", ["10:00:00", "10:00:20"]),
        ("2026-01-30", "2026-01-30", ["2026-01-30"]),
    ],
)
def test_dates_are_as_precise_as_their_differences(first: str, last: str, written: list[str]) -> None:
    axis = lines(plot(series("a", "line", [first, last], [1, 2])))[-3]
    assert all(text in axis for text in written)


@pytest.mark.parametrize("last_s", ["03", "02", "01", "00.9", "00.000002"])
def test_ticks_of_close_dates_are_different(last_s: str) -> None:
    day = "2026-01-30T10:00:"
    result = lines(plot(series("a", "line", [f"{day}00", f"{day}{last_s}"], [1, 2])))[-3].split()
    assert len(set(result)) == len(result) >= 2


def test_second_axis_has_its_own_numbers_and_title() -> None:
    shown = plot(series("a", "line", [1, 2], [0, 10]), series("b", "line", [1, 2], [2000, 0], right=True))
    assert (labels(shown)[0], labels(shown, 3)[0]) == ("10", "2000")
    assert [lines(shown)[-2].split()[at] for at in (0, -1)] == ["y", "right"]
    assert lines(shown)[-1].split() == ["oo", "a", "xx", "b", "(right)"]


@pytest.mark.parametrize("x", [["2026-01-30", "2026-03-01"], ["Asia", "Europe"], ["2", "4"], [1, "Asia"]])
@pytest.mark.parametrize("shape", ["line", "points", "area", "bar"])
def test_axis_has_labels_of_dates_and_texts(shape: str, x: list[Any]) -> None:
    assert {str(item) for item in x} <= set(lines(plot(series("a", shape, x, [1, 2])))[-3].split())


@pytest.mark.parametrize("shape", ["line", "points", "area", "bar"])
@pytest.mark.parametrize("values", [[0, -1, -10], [0, 1, 100], [5, 5, 5], [1e-300, 1, 1e300]])
@pytest.mark.parametrize("log", ["x", "y", "x y"])
def test_logarithmic_axis_accepts_any_numbers(shape: str, values: list[float], log: str) -> None:
    assert len(lines(plot(series("a", shape, values, values), log=log))) <= 24


@pytest.mark.parametrize("shape", mostly_slow(["line", "points", "area", "bar"], 3))
@pytest.mark.parametrize(
    "values",
    [
        [1e16] * 3,
        [1e300] * 3,
        [1e16, 1e16 + 2, 1e16 + 4],
        [0, 5e-324, 1e-320],
        [-1e300, 1e300, 0],
        [1e9 + 0.1, 1e9 + 0.2],
    ],
    ids=str,
)
@pytest.mark.parametrize("log", mostly_slow(["", "x", "y", "x y"], 3))
def test_extreme_numbers_cause_no_warning(
    capsys: pytest.CaptureFixture[str], shape: str, values: list[float], log: str
) -> None:
    """Plotext prints warnings to standard output."""
    for x in (list(range(len(values))), values):
        for across in (False, True):
            lines(plot(series("a", shape, x, values), log=log, across=across))
    assert capsys.readouterr().out == ""


def test_logarithmic_axis_has_gaps_at_zero_and_below() -> None:
    shown = plot(series("a", "line", [1, 2, 3, 4, 5], [0, 10, -1, 1000, 10000]), log="y")
    assert labels(shown) == ["10000", "1000", "100", "10"]


def test_powers_are_evenly_spaced_on_a_logarithmic_axis() -> None:
    result = field(plot(series("a", "points", [1, 10, 100], [1, 1, 1]), log="x"))
    left, right = next(line for line in result if "o" in line)[1:-1].split("o")
    assert len(left) == pytest.approx(len(right), abs=1)


@pytest.mark.parametrize("shape", ["area", "bar"])
def test_stack_reaches_from_zero_to_the_sum(shape: str) -> None:
    shown = stacked(shape, [2, 2], [4, 4], [2, 2])
    assert (labels(shown)[0], labels(shown)[-1]) == ("8", "0")
    assert [set(field(shown)[at]) - {" "} for at in (0, 9, -1)] == [{"+"}, {"x"}, {"o"}]


def test_lower_area_is_drawn_over_a_higher_one() -> None:
    result = field(plot(series("a", "area", [1, 2], [8, 8]), series("b", "area", [1, 2], [4, 4])))
    assert (set(result[0]), set(result[-1])) == ({"o"}, {"x"})


def test_negative_stacked_bars_are_below_zero() -> None:
    shown = stacked("bar", [5, 5], [-3, 2])
    rows = [set(row) for row in field(shown) if row.strip()]
    assert (rows[0], rows[-1]) == ({" ", "x"}, {" ", "x"})
    assert max(heights(shown, "o")) > max(heights(shown, "x"))


def test_grouped_bars_have_the_heights_of_their_numbers() -> None:
    shown = grouped([10, 5], [-10, 10])
    high = heights(shown, "o")
    assert high[-1] == pytest.approx(high[0] / 2, abs=1)
    assert set(field(shown)[0]) == {" ", "o", "x"}
    assert set(field(shown)[-1]) == {" ", "x"}
    assert {"10", "0", "-10"} <= set(labels(shown))


def test_bars_of_the_second_axis_use_its_scale() -> None:
    shown = plot(series("a", "bar", ["p"], [1000]), series("b", "bar", ["p"], [1], right=True))
    assert max(heights(shown, "x")) == max(heights(shown, "o"))


def test_horizontal_bars_have_the_lengths_of_their_numbers() -> None:
    shown = grouped([310.5, 155.25], across=True)
    assert labels(shown) == ["c1", "c0"]
    lengths = [line.count(FULL) for line in field(shown) if FULL in line]
    assert min(lengths) == pytest.approx(max(lengths) / 2, abs=1)
    assert {float(text) % 50 for text in lines(shown)[-3].split()} == {0.0}
    both = [line.index(FULL) for line in field(grouped([-5, 5], across=True)) if FULL in line]
    assert {at > 20 for at in both} == {False, True}


def test_long_name_leaves_room_for_the_bar() -> None:
    shown = plot(series("a", "bar", [1, 2], ["witness.Very.Long." * 6, "b"]), across=True)
    assert max(line.count(FULL) for line in field(shown)) >= 20


@pytest.mark.parametrize("across", [False, True])
def test_too_many_bars_are_drawn_as_lines(across: bool) -> None:
    """A note below the legend says so."""
    shown = grouped([1] * 60, [2] * 60, [3] * 60, across=across)
    assert "drawn as lines" in lines(shown)[-1]
    result = field(shown)
    levels = [set(line) for line in (zip(*result, strict=True) if across else result)]
    assert [level for level in levels if level != {" "}] == ([{"o"}, {"x"}, {"+"}] if across else [{"+"}, {"x"}, {"o"}])


def test_line_with_horizontal_bars_is_vertical() -> None:
    bars, line = series("a", "bar", [1, 1, 4], ["p", "q", "r"]), series("l", "line", [3, 3, 3], ["p", "q", "r"])
    assert len(heights(plot(bars, line, across=True), "x")) == 1


def test_bars_of_several_series_are_sorted_by_number() -> None:
    shown = plot(series("a", "bar", [2020, 2022], [1, 2]), series("b", "bar", [2021, 2023], [3, 4]))
    assert lines(shown)[-3].split() == ["2020", "2021", "2022", "2023"]


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([30, 10], ["30 (75.0%)", "10 (25.0%)"]),
        (["3", 1.0], ["3 (75.0%)", "1 (25.0%)"]),
        ([0, 0], ["0", "0"]),
        ([math.nan, 5], ["no value", "5 (100.0%)"]),
        ([-1, 3], ["-1", "3"]),
        ([1.5e308, 0.5e308], ["1.5e+308 (75.0%)", "5e+307 (25.0%)"]),
    ],
)
def test_shares_are_bars_with_percentages(values: list[Any], ends: list[str]) -> None:
    title, *result = lines(plot(series("", "share", ["wind", "coal"], values)))
    assert title.strip() == "Title"
    assert [line.split(maxsplit=1)[0] for line in result] == ["wind", "coal"]
    assert all(line.endswith(f" {end}") for line, end in zip(result, ends, strict=True))
    bars = [line.count("\u2587") for line in result]
    assert (bars[0] > bars[1]) == (str(values[0]) in ("30", "3", "1.5e+308"))


def many(count: int, shape: str = "line", stack: str = "") -> Plot:
    """Return a plot of several series."""
    values = [[at + math.sin(year) for year in YEARS] for at in range(count)]
    return plot(*(series(f"number {at} of them all", shape, YEARS, y, stack=stack) for at, y in enumerate(values)))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("count", [1, 12, 40])
@pytest.mark.parametrize(
    ("shape", "stack"), mostly_slow([("line", ""), ("area", "one"), ("bar", ""), ("bar", "one")], 3)
)
def test_no_line_is_wider_than_the_window(shape: str, stack: str, count: int, columns: int) -> None:
    """Colour codes do not count."""
    result = lines(many(count, shape, stack), (columns, 24), color=True)
    assert max(cell_len(CODES.sub("", line)) for line in result) <= columns


@pytest.mark.parametrize("rows", [15, 24, 60])
@pytest.mark.parametrize("count", [1, 12, 40])
@pytest.mark.parametrize("columns", [40, 80])
def test_plot_has_at_most_the_lines_of_the_window(columns: int, count: int, rows: int) -> None:
    assert len(lines(many(count), (columns, rows))) <= rows


@pytest.mark.parametrize("count", [12, 40])
def test_marks_and_colours_repeat(count: int) -> None:
    legend = "\n".join(lines(many(count), (80, 60)))
    assert all(re.search(rf"(\S)\1 number {at} of", legend) for at in range(count))
    used = re.findall(r"\x1b\[38;5;(\d+)m\S+ number", "\n".join(lines(many(count), (80, 60), color=True)))
    assert (len(used), len(set(used))) == (count, 12)
    assert all(a != b for a, b in pairwise(used))


@pytest.mark.parametrize("shape", ["line", "area", "bar", "points", "share"])
def test_no_colour_means_no_escape_codes(shape: str) -> None:
    assert "\x1b" not in plot_text(many(12, shape), SIZE, color=False)
    assert "\x1b" in plot_text(many(12, shape), SIZE, color=True)


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("text", [*HOSTILE, "long " * 2000, "漢字" * 500, "e\u0301" * 50])
@pytest.mark.parametrize("shape", mostly_slow(["line", "area", "bar", "share", "across"], 4))
def test_hostile_text_is_escaped(shape: str, text: str, columns: int) -> None:
    x, y = [text, "b"], [1, 2]
    hostile = series(text, "bar", y, x) if shape == "across" else series(text, shape, x, y, right=shape == "line")
    axes = {name: PlotAxis(text) for name in ("x", "y", "right")}
    shown = plot(hostile, title=text, across=shape == "across", **axes)
    result = [CODES.sub("", line) for line in lines(shown, (columns, 24), color=True)]
    assert not any(map(OBEYED.search, result))
    assert len(result) <= 24
    assert max(map(cell_len, result)) <= columns
    framed = [line for line in result if FRAME.match(line)]
    assert len(framed) >= 5 or shape == "share"
    assert len({cell_len(line[: line.rindex("│")]) for line in framed if "│" in line[-12:]}) <= 1


@pytest.mark.parametrize("color", [True, False])
def test_points_of_two_series_have_different_marks(color: bool) -> None:
    shown = plot(*(series(name, "points", [1, 2], [1, 2]) for name in ("a", "b")))
    legend = CODES.sub("", lines(shown, color=color)[-1]).split()
    assert (legend[1], legend[3]) == ("a", "b")
    assert legend[0] != legend[2]
