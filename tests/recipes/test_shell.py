"""The lines for every day print what their page shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages

if TYPE_CHECKING:
    from recipes.place import Place


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed (.ci/run installs it)")
def test_the_lines_print_what_the_page_shows(place: Place) -> None:
    """Each line is typed in its order, in one folder, at one server."""
    pages.write_files("shell", place.folder)
    pages.check_sessions("shell", place)
