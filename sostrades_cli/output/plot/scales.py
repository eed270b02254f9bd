"""Scales map values to positions on an axis, as numbers, dates or categories."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NUMBERS: Final = "numbers"
DATES: Final = "dates"
CATEGORIES: Final = "categories"
# Below this limit, a float represents every integer exactly.
_EXACT: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale: the position is the number itself, the date's seconds since 1970, or the index of the category."""

    kind: str = NUMBERS
    categories: Mapping[str, int] = field(default_factory=dict)

    def position(self, value: Any) -> float | None:  # noqa: ANN401 - any cell
        """Return the position of a value; ``None`` if it is not on the scale."""
        if self.kind == CATEGORIES:
            index = self.categories.get(label(value))
            return None if index is None else float(index)
        return _seconds(value) if self.kind == DATES else number(value)


def scale_of(values: Sequence[Any]) -> Scale:
    """Return the scale for values: numbers, dates (ISO 8601), else categories in the given order."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, float) or number(value) is not None or value in ("nan", "inf", "-inf") for value in known):
        return Scale(NUMBERS)
    if all(_seconds(value) is not None for value in known):
        return Scale(DATES)
    return categories(known)


def categories(values: Iterable[Any]) -> Scale:
    """Return a scale with a category per value: numbers and dates sorted, others in the given order."""
    known = [value for value in values if value is not None]
    for scale in (Scale(NUMBERS), Scale(DATES)):
        if known and all(scale.position(value) is not None for value in known):
            known.sort(key=lambda value, scale=scale: scale.position(value) or 0.0)  # type: ignore[misc] # a default
            break
    return Scale(CATEGORIES, {name: at for at, name in enumerate(dict.fromkeys(map(label, known)))})


def label(value: Any) -> str:  # noqa: ANN401 - any cell
    """Return the name of a value on an axis; ``2020`` and ``2020.0`` have the same name."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return "" if value is None else str(value)


def number(value: Any) -> float | None:  # noqa: ANN401 - any cell
    """Return a finite number, also from its text; ``None`` for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        parsed = float(value)
    except (ValueError, OverflowError):
        return None
    return parsed if math.isfinite(parsed) else None


def _seconds(value: Any) -> float | None:  # noqa: ANN401 - any cell
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        # Local time would depend on the machine.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
