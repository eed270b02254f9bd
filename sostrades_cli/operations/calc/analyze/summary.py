"""Compute statistics of an output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.operations.calc.analyze.columns import finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.calc.analyze.columns import Number

# A smaller relative spread is a rounding error, which differs between cases.
_SAME: Final = 1e-12
_QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Summary:
    """The number of values, the number of cases without a value, and statistics.

    ``std`` is ``None`` for a single value, and if it is beyond the largest float.
    """

    count: int
    missing: int
    mean: float
    std: Number
    min: float
    p05: float
    median: float
    p95: float
    max: float
    is_constant: bool


def summarize(numbers: Sequence[Number]) -> Summary:
    """Return the statistics of numbers, at least one of which is present."""
    import numpy as np

    present = np.array([number for number in numbers if number is not None])
    scaled, scale = scaled_down(present)
    low, high = float(scaled.min()), float(scaled.max())
    p05, median, p95 = (float(value) for value in np.quantile(scaled, _QUANTILES))
    return Summary(
        count=int(present.size),
        missing=len(numbers) - int(present.size),
        mean=float(scaled.mean()) * scale,
        # The spread of huge numbers of both signs can be beyond the largest float.
        std=finite(float(scaled.std(ddof=1)) * scale) if present.size > 1 else None,
        min=low * scale,
        p05=p05 * scale,
        median=median * scale,
        p95=p95 * scale,
        max=high * scale,
        is_constant=high - low <= _SAME,
    )


def scaled_down(numbers: Any) -> tuple[Any, float]:  # noqa: ANN401 - arrays of numpy
    """Return the numbers scaled to -1 to 1, and the scale. Sums of huge numbers would overflow."""
    import numpy as np

    scale = float(np.abs(numbers).max()) or 1.0
    return numbers / scale, scale
