"""The distributions of a space: their quantiles are those of the formulas, and they stay within their limits."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pytest

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.calc.design.distributions import SHAPES, Distribution

POSITIONS = [0.05, 0.25, 0.5, 0.75, 0.95]
NORMAL = NormalDist(10, 2)


def quantiles(kind: str, low: float | None, high: float | None, **shape: float) -> list[float]:
    """Return the quantiles of a distribution at POSITIONS."""
    distribution = Distribution(kind, shape, low, high)
    distribution.check("x")
    return distribution.quantiles(POSITIONS)


def inside(position: float, low: float, high: float) -> float:
    """Return the quantile of the normal distribution between two limits."""
    start, end = NORMAL.cdf(low), NORMAL.cdf(high)
    return NORMAL.inv_cdf(start + position * (end - start))


FORMULAS: list[tuple[Any, ...]] = [
    ("loguniform", 0.01, 100.0, {}, [10 ** (4 * p - 2) for p in POSITIONS]),
    ("normal", None, None, {"mean": 10, "std": 2}, [NORMAL.inv_cdf(p) for p in POSITIONS]),
    ("normal", 9.0, 15.0, {"mean": 10, "std": 2}, [inside(p, 9, 15) for p in POSITIONS]),
    ("normal", 9.0, None, {"mean": 10, "std": 2}, [inside(p, 9, 1e9) for p in POSITIONS]),
    ("lognormal", None, None, {"mu": 10, "sigma": 2}, [math.exp(NORMAL.inv_cdf(p)) for p in POSITIONS]),
    (
        "lognormal",
        math.exp(9),
        math.exp(15),
        {"mu": 10, "sigma": 2},
        [math.exp(inside(p, 9, 15)) for p in POSITIONS],
    ),
    (
        "triangular",
        0.0,
        1.0,
        {"mode": 0.5},
        [math.sqrt(p / 2) if p < 0.5 else 1 - math.sqrt((1 - p) / 2) for p in POSITIONS],
    ),
]


@pytest.mark.parametrize(("kind", "low", "high", "shape", "expected"), FORMULAS)
def test_quantiles_are_those_of_the_formula(
    kind: str, low: float | None, high: float | None, shape: dict[str, float], expected: list[float]
) -> None:
    assert quantiles(kind, low, high, **shape) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("kind", "low", "high", "shape", "expected"), FORMULAS)
def test_ends_are_the_limits_or_finite(
    kind: str, low: float | None, high: float | None, shape: dict[str, float], expected: list[float]
) -> None:
    """Samplers may return 0 and 1."""
    first, last = Distribution(kind, shape, low, high).quantiles([0.0, 1.0])
    assert math.isfinite(first)
    assert math.isfinite(last)
    assert low is None or first == pytest.approx(low)
    assert high is None or last == pytest.approx(high)
    assert (low is None or first >= low, high is None or last <= high) == (True, True)


def test_lognormal_from_zero_is_positive() -> None:
    [first] = Distribution("lognormal", {"mu": 0, "sigma": 1}, 0.0, 5.0).quantiles([0.0])
    assert 0 < first < 1e-3


def test_distribution_needs_limits_where_it_has_none_of_its_own() -> None:
    for kind in set(SHAPES) - {"normal", "lognormal"}:
        with pytest.raises(InvalidFile):
            Distribution(kind, {"mode": 1.0}, 0.0, None).check("x")
