"""Share fixtures of the tests of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recipes.workspace import Workspace, workspace_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a new workspace in which to follow a recipe."""
    with workspace_in(tmp_path / "ann") as result:
        yield result


@pytest.fixture
def fresh_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace whose server has only the studies of a new stub."""
    with workspace_in(tmp_path / "ann", fresh=True) as result:
        yield result
