"""Test that the lines for everyday use print the output on their page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages

if TYPE_CHECKING:
    from recipes.place import Place


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed (.ci/run installs it)")
def test_lines_print_the_output_on_the_page(place: Place) -> None:
    pages.write_files("shell", place.folder)
    pages.check_sessions("shell", place)
