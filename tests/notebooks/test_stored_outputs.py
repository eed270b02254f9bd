"""Test the stored outputs of the notebook of the documentation, without a run."""

from __future__ import annotations

import base64
import struct
from typing import Any

from documents.pages import DOCS
from recipes.notebooks import code_cells

LARGEST_PICTURE = 60_000


def stored_cells() -> list[dict[str, Any]]:
    """Return the code cells of the notebook."""
    return code_cells((DOCS / "notebooks" / "first-study.ipynb").read_text("utf-8"))


def test_pictures_of_the_notebook_are_small_and_not_empty() -> None:
    outputs = [output for cell in stored_cells() for output in cell["outputs"]]
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 2
    for picture in map(base64.b64decode, pictures):
        width, height = struct.unpack(">II", picture[16:24])
        assert width > 300
        assert height > 200
        assert 5_000 < len(picture) < LARGEST_PICTURE


def test_notebook_was_run_from_its_start() -> None:
    cells = stored_cells()
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
