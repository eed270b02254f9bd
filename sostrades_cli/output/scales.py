"""Scales of a plot: what is written along an axis becomes numbers, and numbers become ticks that read well."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_DAY_S: Final = 86400.0
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGE, _SMALL = 1e6, 1e-4
_ENOUGH_POWERS: Final = 2


@dataclass(frozen=True, slots=True)
class Scale:
    """Where things stand: ``numbers`` as they are, ``dates`` by their seconds, ``categories`` by their place."""

    kind: str
    categories: Mapping[str, int] = field(default_factory=dict)

    def place(self, value: Any) -> float | None:  # noqa: ANN401 - any cell
        """Return where a value stands, ``None`` where it does not."""
        if self.kind == "categories":
            found = self.categories.get(label(value))
            return None if found is None else float(found)
        return _seconds(value) if self.kind == "dates" else number(value)


def scale_of(values: Sequence[Any]) -> Scale:
    """Tell the scale that values ask for: numbers, dates (ISO 8601), else categories in their order."""
    known = [value for value in values if value is not None]
    if all(number(value) is not None or value in ("nan", "inf", "-inf") for value in known):
        return Scale("numbers")
    if all(_seconds(value) is not None for value in known):
        return Scale("dates")
    return categories(known)


def categories(values: Iterable[Any]) -> Scale:
    """Return the scale of what has no order but its own."""
    return Scale("categories", {name: at for at, name in enumerate(dict.fromkeys(map(label, values)))})


def label(value: Any) -> str:  # noqa: ANN401 - any cell
    """Return what a value is called on an axis: ``2020`` and ``2020.0`` are the same."""
    found = number(value)
    return written(found) if found is not None else "" if value is None else str(value)


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
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def ticks(
    scale: Scale, low: float, high: float, most: int, *, log: bool = False, whole: bool = False
) -> tuple[list[float], list[str]]:
    """Return at most about ``most`` places between two ends, and what is written there; ``whole`` is for years."""
    if scale.kind == "categories":
        names = list(scale.categories)[:: max(1, math.ceil(len(scale.categories) / max(1, most)))]
        return [float(scale.categories[name]) for name in names], names
    if scale.kind == "dates":
        places = [low + (high - low) * part / max(1, most - 1) for part in range(max(1, most))] if high > low else [low]
        form = "%Y-%m-%d" if high - low >= _DAY_S * most else "%m-%d %H:%M"
        return places, [datetime.fromtimestamp(place, UTC).strftime(form) for place in places]
    places = _powers(low, high, most) if log else _round(low, high, most, whole=whole)
    return places, [written(place) for place in places]


def written(value: float) -> str:
    """Write a number of an axis: whole where it is whole, with as few digits as tell it."""
    if value and not _SMALL <= abs(value) < _LARGE:
        return f"{value:.3g}"
    return f"{value:.6g}"


def _round(low: float, high: float, most: int, *, whole: bool = False) -> list[float]:
    if not high > low:
        return [low]
    rough = max((high - low) / max(1, most - 1), 1.0 if whole else 0.0)
    power = 10.0 ** math.floor(math.log10(rough))
    fits = (power * one for one in _STEPS if not whole or (power * one).is_integer())
    step = next(one for one in fits if one >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [at * step for at in range(first, last + 1)]


def _powers(low: float, high: float, most: int) -> list[float]:
    """Return powers of ten; round numbers where there are too few of them between the ends."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first + 1) / max(1, most)))
    powers = [10.0**at for at in range(first, last + 1, every)]
    return powers if len(powers) >= _ENOUGH_POWERS else [one for one in _round(low, high, most) if one > 0] or [low]
