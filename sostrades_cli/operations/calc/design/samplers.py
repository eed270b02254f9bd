"""Sample points of the unit cube for the methods of a design, with scipy.stats.qmc and SALib."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.optional_deps import require

if TYPE_CHECKING:
    from collections.abc import Callable

GRID: Final = "grid"
OAT: Final = "oat"
LHS: Final = "lhs"
SOBOL: Final = "sobol"
HALTON: Final = "halton"
MORRIS: Final = "morris"
SALTELLI: Final = "saltelli"
METHODS: Final = (GRID, LHS, SOBOL, HALTON, MORRIS, SALTELLI, OAT)
# These methods use levels of each parameter, not random points.
LEVELLED: Final = frozenset({GRID, OAT})
# These methods have points at the ends of the axes, so the ends must be finite.
TOUCHING_ENDS: Final = frozenset({*LEVELLED, MORRIS})
# These methods are balanced only for powers of two.
BALANCED: Final = frozenset({SOBOL, SALTELLI})
# Arguments of SALib. They are recorded, because an analysis of the results needs the same ones.
SALIB_ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    MORRIS: {"num_levels": 4},
    SALTELLI: {"calc_second_order": True},
}
_LIBRARIES: Final = ("numpy", "scipy", "SALib")


def require_library(method: str, *, has_distributions: bool) -> None:
    """Check that the libraries of a method are installed.

    Raises
    ------
    ExtraMissing
        A library is missing.

    """
    if method in SALIB_ARGUMENTS:
        require("SALib", extra="design", purpose=f"the method {method}")
    if method not in LEVELLED:
        require("scipy", extra="design", purpose=f"the method {method}")
    if has_distributions:
        require("scipy", extra="design", purpose="a distribution")


def used_versions(method: str, *, has_distributions: bool) -> dict[str, str]:
    """Return the versions of the libraries that the points depend on."""
    from importlib.metadata import version

    used = _LIBRARIES if method in SALIB_ARGUMENTS else _LIBRARIES[:2]
    return {name: version(name) for name in used} if method not in LEVELLED or has_distributions else {}


def row_count(method: str, n: int, dimensions: int) -> int:
    """Return the number of points of a method for the ``-n`` of the user."""
    return n * {MORRIS: dimensions + 1, SALTELLI: 2 * dimensions + 2}.get(method, 1)


def unit_points(method: str, n: int, dimensions: int, seed: int) -> list[list[float]]:
    """Return the points of a method in the unit cube. The same seed gives the same points."""
    with warnings.catch_warnings():
        # Both libraries warn if n is not a power of two. The user gets a note of the design instead.
        warnings.simplefilter("ignore", UserWarning)
        points: list[list[float]] = _SAMPLERS[method](method, n, dimensions, seed).tolist()
    return points


def _by_scipy(method: str, n: int, dimensions: int, seed: int) -> Any:  # noqa: ANN401 - an array of numpy
    import numpy  # noqa: ICN001
    from scipy.stats import qmc

    engines = {LHS: qmc.LatinHypercube, SOBOL: qmc.Sobol, HALTON: qmc.Halton}
    engine = engines[method]
    # For an integer seed, the points differ between releases of scipy. For a generator, they are the same.
    return engine(dimensions, **{seed_argument(engine): numpy.random.default_rng(seed)}).random(n)


def seed_argument(engine: Callable[..., Any]) -> str:
    """Return the name of the argument for the seed: ``rng`` since scipy 1.15, ``seed`` before."""
    parameters = inspect.signature(engine).parameters
    return "rng" if "rng" in parameters else "seed"


def _by_salib(method: str, n: int, dimensions: int, seed: int) -> Any:  # noqa: ANN401 - an array of numpy
    from SALib.sample import morris, sobol

    names = [f"x{index}" for index in range(dimensions)]
    problem = {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}
    sampler = {MORRIS: morris.sample, SALTELLI: sobol.sample}[method]
    return sampler(problem, n, seed=seed, **SALIB_ARGUMENTS[method])


_SAMPLERS: Final = {LHS: _by_scipy, SOBOL: _by_scipy, HALTON: _by_scipy, MORRIS: _by_salib, SALTELLI: _by_salib}
