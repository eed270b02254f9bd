"""Compare the charts of two studies, series by series and point by point."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sostrades_cli.errors import NotFound, ServerFault
from sostrades_cli.operations.postproc.points import exact
from sostrades_cli.operations.postproc.select import matching_charts
from sostrades_cli.operations.tables.equality import equal, is_number
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.operations.tables.equality import Tolerance
    from sostrades_cli.plotly_figures.chart import Chart
    from sostrades_cli.plotly_figures.figure import Series

ONLY_A: Final = "only in A"
ONLY_B: Final = "only in B"
CHANGED: Final = "changed"
UNKNOWN: Final = "numbers missing"
# A marker, because None is a valid value of a point.
_NOTHING: Final = object()
# The coordinates of a point, and its count among the points with the same coordinates.
PointPosition: TypeAlias = "tuple[tuple[Hashable, ...], int]"


@dataclass(frozen=True, slots=True)
class ChartPair:
    """The same chart of two studies. A side is ``None`` if its study does not have the chart."""

    a: NumberedChart | None
    b: NumberedChart | None

    @property
    def chart(self) -> Chart:
        """Return the chart of the first side that has it."""
        numbered = self.a or self.b
        if numbered is None:
            raise TypeError(self)
        return numbered.chart

    @property
    def lacks_numbers(self) -> bool:
        """Return whether a side has placeholders instead of numbers, which makes a comparison impossible."""
        return any(side is not None and side.lacks_numbers for side in (self.a, self.b))


@dataclass(frozen=True, slots=True)
class PointPair:
    """A point of a series on both sides. ``difference`` is b - a if both are numbers."""

    discipline: str
    chart: str
    series: str
    x: str
    a: Json
    b: Json
    difference: float | None


@dataclass(frozen=True, slots=True)
class SeriesDifference:
    """A differing series: the number of differing points, the largest difference and its position."""

    discipline: str
    chart: str
    series: str
    points: int
    differing: int
    largest: float | None
    at: str | None
    change: str


@dataclass(frozen=True, slots=True)
class PairedSeries:
    """A series of both sides: each position with its two values. A value is ``_NOTHING`` if a side lacks the point."""

    pair: ChartPair
    series: str
    points: Sequence[tuple[str, Json, Json]]

    def pairs(self) -> Iterator[PointPair]:
        """Yield the points of both sides."""
        chart = self.pair.chart
        for x, a, b in self.points:
            first, other = (None if side is _NOTHING else exact(side) for side in (a, b))
            yield PointPair(chart.discipline, chart.title, self.series, x, first, other, _difference(a, b))

    def difference(self, tolerance: Tolerance) -> SeriesDifference | None:
        """Return the difference of the sides, or ``None`` if they are equal."""
        differing = [(x, _difference(a, b)) for x, a, b in self.points if not _alike(a, b, tolerance)]
        change = self._change()
        if not differing and change == CHANGED:
            return None
        # Strings can differ, too, but have no numeric difference.
        measured = [(x, difference) for x, difference in differing if difference is not None]
        at, largest = max(
            measured, key=lambda item: abs(item[1]), default=(differing[0][0] if differing else None, None)
        )
        chart, points = self.pair.chart, len(self.points)
        return SeriesDifference(chart.discipline, chart.title, self.series, points, len(differing), largest, at, change)

    def _change(self) -> str:
        if self.pair.lacks_numbers:
            return UNKNOWN
        lacks = [
            # A series without any points shows nothing about the sides, so it counts as present on both.
            side is None or (bool(self.points) and all(point[at] is _NOTHING for point in self.points))
            for at, side in enumerate((self.pair.a, self.pair.b), 1)
        ]
        return ONLY_B if lacks[0] else ONLY_A if lacks[1] else CHANGED


def pairs(a: GatheredCharts, b: GatheredCharts, match: str | None) -> list[ChartPair]:
    """Return the matching charts of two studies, paired by discipline and title, in the order of A.

    Raises
    ------
    NotFound
        Neither study has a matching chart.

    """
    sides = [dict(_identified(matching_charts(side.charts, match))) for side in (a, b)]
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    if not names:
        message = f"no chart matches {match} in study" if match else "there is no chart in study"
        raise NotFound(f"{message} {a.study} or {b.study}", hint=f"sostrades postproc list {a.study}")
    return [ChartPair(sides[0].get(name), sides[1].get(name)) for name in names]


@dataclass(frozen=True, slots=True)
class ChartDiff:
    """The comparison of two studies: all pairs of charts, their series, and the differences."""

    a: GatheredCharts
    b: GatheredCharts
    pairs: Sequence[ChartPair]
    series: Sequence[PairedSeries]
    differences: list[SeriesDifference]
    differing: int

    @property
    def summary(self) -> str:
        """Return a sentence with the number of differing charts."""
        verb = "differs" if self.differing == 1 else "differ"
        return f"{self.differing} of {counted(len(self.pairs), 'chart')} {verb}"

    @property
    def failure(self) -> ServerFault | None:
        """Return the error for charts without numbers."""
        lacking = [pair.chart for pair in self.pairs if pair.lacks_numbers]
        if not lacking:
            return None
        return ServerFault(
            f"{counted(len(lacking), 'chart')} could not be compared, because the server sent no numbers",
            detail="\n".join(f"{chart.discipline}/{chart.title}" for chart in lacking[:10]),
            hint="run the command again",
        )

    def points(self) -> list[PointPair]:
        """Return all points of both studies, equal or not."""
        return [point for series in self.series for point in series.pairs()]

    def about(self) -> dict[str, Any]:
        """Return the metadata of both studies, and the numbers of compared and of differing charts."""
        return {"a": self.a.about(), "b": self.b.about(), "charts": len(self.pairs), "differing": self.differing}


def chart_diff(
    a: GatheredCharts, b: GatheredCharts, compared_pairs: Sequence[ChartPair], tolerance: Tolerance
) -> ChartDiff:
    """Compare pairs of charts, series by series."""
    series = [points for pair in compared_pairs for points in _points(pair)]
    differences = [(paired.pair, result) for paired in series if (result := paired.difference(tolerance)) is not None]
    # Charts without numbers are reported as a failure, not as a difference.
    differing = len({id(pair) for pair, _ in differences if not pair.lacks_numbers})
    return ChartDiff(a, b, compared_pairs, series, [result for _, result in differences], differing)


def _identified(charts: Iterable[NumberedChart]) -> Iterator[tuple[Hashable, NumberedChart]]:
    """Yield charts by discipline, title, and count among charts with the same title, because titles may repeat."""
    counts: Counter[tuple[str, str]] = Counter()
    for numbered in charts:
        name = (numbered.chart.discipline, numbered.chart.title)
        counts[name] += 1
        yield (*name, counts[name]), numbered


def _points(pair: ChartPair) -> Iterator[PairedSeries]:
    sides = [_series(side.chart.series()) if side else {} for side in (pair.a, pair.b)]
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    for name in names:
        a, b = (side.get(name, {}) for side in sides)
        # Series may share a name. Number them from the second on.
        series = name[0] if name[1] == 1 else f"{name[0]} ({name[1]})"
        positions = dict.fromkeys([*a, *b])
        yield PairedSeries(
            pair,
            series,
            [(_shown(position), a.get(position, _NOTHING), b.get(position, _NOTHING)) for position in positions],
        )
    if not names:
        # A chart without series still counts as compared, or as present on one side.
        yield PairedSeries(pair, "", [])


def _series(series: Iterable[Series]) -> dict[tuple[str, int], dict[PointPosition, Json]]:
    """Return values by position for each series, identified by its name and its count among the same names."""
    counts: Counter[str] = Counter()
    result = {}
    for line_series in series:
        for name, positions, values in _lines(line_series):
            counts[name] += 1
            result[name, counts[name]] = _by_position(positions, values)
    return result


def _lines(series: Series) -> Iterator[tuple[str, list[tuple[Json, ...]], Sequence[Json]]]:
    """Yield the names, positions and values to compare.

    A table yields its columns, positioned by its first column, or by row number if there is only one.
    """
    columns = dict(series.columns)
    if series.kind == "table":
        rows = [(number,) for number in range(1, series.points + 1)]
        positions = rows if len(columns) == 1 else [(cell,) for cell in next(iter(columns.values()), [])]
        yield from ((name, positions, values) for name, values in list(columns.items())[len(columns) > 1 :])
        return
    if not columns:
        return
    # Horizontal bars have their values on x. Elsewhere the last column has them.
    measured = "x" if series.horizontal and "x" in columns else list(columns)[-1]
    values = columns.pop(measured)
    yield series.name, list(zip(*columns.values(), strict=False)), values


def _by_position(positions: Sequence[tuple[Json, ...]], values: Sequence[Json]) -> dict[PointPosition, Json]:
    result: dict[PointPosition, Json] = {}
    counts: Counter[tuple[Hashable, ...]] = Counter()
    for at, value in enumerate(values):
        position = tuple(map(_key, positions[at] if at < len(positions) else (at,)))
        counts[position] += 1
        result[position, counts[position]] = value
    return result


def _key(value: Json) -> Hashable:
    """Return the identity of a coordinate: 2020 and 2020.0 are equal, nan equals nan, True differs from 1."""
    # Python's `True == 1` and `nan != nan` are both wrong for coordinates.
    return value if is_number(value) and value == value else str(value)  # noqa: PLR0124 - nan


def _shown(position: PointPosition) -> str:
    coordinates, count = position
    text = " / ".join(map(str, coordinates))
    return text if count == 1 else f"{text} ({count})"


def _difference(a: Json, b: Json) -> float | None:
    """Return the difference of two numbers if it is finite."""
    if not (is_number(a) and is_number(b)):
        return None
    try:
        difference = float(b - a)
    # Python integers can exceed the range of floats.
    except OverflowError:
        return None
    return difference if math.isfinite(difference) else None


def _alike(a: Json, b: Json, tolerance: Tolerance) -> bool:
    if a is _NOTHING or b is _NOTHING:
        return a is b
    if equal(a, b) or tolerance.close(a, b):
        return True
    # Tables of charts may have numbers as strings on one side and as numbers on the other.
    cells = all(isinstance(side, str) or is_number(side) for side in (a, b))
    return cells and tolerance.close_cells(str(a), str(b))
