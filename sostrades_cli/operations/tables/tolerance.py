"""How far numbers may be apart and still be taken for the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sostrades_cli.operations.tables import downloads


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may be apart: ``abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol)``."""

    rtol: float = 0.0
    atol: float = 0.0

    @property
    def exact(self) -> bool:
        """Return whether they may not be apart at all."""
        return self.rtol == self.atol == 0.0

    def close(self, a: float, b: float) -> bool:
        """Return whether two numbers are close enough; a whole number may be beyond a double."""
        try:
            return math.isclose(a, b, rel_tol=self.rtol, abs_tol=self.atol)
        except OverflowError:
            one, other = Fraction(a), Fraction(b)
            allowed = max(Fraction(self.rtol) * max(abs(one), abs(other)), Fraction(self.atol))
            return abs(one - other) <= allowed

    def same_cell(self, a: str, b: str) -> bool:
        """Return whether two cells hold the same, or numbers that are close enough."""
        if downloads.same_cell(a, b):
            return True
        one, other = downloads.number(a), downloads.number(b)
        return one is not None and other is not None and self.close(one, other)


EXACT: Final = Tolerance()
