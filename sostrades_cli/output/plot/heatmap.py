"""Heatmaps in characters: two cells of the grid in each character, or shades of grey without colour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.output.plot.blocks import FULL, LOWER_HALF, UPPER_HALF
from sostrades_cli.output.plot.colors import RAMP, step_of, text_color
from sostrades_cli.output.plot.scales import label, number
from sostrades_cli.output.plot.titles import titles_of
from sostrades_cli.output.text_width import cells, fitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.output.plot.look import Look
    from sostrades_cli.output.plot.model import Plot

_SHADES: Final = f"\u2591\u2592\u2593{FULL}"
_ASCII_SHADES: Final = ".:-=+*#%@"
# Title, names below, titles of the axes, legend, and the line of the prompt.
_AROUND_LINES: Final = 5
_FEWEST_LINES: Final = 4
# The largest size of a cell, in columns and lines.
_WIDEST, _HIGHEST = 14, 3
_HALVES: Final = 2


class _Grid(NamedTuple):
    """The names of columns, and of rows from top to bottom, and a step of the scale for each cell with a number."""

    columns: Sequence[str]
    rows: Sequence[str]
    values: Sequence[Sequence[float | None]]
    low: float
    high: float

    def steps(self, row: int, count: int) -> list[int | None]:
        """Return the steps of a row on a scale with some steps."""
        return [None if value is None else step_of(value, self.low, self.high, count) for value in self.values[row]]

    def thinned(self, columns: int, rows: int) -> _Grid:
        """Return a grid with at most some columns and rows, at equal distances."""
        across, down = math.ceil(len(self.columns) / columns), math.ceil(len(self.rows) / rows)
        values = [line[::across] for line in self.values[::down]]
        return self._replace(columns=self.columns[::across], rows=self.rows[::down], values=values)


class _Size(NamedTuple):
    """The size of a cell: its columns, and its lines, or half lines if two rows share a line."""

    width: int
    height: int
    halved: bool


def heatmap(plot: Plot, size: tuple[int, int], look: Look) -> list[str]:
    """Return the lines of a heatmap; the cells have their numbers, if there is room."""
    width, lines = size
    title = fitted(plot.title, width)
    whole = _grid_of(plot)
    if whole is None:
        return [title, "  no points to draw"]
    height = max(_FEWEST_LINES, lines - _AROUND_LINES)
    names_width = min(max(map(cells, whole.rows)), width // 3)
    room = width - names_width - 2
    grid = whole.thinned(room, height * (_HALVES if look.color else 1))
    cell = _size_of(grid, room, height, look)
    shown = _values_shown(grid, cell)
    content = [
        line
        for pair in _pairs(range(len(grid.rows)), halved=cell.halved)
        for line in _lines(grid, pair, cell, shown, look, names_width)
    ]
    margin = " " * (names_width + 2)
    wide = cell.width * len(grid.columns)
    return [
        " " * max(0, (width - cells(title)) // 2) + title,
        *content,
        margin + _column_names(grid.columns, cell.width),
        _titles(plot, wide, margin, width),
        _legend(plot.series[0].name, grid, look, width),
        *([] if grid.columns == whole.columns and grid.rows == whole.rows else [_thinning(whole, grid, width)]),
    ]


def _grid_of(plot: Plot) -> _Grid | None:
    [series] = plot.series
    columns, rows = ({label(value): None for value in values} for values in (series.x, series.y))
    values = {(label(x), label(y)): number(z) for x, y, z in zip(series.x, series.y, series.z, strict=False)}
    known = [value for value in values.values() if value is not None]
    if not known:
        return None
    # The first row is at the bottom, as on every vertical axis.
    downwards = list(rows) if plot.y.reversed else list(rows)[::-1]
    sideways = list(columns)[::-1] if plot.x.reversed else list(columns)
    return _Grid(
        sideways,
        downwards,
        [[values.get((column, row)) for column in sideways] for row in downwards],
        min(known),
        max(known),
    )


def _size_of(grid: _Grid, room: int, height: int, look: Look) -> _Size:
    wide = min(_WIDEST, max(1, room // len(grid.columns)))
    high = min(_HIGHEST, height // len(grid.rows))
    return _Size(wide, max(1, high), halved=high == 0 and look.color)


def _values_shown(grid: _Grid, cell: _Size) -> bool:
    longest = max(len(_value(value)) for line in grid.values for value in line)
    return not cell.halved and cell.width >= longest + 2


def _value(value: float | None) -> str:
    # Adding 0.0 removes the sign of -0.0.
    return "" if value is None else f"{value + 0.0:.4g}"


def _pairs(rows: Sequence[int], *, halved: bool) -> Iterator[tuple[int, ...]]:
    """Yield the rows that share a line."""
    together = _HALVES if halved else 1
    yield from (tuple(rows[at : at + together]) for at in range(0, len(rows), together))


def _lines(grid: _Grid, rows: tuple[int, ...], cell: _Size, shown: bool, look: Look, names_width: int) -> Iterator[str]:
    """Yield the lines of a row of the grid, or the line of two rows."""
    middle = (cell.height - 1) // 2
    for line in range(cell.height):
        name = fitted(grid.rows[rows[0]], names_width) if line == middle else ""
        texts = [_value(value) if shown and line == middle else "" for value in grid.values[rows[0]]]
        if look.color:
            content = _colored([grid.steps(row, len(RAMP)) for row in rows], texts, cell)
        else:
            content = _shaded(grid, rows[0], texts, cell, _SHADES if look.unicode else _ASCII_SHADES)
        yield f"{' ' * (names_width - cells(name))}{name}  {content}"


def _colored(steps: list[list[int | None]], texts: Sequence[str], cell: _Size) -> str:
    upper = steps[0]
    lower = steps[-1] if len(steps) > 1 else [None] * len(upper) if cell.halved else upper
    return "".join(map(_colored_cell, upper, lower, (text.center(cell.width) for text in texts)))


def _colored_cell(upper: int | None, lower: int | None, text: str) -> str:
    if upper is None and lower is None:
        return text
    if upper is not None and upper == lower:
        return f"\x1b[38;5;{text_color(upper)};48;5;{RAMP[upper]}m{text}\x1b[0m"
    if upper is None or lower is None:
        # The other half has the colour of the window.
        color, half = (RAMP[lower or 0], LOWER_HALF) if upper is None else (RAMP[upper], UPPER_HALF)
        return f"\x1b[38;5;{color}m{half * len(text)}\x1b[0m"
    return f"\x1b[38;5;{RAMP[upper]};48;5;{RAMP[lower]}m{UPPER_HALF * len(text)}\x1b[0m"


def _shaded(grid: _Grid, row: int, texts: Sequence[str], cell: _Size, shades: str) -> str:
    parts = []
    for step, text in zip(grid.steps(row, len(shades)), texts, strict=True):
        shade = " " if step is None else shades[step]
        parts.append((f" {text} " if text else "").center(cell.width, shade))
    return "".join(parts)


def _column_names(columns: Sequence[str], width: int) -> str:
    """Return the names below the columns: those that have room."""
    longest = max(map(cells, columns))
    every = max(1, min(math.ceil((longest + 1) / width), math.ceil(len(columns) / 2)))
    room = every * width - 1
    names = [fitted(name, max(1, room)) for name in columns[::every]]
    # A name begins at its column if it is wider than that.
    lead = " " * max(0, (width - cells(names[0])) // 2)
    return (lead + "".join(f"{name}{' ' * max(1, every * width - cells(name))}" for name in names)).rstrip()


def _titles(plot: Plot, wide: int, margin: str, width: int) -> str:
    x, y, _ = titles_of(plot, width)
    return y + " " * max(1, len(margin) + (wide - cells(x)) // 2 - cells(y)) + x


def _legend(name: str, grid: _Grid, look: Look, width: int) -> str:
    shades = _SHADES if look.unicode else _ASCII_SHADES
    scale = "".join(f"\x1b[48;5;{color}m \x1b[0m" for color in RAMP) if look.color else "".join(s * 2 for s in shades)
    low, high = f"{grid.low:.6g}", f"{grid.high:.6g}"
    steps = len(RAMP) if look.color else len(shades) * 2
    return f"  {low} {scale} {high}  {fitted(name, max(1, width - len(low) - len(high) - steps - 6))}"


def _thinning(whole: _Grid, grid: _Grid, width: int) -> str:
    of = f"{len(grid.rows)} of {len(whole.rows)} rows and {len(grid.columns)} of {len(whole.columns)} columns"
    return fitted(f"  shows {of}, because the window is too small for all", width)
