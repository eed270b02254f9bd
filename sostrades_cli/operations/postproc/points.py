"""The numbers of a chart as one table in long form: a row for each point."""

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
    """Columns and rows: ``series``, ``x`` and ``y`` for most kinds; a table is itself.

    A number that JSON has not is a text: ``nan``, ``inf``, ``-inf``; no value is ``None``.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Json, ...]]


def numbers_of(series: Sequence[Series]) -> PointTable:
    """Return the points of all series as every format can hold them."""
    found = points_of(series)
    return PointTable(found.columns, list(map(_exact, found.rows)))


def points_of(series: Sequence[Series]) -> PointTable:
    """Return the points of all series; several tables are one below the other, each under its name.

    Here a number that JSON has not is the float that it is.
    """
    if len(series) == 1 and series[0].kind == "table":
        return PointTable(tuple(series[0].columns), list(series[0].rows()))
    columns = tuple(dict.fromkeys(name for one in series for name in one.columns)) or ("x", "y")
    rows = []
    for one in series:
        places = [list(one.columns).index(name) if name in one.columns else None for name in columns]
        rows += [(one.name, *(None if place is None else row[place] for place in places)) for row in one.rows()]
    return PointTable(("series", *(name if name != "series" else "series (2)" for name in columns)), rows)


def chosen(series: Sequence[Series], glob: str | None, low: str | None, high: str | None) -> list[Series]:
    """Return the series whose names fit a glob, or hold this text, with the points from one x to another.

    Raises
    ------
    NotFound
        No name fits.
    UsageError
        They have no x, or it has no place for an end: no number, no date, none of its names.

    """
    called = {one.name for one in series}
    wanted = called if glob is None else set(name_lookup.fitting(called, glob))
    fitting = [one for one in series if one.name in wanted]
    if series and not fitting:
        shown = ", ".join(filter(None, (one.name for one in series)))
        raise NotFound(f"no series fits {glob}", detail=f"there are: {shown}" if shown else "the series have no names")
    if low is None and high is None:
        return fitting
    without = next((one for one in fitting if "x" not in one.columns), None)
    if without is not None:
        raise UsageError(f"{without.kind} has no x to choose from", hint="leave --from and --to away")
    within = between(scale_of([x for one in fitting for x in one.columns["x"]]), low, high)
    return [_within(one, within) for one in fitting]


def _within(series: Series, within: Callable[[Json], bool]) -> Series:
    place = list(series.columns).index("x")
    kept = [row for row in series.rows() if within(row[place])]
    columns = {name: [row[at] for row in kept] for at, name in enumerate(series.columns)}
    return replace(series, columns=columns)


def between(scale: Scale, low: str | None, high: str | None) -> Callable[[Json], bool]:
    """Return what tells whether an x lies between two ends, which both belong to it; 2026 ends with its last day."""
    ends = [_end(scale, low, last=False), _end(scale, high, last=True)]

    def within(x: Json) -> bool:
        place = float(x) if isinstance(x, float) and math.isinf(x) else scale.place(x)
        return place is not None and ends[0] <= place <= ends[1]

    return within


def _end(scale: Scale, text: str | None, *, last: bool) -> float:
    if text is None:
        return math.inf if last else -math.inf
    place = _date_end(text, last=last) if scale.kind == DATES else scale.place(text)
    if place is None:
        known_names = list(scale.categories)
        known = {
            NUMBERS: "its x are numbers",
            DATES: "its x are dates, such as 2026, 2026-01 or 2026-01-30",
            CATEGORIES: f"its x are: {', '.join(known_names[:SHOWN])}{' ...' if len(known_names) > SHOWN else ''}",
        }
        raise UsageError(f"{text} is no x of this chart", detail=known[scale.kind], hint="give one that is")
    return place


def _date_end(text: str, *, last: bool) -> float | None:
    """Return the first or the last moment of what a text names: a year, a month, a day, or a moment."""
    if (found := _MONTH.fullmatch(text)) is None:
        moment = Scale(DATES).place(text)
        return moment if moment is None or not last or "T" in text or " " in text else moment + _DAY_S - 1e-6
    year, month = int(found.group(1)), int(found.group(2) or (12 if last else 1))
    if last:
        year, month = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    first = Scale(DATES).place(f"{year:04}-{month:02}-01")
    return first if first is None or not last else first - 1e-6


def infinite(series: Series) -> int:
    """Return how many points have no finite place or height though they are numbers."""
    cells = [cell for column in series.columns.values() for cell in column]
    return sum(isinstance(cell, float) and math.isinf(cell) for cell in cells)


def drawable(series: Series) -> bool:
    """Return whether a series has a point with a number."""
    values = series.columns.get("x" if series.horizontal else "y", ())
    return any(number(one) is not None for one in values)


def exact(cell: Json) -> Json:
    """Return a cell as all formats can hold it: ``nan`` and the infinite, which JSON has not, as texts."""
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def _exact(row: tuple[Json, ...]) -> tuple[Json, ...]:
    return tuple(map(exact, row))
