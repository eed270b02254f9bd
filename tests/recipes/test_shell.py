"""Test that the lines for everyday use print the output on their page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages

if TYPE_CHECKING:
    from recipes.workspace import Workspace


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed (.ci/run installs it)")
def test_lines_print_the_output_on_the_page(workspace: Workspace) -> None:
    pages.write_files("shell", workspace.folder)
    pages.check_sessions("shell", workspace)
