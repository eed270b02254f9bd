"""The axes of a space: a parameter and its values, as cells of a table of cases.

Positions on an axis are numbers from 0 to 1, so every sampler works in the unit cube and needs no units or types.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sostrades_cli.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.design.distributions import Distribution


class Axis(Protocol):
    """A parameter of a space."""

    @property
    def name(self) -> str:
        """The full name of the parameter."""

    @property
    def is_bounded(self) -> bool:
        """Whether both ends of the axis are finite."""

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space that give this axis, with the defaults of the study."""

    def at(self, positions: Sequence[float]) -> list[str]:
        """Return the cells at positions from 0 to 1."""

    def levels(self, count: int) -> list[str]:
        """Return ``count`` cells that divide the axis evenly, with both ends. Fewer if the axis has fewer values."""

    def number(self, cell: str) -> float | None:
        """Return the number or boolean in a cell of this axis, or ``None`` for anything else."""


@dataclass(frozen=True, slots=True)
class FloatAxis:
    """A range of floats."""

    name: str
    low: float
    high: float
    is_bounded: bool = True

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space."""
        return {"range": [self.low, self.high]}

    def at(self, positions: Sequence[float]) -> list[str]:
        """Return the cells at positions from 0 to 1."""
        # low + position * (high - low) would be wrong: the difference may overflow, and rounding may miss the end.
        values = (self.low * (1 - position) + self.high * position for position in positions)
        return [repr(min(max(value, self.low), self.high)) for value in values]

    def levels(self, count: int) -> list[str]:
        """Return evenly spaced cells."""
        return self.at(_evenly(count))

    def number(self, cell: str) -> float:
        """Return the float in a cell."""
        return float(cell)


@dataclass(frozen=True, slots=True)
class IntAxis:
    """A range of integers. Each integer has the same share of the axis."""

    name: str
    low: int
    high: int
    is_bounded: bool = True

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space."""
        return {"range": [self.low, self.high]}

    def at(self, positions: Sequence[float]) -> list[str]:
        """Return the cells at positions from 0 to 1."""
        total = self.high - self.low + 1
        return [str(self.low + min(int(position * total), total - 1)) for position in positions]

    def levels(self, count: int) -> list[str]:
        """Return evenly spaced cells, rounded to integers. A range of at most ``count`` integers has all of them."""
        steps = min(count, self.high - self.low + 1) - 1
        span = self.high - self.low
        # Rounds step * span / steps half up, in integers, because large ones have no exact float.
        return [str(self.low + (2 * step * span + steps) // max(1, 2 * steps)) for step in range(steps + 1)]

    def number(self, cell: str) -> int:
        """Return the integer in a cell."""
        return int(cell)


@dataclass(frozen=True, slots=True)
class ChoiceAxis:
    """A list of choices. Each choice has the same share of the axis. ``cells`` are the choices in a table of cases."""

    name: str
    cells: tuple[str, ...]
    choices: tuple[Json, ...]
    is_bounded: bool = True

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space."""
        return {"choices": list(self.choices)}

    def at(self, positions: Sequence[float]) -> list[str]:
        """Return the cells at positions from 0 to 1."""
        total = len(self.cells)
        return [self.cells[min(int(position * total), total - 1)] for position in positions]

    def levels(self, count: int) -> list[str]:  # noqa: ARG002 - choices have no other levels
        """Return all choices."""
        return list(self.cells)

    def number(self, cell: str) -> float | None:
        """Return the choice of a cell if it is a number or a boolean."""
        choice = self.choices[self.cells.index(cell)]
        return choice if isinstance(choice, (int, float)) else None


@dataclass(frozen=True, slots=True)
class DistributionAxis:
    """A distribution of floats. If ``is_whole``, the values are rounded to integers."""

    name: str
    distribution: Distribution
    is_whole: bool = False

    @property
    def is_bounded(self) -> bool:
        """Whether the distribution has two limits."""
        return self.distribution.low is not None and self.distribution.high is not None

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space."""
        return self.distribution.spec

    def at(self, positions: Sequence[float]) -> list[str]:
        """Return the cells at quantiles from 0 to 1.

        Raises
        ------
        InvalidFile
            The numbers of the distribution give no finite values.

        """
        values = self.distribution.quantiles(positions)
        if not all(map(math.isfinite, values)):
            raise InvalidFile(
                f"{self.name}: the distribution has values beyond the range of a float",
                hint="correct its numbers, or give low and high near to them",
            )
        return [str(round(value)) if self.is_whole else repr(value) for value in values]

    def levels(self, count: int) -> list[str]:
        """Return cells at evenly spaced quantiles."""
        return list(dict.fromkeys(self.at(_evenly(count))))

    def number(self, cell: str) -> float:
        """Return the number in a cell."""
        return int(cell) if self.is_whole else float(cell)


def _evenly(count: int) -> list[float]:
    return [step / (count - 1) for step in range(count)]
