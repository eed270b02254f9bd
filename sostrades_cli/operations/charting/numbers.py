"""The numbers of a chart as one table in long form: a row for each point."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.operations.names import GLOB, matching
from sostrades_cli.output.scales import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.api.figures import Series
    from sostrades_cli.api.models import Json


@dataclass(frozen=True, slots=True)
class Numbers:
    """Columns and rows: ``series``, ``x`` and ``y`` for most kinds; a table is itself.

    A number that JSON has not is a text: ``nan``, ``inf``, ``-inf``; no value is ``None``.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Json, ...]]


def numbers_of(series: Sequence[Series]) -> Numbers:
    """Return the points of all series; several tables are one below the other, each under its name."""
    if len(series) == 1 and series[0].kind == "table":
        return Numbers(tuple(series[0].columns), [_exact(row) for row in series[0].rows()])
    names = tuple(dict.fromkeys(name for one in series for name in one.columns)) or ("x", "y")
    rows = []
    for one in series:
        places = [list(one.columns).index(name) if name in one.columns else None for name in names]
        rows += [
            (one.name, *(None if place is None else row[place] for place in places)) for row in map(_exact, one.rows())
        ]
    return Numbers(("series", *(name if name != "series" else "series (2)" for name in names)), rows)


def chosen(series: Sequence[Series], glob: str | None, within: Callable[[Json], bool]) -> list[Series]:
    """Return the series whose names fit a glob, or hold this text, with the points that are within.

    Raises
    ------
    NotFound
        No name fits.
    UsageError
        They have no x.

    """
    fitting = [one for one in series if glob is None or _fits(glob, one.name)]
    if series and not fitting:
        raise NotFound(f"no series fits {glob}", detail=f"there are: {', '.join(one.name for one in series)}")
    return [_within(one, within) for one in fitting]


def _within(series: Series, within: Callable[[Json], bool]) -> Series:
    if "x" not in series.columns:
        if within is everywhere:
            return series
        raise UsageError(f"a {series.kind} has no x to choose from", hint="leave --from and --to away")
    if within is everywhere:
        return series
    place = list(series.columns).index("x")
    kept = [row for row in series.rows() if within(row[place])]
    columns = {name: [row[at] for row in kept] for at, name in enumerate(series.columns)}
    return replace(series, columns=columns)


def everywhere(_: Json) -> bool:
    """Take any x."""
    return True


def between(low: str | None, high: str | None) -> Callable[[Json], bool]:
    """Return what tells whether an x lies between two ends: as numbers, else as text, which dates sort well by."""
    if low is None and high is None:
        return everywhere

    def within(x: Json) -> bool:
        return x is not None and (low is None or _at_least(x, low)) and (high is None or _at_most(x, high))

    return within


def _at_least(x: Json, low: str) -> bool:
    numbers = _numbers(x, low)
    return numbers[0] >= numbers[1] if numbers else str(x) >= low


def _at_most(x: Json, high: str) -> bool:
    """Tell whether x comes before the end of what ``high`` names: 2026 ends with its last day."""
    numbers = _numbers(x, high)
    return numbers[0] <= numbers[1] if numbers else str(x)[: len(high)] <= high


def _numbers(x: Json, end: str) -> tuple[float, float] | None:
    try:
        return float(x), float(end)
    except (TypeError, ValueError, OverflowError):
        return None


def drawable(series: Series) -> bool:
    """Tell whether a series has a point with a number."""
    values = series.columns.get("x" if series.horizontal else "y", ())
    return any(number(one) is not None for one in values)


def _fits(glob: str, name: str) -> bool:
    return bool(matching(glob, [name])) if GLOB & set(glob) else glob in name


def _exact(row: tuple[Json, ...]) -> tuple[Json, ...]:
    return tuple(str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)
