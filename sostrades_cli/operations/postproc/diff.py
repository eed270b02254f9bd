"""Comparing the charts of two studies: the same charts, series by series, point by point."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sostrades_cli.errors import NotFound, ServerFault
from sostrades_cli.operations.postproc.points import exact
from sostrades_cli.operations.postproc.select import fitting
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
_NOTHING: Final = object()
# Where a point stands, and which of those that stand there it is.
Place: TypeAlias = "tuple[tuple[Hashable, ...], int]"


@dataclass(frozen=True, slots=True)
class ChartPair:
    """The same chart of two studies; ``None`` where one does not have it."""

    a: NumberedChart | None
    b: NumberedChart | None

    @property
    def chart(self) -> Chart:
        """The chart of the side that has it."""
        one = self.a or self.b
        if one is None:
            raise TypeError(self)
        return one.chart

    @property
    def lacks_numbers(self) -> bool:
        """Return whether a side has only placeholders where numbers belong: nothing can be said of it then."""
        return any(side is not None and side.lacks_numbers for side in (self.a, self.b))


@dataclass(frozen=True, slots=True)
class PointPair:
    """A point of a series, as both sides have it; ``difference`` is b - a where both are numbers."""

    discipline: str
    chart: str
    series: str
    x: str
    a: Json
    b: Json
    difference: float | None


@dataclass(frozen=True, slots=True)
class SeriesDifference:
    """A series that differs: in how many points, by how much at most, and at which of them."""

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
    """A series of both sides: where each point stands, and what stands there, ``_NOTHING`` where a side has none."""

    pair: ChartPair
    series: str
    points: Sequence[tuple[str, Json, Json]]

    def pairs(self) -> Iterator[PointPair]:
        """Yield each point of both sides."""
        chart = self.pair.chart
        for x, a, b in self.points:
            first, other = (None if side is _NOTHING else exact(side) for side in (a, b))
            yield PointPair(chart.discipline, chart.title, self.series, x, first, other, _difference(a, b))

    def difference(self, tolerance: Tolerance) -> SeriesDifference | None:
        """Return how the sides differ, ``None`` where they do not."""
        differing = [(x, _difference(a, b)) for x, a, b in self.points if not _alike(a, b, tolerance)]
        change = self._change()
        if not differing and change == CHANGED:
            return None
        measured = [(x, difference) for x, difference in differing if difference is not None]
        at, largest = max(measured, key=lambda one: abs(one[1]), default=(differing[0][0] if differing else None, None))
        chart, points = self.pair.chart, len(self.points)
        return SeriesDifference(chart.discipline, chart.title, self.series, points, len(differing), largest, at, change)

    def _change(self) -> str:
        if self.pair.lacks_numbers:
            return UNKNOWN
        lacks = [
            side is None or (bool(self.points) and all(point[at] is _NOTHING for point in self.points))
            for at, side in enumerate((self.pair.a, self.pair.b), 1)
        ]
        return ONLY_B if lacks[0] else ONLY_A if lacks[1] else CHANGED


def pairs(a: GatheredCharts, b: GatheredCharts, match: str | None) -> list[ChartPair]:
    """Return the charts of two studies that fit, paired by discipline and title, in the order of A.

    Raises
    ------
    NotFound
        Neither has any.

    """
    sides = [dict(_told_apart(fitting(side.charts, match))) for side in (a, b)]
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    if not names:
        what = f"fits {match}" if match else "is there"
        raise NotFound(f"no chart of study {a.study} or {b.study} {what}", hint=f"sostrades postproc list {a.study}")
    return [ChartPair(sides[0].get(name), sides[1].get(name)) for name in names]


@dataclass(frozen=True, slots=True)
class ChartDiff:
    """The charts of two studies: the pairs of charts, their series, and those that differ."""

    a: GatheredCharts
    b: GatheredCharts
    pairs: Sequence[ChartPair]
    series: Sequence[PairedSeries]
    differences: list[SeriesDifference]
    differing: int

    @property
    def summary(self) -> str:
        """Say how many charts differ."""
        verb = "differs" if self.differing == 1 else "differ"
        return f"{self.differing} of {counted(len(self.pairs), 'chart')} {verb}"

    @property
    def failure(self) -> ServerFault | None:
        """Return the error that charts without numbers stand for."""
        lacking = [pair.chart for pair in self.pairs if pair.lacks_numbers]
        if not lacking:
            return None
        return ServerFault(
            f"{counted(len(lacking), 'chart')} could not be compared: the server gave no numbers",
            detail="\n".join(f"{chart.discipline}/{chart.title}" for chart in lacking[:10]),
            hint="give the command again",
        )

    def points(self) -> list[PointPair]:
        """Return every point of both studies, whether it differs or not."""
        return [point for one in self.series for point in one.pairs()]

    def about(self) -> dict[str, Any]:
        """Return what is known of both studies, the number of compared charts, and of those that differ."""
        return {"a": self.a.about(), "b": self.b.about(), "charts": len(self.pairs), "differing": self.differing}


def chart_diff(
    a: GatheredCharts, b: GatheredCharts, compared_pairs: Sequence[ChartPair], tolerance: Tolerance
) -> ChartDiff:
    """Compare pairs of charts, series by series."""
    series = [points for pair in compared_pairs for points in _points(pair)]
    differences = [(one.pair, found) for one in series if (found := one.difference(tolerance)) is not None]
    differing = len({id(pair) for pair, _ in differences if not pair.lacks_numbers})
    return ChartDiff(a, b, compared_pairs, series, [found for _, found in differences], differing)


def _told_apart(charts: Iterable[NumberedChart]) -> Iterator[tuple[Hashable, NumberedChart]]:
    """Yield charts by discipline, title, and which of those of the same title it is."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in charts:
        name = (one.chart.discipline, one.chart.title)
        seen[name] += 1
        yield (*name, seen[name]), one


def _points(pair: ChartPair) -> Iterator[PairedSeries]:
    sides = [_series(side.chart.series()) if side else {} for side in (pair.a, pair.b)]
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    for name in names:
        a, b = (side.get(name, {}) for side in sides)
        series = name[0] if name[1] == 1 else f"{name[0]} ({name[1]})"
        places = dict.fromkeys([*a, *b])
        yield PairedSeries(
            pair, series, [(_shown(place), a.get(place, _NOTHING), b.get(place, _NOTHING)) for place in places]
        )
    if not names:
        yield PairedSeries(pair, "", [])


def _series(series: Iterable[Series]) -> dict[tuple[str, int], dict[Place, Json]]:
    """Return values by place, for each series by its name and which of the same name it is."""
    seen: Counter[str] = Counter()
    found = {}
    for one in series:
        for name, places, values in _lines(one):
            seen[name] += 1
            found[name, seen[name]] = _by_place(places, values)
    return found


def _lines(series: Series) -> Iterator[tuple[str, list[tuple[Json, ...]], Sequence[Json]]]:
    """Yield what is compared along what: a table has a line for each column, along the first or along its rows."""
    columns = dict(series.columns)
    if series.kind == "table":
        rows = [(number,) for number in range(1, series.points + 1)]
        places = rows if len(columns) == 1 else [(cell,) for cell in next(iter(columns.values()), [])]
        yield from ((name, places, values) for name, values in list(columns.items())[len(columns) > 1 :])
        return
    if not columns:
        return
    measured = "x" if series.horizontal and "x" in columns else list(columns)[-1]
    values = columns.pop(measured)
    yield series.name, list(zip(*columns.values(), strict=False)), values


def _by_place(places: Sequence[tuple[Json, ...]], values: Sequence[Json]) -> dict[Place, Json]:
    found: dict[Place, Json] = {}
    seen: Counter[tuple[Hashable, ...]] = Counter()
    for at, value in enumerate(values):
        place = tuple(map(_key, places[at] if at < len(places) else (at,)))
        seen[place] += 1
        found[place, seen[place]] = value
    return found


def _key(value: Json) -> Hashable:
    """Return what two places have in common that are the same: 2020 and 2020.0, nan and nan; True is no 1."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - nan
    return value if number else str(value)


def _shown(place: Place) -> str:
    words, which = place
    text = " / ".join(map(str, words))
    return text if which == 1 else f"{text} ({which})"


def _difference(a: Json, b: Json) -> float | None:
    """Return by how much numbers differ, where that is a number itself."""
    if not (is_number(a) and is_number(b)):
        return None
    try:
        difference = float(b - a)
    except OverflowError:
        return None
    return difference if math.isfinite(difference) else None


def _alike(a: Json, b: Json, tolerance: Tolerance) -> bool:
    if a is _NOTHING or b is _NOTHING:
        return a is b
    if equal(a, b) or tolerance.close(a, b):
        return True
    # A table of a chart holds texts of numbers where the other side has the numbers.
    cells = all(isinstance(side, str) or is_number(side) for side in (a, b))
    return cells and tolerance.close_cells(str(a), str(b))
