"""The goal of an optimization: an output to minimize or maximize, and constraints on outputs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.tables.equality import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json

MINIMIZE: Final = "minimize"
MAXIMIZE: Final = "maximize"
_LIMIT: Final = re.compile(r"\s*(?P<key>[^<>=]+?)\s*(?P<relation><=|>=)\s*(?P<bound>[^<>=\s]+)\s*")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A limit of an output: its key, ``<=`` or ``>=``, and the bound."""

    key: str
    relation: str
    bound: float

    def __str__(self) -> str:
        return f"{self.key} {self.relation} {self.bound!r}"

    def violation(self, value: float) -> float:
        """Return how far a value is beyond the limit. The result is zero or negative within the limit."""
        return value - self.bound if self.relation == "<=" else self.bound - value


@dataclass(frozen=True, slots=True)
class Goal:
    """The output to optimize, the direction, and the constraints."""

    key: str
    direction: str
    constraints: tuple[Constraint, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The distinct outputs that the goal needs."""
        return tuple(dict.fromkeys([self.key, *(constraint.key for constraint in self.constraints)]))

    def is_better(self, value: float, than: float) -> bool:
        """Return whether a value of the objective is better than another value."""
        return value < than if self.direction == MINIMIZE else value > than

    def with_keys(self, keys: Sequence[str]) -> Goal:
        """Return the same goal with other names for its ``keys``."""
        names = dict(zip(self.keys, keys, strict=True))
        constraints = (replace(constraint, key=names[constraint.key]) for constraint in self.constraints)
        return Goal(names[self.key], self.direction, tuple(constraints))

    def violations(self, outputs: Mapping[str, Json]) -> list[float]:
        """Return the violation of each constraint. All outputs must be numbers."""
        return [constraint.violation(float(outputs[constraint.key])) for constraint in self.constraints]

    def is_feasible(self, outputs: Mapping[str, Json]) -> bool:
        """Return whether the outputs satisfy all constraints. All outputs must be numbers."""
        return all(violation <= 0 for violation in self.violations(outputs))

    def fault(self, outputs: Mapping[str, Json]) -> str | None:
        """Return why outputs cannot be compared, or ``None`` if all of them are finite numbers."""
        for key in self.keys:
            value = outputs.get(key)
            if value is None:
                return f"{key} has no value"
            if not is_number(value):
                return f"{key} is not a number"
            if not math.isfinite(value):
                return f"{key} is {value!r}"
        return None


def goal_of(minimize: str | None, maximize: str | None, constraints: Sequence[str]) -> Goal:
    """Return the goal of the options.

    Raises
    ------
    UsageError
        There is no objective, or there are two, or a constraint is not ``KEY <= NUMBER`` or ``KEY >= NUMBER``.

    """
    if (minimize is None) == (maximize is None):
        problem = "only one of --minimize and --maximize works" if minimize else "an optimization needs an objective"
        raise UsageError(problem, hint="give --minimize KEY or --maximize KEY")
    key, direction = (minimize, MINIMIZE) if minimize is not None else (maximize, MAXIMIZE)
    return Goal(str(key), direction, tuple(map(_constraint, constraints)))


def _constraint(text: str) -> Constraint:
    match = _LIMIT.fullmatch(text)
    if match is None or not number_text.is_number(match["bound"]) or not math.isfinite(float(match["bound"])):
        raise UsageError(
            f"expected KEY <= NUMBER or KEY >= NUMBER, got {text!r:.80}",
            hint="write, for example, --constraint 'Damage.total_damage <= 3'",
        )
    return Constraint(match["key"], match["relation"], float(match["bound"]))
