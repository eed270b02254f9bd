"""The samplers: points of the unit cube, for each release of scipy."""

from __future__ import annotations

import pytest

from sostrades_cli.operations.calc.design import samplers


def test_seed_has_the_name_of_the_installed_release() -> None:
    """Scipy 1.15 renamed it."""

    class Before:
        def __init__(self, d: int, *, seed: int | None = None) -> None: ...

    class Since:
        def __init__(self, d: int, *, rng: int | None = None) -> None: ...

    assert (samplers.seed_argument(Before), samplers.seed_argument(Since)) == ("seed", "rng")


@pytest.mark.parametrize("method", sorted(set(samplers.METHODS) - samplers.LEVELLED))
@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_points_are_in_the_unit_cube_and_as_many_as_announced(method: str, dimensions: int) -> None:
    points = samplers.unit_points(method, 4, dimensions, 1)
    assert len(points) == samplers.row_count(method, 4, dimensions)
    assert {len(point) for point in points} == {dimensions}
    assert all(0 <= position <= 1 for point in points for position in point)


@pytest.mark.parametrize("method", sorted(set(samplers.METHODS) - samplers.LEVELLED))
@pytest.mark.parametrize("seed", [1, 2**32 - 1])
def test_first_and_last_seed_repeat_the_points(method: str, seed: int) -> None:
    assert samplers.unit_points(method, 4, 2, seed) == samplers.unit_points(method, 4, 2, seed)
