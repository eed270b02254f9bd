"""Convert the numbers of a chart to a table in long form, with a row per point."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.output.plot.scales import CATEGORIES, DATES, NUMBERS, Scale, number, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.plotly_figures.figure import Series


SHOWN: Final = 8
_MONTH: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_DAY_S: Final = 86400.0
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class PointTable:
    """Columns and rows: ``series``, ``x`` and ``y`` for most kinds. A table keeps its own columns.

    Numbers without a JSON form are strings: ``nan``, ``inf``, ``-inf``. A missing value is ``None``.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Json, ...]]


def numbers_of(series: Sequence[Series]) -> PointTable:
    """Return the points of all series with cells that every format can represent."""
    table = points_of(series)
    return PointTable(table.columns, list(map(_exact, table.rows)))


def points_of(series: Sequence[Series]) -> PointTable:
    """Return the points of all series. Several tables are concatenated, with their names as ``series``.

    Unlike in ``numbers_of``, nan and inf are floats.
    """
    if len(series) == 1 and series[0].kind == "table":
        return PointTable(tuple(series[0].columns), list(series[0].rows()))
    columns = tuple(dict.fromkeys(name for item in series for name in item.columns)) or ("x", "y")
    rows = []
    for item in series:
        positions = [list(item.columns).index(name) if name in item.columns else None for name in columns]
        rows += [
            (item.name, *(None if position is None else row[position] for position in positions)) for row in item.rows()
        ]
    # A table of the server may have a column `series` itself.
    return PointTable(("series", *(name if name != "series" else "series (2)" for name in columns)), rows)


def chosen(series: Sequence[Series], glob: str | None, low: str | None, high: str | None) -> list[Series]:
    """Return the series whose names match a glob or contain a text, limited to a range of x.

    Raises
    ------
    NotFound
        No name matches.
    UsageError
        A series has no x, or an end of the range does not fit its scale.

    """
    names = {item.name for item in series}
    matching_names = names if glob is None else set(name_lookup.matching_names(names, glob))
    fitting = [item for item in series if item.name in matching_names]
    if series and not fitting:
        available = ", ".join(filter(None, (item.name for item in series)))
        raise NotFound(
            f"no series matches {glob}",
            detail=f"series: {available}" if available else "the series have no names",
            hint="choose one of the series" if available else "remove --series",
        )
    if low is None and high is None:
        return fitting
    without = next((item for item in fitting if "x" not in item.columns), None)
    if without is not None:
        raise UsageError(f"{without.kind} has no x axis", hint="remove --from and --to")
    within = between(scale_of([x for item in fitting for x in item.columns["x"]]), low, high)
    return [_within(item, within) for item in fitting]


def _within(series: Series, within: Callable[[Json], bool]) -> Series:
    position = list(series.columns).index("x")
    kept = [row for row in series.rows() if within(row[position])]
    columns = {name: [row[index] for row in kept] for index, name in enumerate(series.columns)}
    return replace(series, columns=columns)


def between(scale: Scale, low: str | None, high: str | None) -> Callable[[Json], bool]:
    """Return a predicate for x within two inclusive ends. The end 2026 includes its last day."""
    # Parse the ends once, before the loop over the points.
    ends = [_end(scale, low, last=False), _end(scale, high, last=True)]

    def within(x: Json) -> bool:
        # The scale has no position for infinities, but an open range includes them.
        coordinate = float(x) if isinstance(x, float) and math.isinf(x) else scale.position(x)
        return coordinate is not None and ends[0] <= coordinate <= ends[1]

    return within


def _end(scale: Scale, text: str | None, *, last: bool) -> float:
    if text is None:
        return math.inf if last else -math.inf
    coordinate = _date_end(text, last=last) if scale.kind == DATES else scale.position(text)
    if coordinate is None:
        known_names = list(scale.categories)
        expected = {
            NUMBERS: "give a number",
            DATES: "give a date such as 2026, 2026-01 or 2026-01-30",
            CATEGORIES: f"choose one of {', '.join(known_names[:SHOWN])}{' ...' if len(known_names) > SHOWN else ''}",
        }
        axis = {NUMBERS: "has numbers", DATES: "has dates", CATEGORIES: "has categories"}
        raise UsageError(f"the x axis of this chart {axis[scale.kind]}, got {text!r}", hint=expected[scale.kind])
    return coordinate


def _date_end(text: str, *, last: bool) -> float | None:
    """Return the first or last moment of a year, a month or a day, or the moment itself."""
    if (month_match := _MONTH.fullmatch(text)) is None:
        moment = Scale(DATES).position(text)
        return moment if moment is None or not last or "T" in text or " " in text else moment + _DAY_S - 1e-6
    year, month = int(month_match.group(1)), int(month_match.group(2) or (12 if last else 1))
    if last:
        year, month = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    # The last moment of a month is a microsecond before the next month.
    first = Scale(DATES).position(f"{year:04}-{month:02}-01")
    return first if first is None or not last else first - 1e-6


def infinite(series: Series) -> int:
    """Return the number of points with an infinite coordinate."""
    cells = [cell for column in series.columns.values() for cell in column]
    return sum(isinstance(cell, float) and math.isinf(cell) for cell in cells)


def drawable(series: Series) -> bool:
    """Return whether a series has at least one numeric point."""
    name = "z" if "z" in series.columns else "x" if series.horizontal else "y"
    values = series.columns.get(name, ())
    return any(number(value) is not None for value in values)


def exact(cell: Json) -> Json:
    """Return a cell that every format can represent: nan and inf become strings."""
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def _exact(row: tuple[Json, ...]) -> tuple[Json, ...]:
    return tuple(map(exact, row))
