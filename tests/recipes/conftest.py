"""Share fixtures of the tests of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recipes.place import Place, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a new place in which to follow a recipe."""
    with place_in(tmp_path / "ann") as found:
        yield found


@pytest.fixture
def fresh_place(tmp_path: Path) -> Iterator[Place]:
    """Return a place whose server has only the studies of a new stub."""
    with place_in(tmp_path / "ann", fresh=True) as found:
        yield found
