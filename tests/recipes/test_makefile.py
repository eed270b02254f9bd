"""Test that the Makefile updates only outdated targets."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages

if TYPE_CHECKING:
    from recipes.workspace import Workspace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("make"), reason="make is not installed"),
]


@pytest.fixture
def folder(workspace: Workspace) -> Workspace:
    """Return a folder with the Makefile."""
    pages.write_files("makefile", workspace.folder)
    return workspace


def test_make_prints_the_output_on_the_page(folder: Workspace) -> None:
    """A second make does nothing, and a failed run leaves no completion marker."""
    pages.check_sessions("makefile", folder)


def test_edited_table_triggers_a_run(folder: Workspace) -> None:
    """A removed result is downloaded without a run."""
    folder.runs("make")
    folder.runs("sed -i s/7800.0/7900.0/ inputs/data/Macro.population.csv")
    made = folder.runs("make").stdout
    assert "dice.Macro.population" in made
    assert "sostrades calc run 21" in made
    made = folder.runs("rm results/charts.html; make").stdout
    assert "sostrades postproc html 21" in made
    assert "sostrades calc run" not in made


def test_active_run_is_watched_again(folder: Workspace) -> None:
    for _ in range(2):
        made = folder.runs("make STUDY=36 TIMEOUT=2s")
        assert made.returncode == 2
        assert "Error 124" in made.stdout
    assert not (folder.folder / "results/finished").exists()
