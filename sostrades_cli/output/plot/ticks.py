"""Scales of a plot: what is written along an axis becomes numbers, and numbers become ticks that read well."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

NUMBERS: Final = "numbers"
DATES: Final = "dates"
CATEGORIES: Final = "categories"
_DAY_S: Final = 86400.0
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGE, _SMALL = 1e6, 1e-4
_MOST_DIGITS: Final = 17
_ENOUGH_POWERS: Final = 2
_EXACT: Final = 2.0**53
_DAY_FORM: Final = "%Y-%m-%d"
_TIME_FORMS: Final = ("%m-%d %H:%M", "%H:%M:%S", "%H:%M:%S.%f")


@dataclass(frozen=True, slots=True)
class Scale:
    """Where things stand: ``numbers`` as they are, ``dates`` by their seconds, ``categories`` by their place."""

    kind: str = NUMBERS
    categories: Mapping[str, int] = field(default_factory=dict)

    def place(self, value: Any) -> float | None:  # noqa: ANN401 - any cell
        """Return where a value stands, ``None`` where it does not."""
        if self.kind == CATEGORIES:
            found = self.categories.get(label(value))
            return None if found is None else float(found)
        return _seconds(value) if self.kind == DATES else number(value)


def scale_of(values: Sequence[Any]) -> Scale:
    """Tell the scale that values ask for: numbers, dates (ISO 8601), else categories in their order."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, float) or number(value) is not None or value in ("nan", "inf", "-inf") for value in known):
        return Scale(NUMBERS)
    if all(_seconds(value) is not None for value in known):
        return Scale(DATES)
    return categories(known)


def categories(values: Iterable[Any]) -> Scale:
    """Return the scale of what has a place each, such as bars: numbers and dates in their order, else as they come."""
    known = [value for value in values if value is not None]
    if (scale := _ordered(known)) is not None:
        known.sort(key=lambda value: scale.place(value) or 0.0)
    return Scale(CATEGORIES, {name: at for at, name in enumerate(dict.fromkeys(map(label, known)))})


def _ordered(values: Sequence[Any]) -> Scale | None:
    for scale in (Scale(NUMBERS), Scale(DATES)):
        if values and all(scale.place(value) is not None for value in values):
            return scale
    return None


def label(value: Any) -> str:  # noqa: ANN401 - any cell
    """Return what a value is called on an axis, exactly: ``2020`` and ``2020.0`` are the same, no other two numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return "" if value is None else str(value)


def number(value: Any) -> float | None:  # noqa: ANN401 - any cell
    """Return a finite number, also one that is written as text; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _seconds(value: Any) -> float | None:  # noqa: ANN401 - any cell
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class TickAxis:
    """An axis to be written: the scale, its two ends, whether it is logarithmic, and whether it counts, as years do."""

    scale: Scale
    low: float
    high: float
    log: bool = False
    whole: bool = False


def ticks(axis: TickAxis, most: int) -> tuple[list[float], list[str]]:
    """Return at most about ``most`` places of an axis, and what is written there, each otherwise."""
    if axis.scale.kind == CATEGORIES:
        names = list(axis.scale.categories)[:: max(1, math.ceil(len(axis.scale.categories) / max(1, most)))]
        return [float(axis.scale.categories[name]) for name in names], names
    if axis.scale.kind == DATES:
        return _date_ticks(axis.low, axis.high, most)
    places = _powers(axis.low, axis.high, most) if axis.log else _round(axis, most)
    return places, _all_different(places, _writers())


def _writers() -> Iterable[Callable[[float], str]]:
    yield written
    for digits in range(4, _MOST_DIGITS + 1):
        yield lambda value, digits=digits: f"{value:.{digits}g}"  # type: ignore[misc] # a default is no argument


def written(value: float) -> str:
    """Write a number of an axis: whole where it is whole, with as few digits as tell it."""
    if value and not _SMALL <= abs(value) < _LARGE:
        return f"{value:.3g}"
    return f"{value:.6g}"


def _all_different(places: Sequence[float], writers: Iterable[Callable[[float], str]]) -> list[str]:
    """Write places with the first writer that tells them apart."""
    texts: list[str] = []
    for writer in writers:
        texts = [writer(place) for place in places]
        if len(set(texts)) == len(places):
            break
    return texts


def _date_ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Return whole days, a whole number of them apart; within a few days times, evenly."""
    intervals = max(1, most - 1)
    if high - low >= _DAY_S * intervals:
        days = math.ceil((high - low) / _DAY_S / intervals)
        first = math.ceil(low / _DAY_S)
        places = [day * _DAY_S for day in range(first, math.floor(high / _DAY_S) + 1, days)]
        return places, [_date(place, _DAY_FORM) for place in places]
    places = [low + (high - low) * part / intervals for part in range(intervals + 1)] if high > low else [low]
    forms = _TIME_FORMS if any(place % _DAY_S for place in places) else (_DAY_FORM,)
    writers = [lambda place, form=form: _date(place, form) for form in forms]
    return places, _all_different(places, writers)


def _date(place: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(place, UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        return ""


def _round(axis: TickAxis, most: int) -> list[float]:
    low, high = axis.low, axis.high
    if not high > low:
        return [low]
    rough = max((high - low) / max(1, most - 1), 1.0 if axis.whole else 0.0)
    power = 10.0 ** math.floor(math.log10(rough)) if 0 < rough < math.inf else 0.0
    if not power:
        return [low, high]
    fits = (power * one for one in _STEPS if not axis.whole or (power * one).is_integer())
    # A few ticks too many read better than steps of five years.
    enough = rough * (0.8 if axis.whole else 1 - 1e-9)
    step = next((one for one in fits if one >= enough), rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [at * step for at in range(first, last + 1)]


def _powers(low: float, high: float, most: int) -> list[float]:
    """Return powers of ten; round numbers where there are too few of them between the ends."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first + 1) / max(1, most)))
    powers = [10.0**at for at in range(first, last + 1, every)]
    if len(powers) >= _ENOUGH_POWERS:
        return powers
    return [one for one in _round(TickAxis(Scale(), low, high), most) if one > 0] or [low]
