"""Update the documents: `python -m tests.documents`. Arguments are passed to pytest, such as `-k "study and list"`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TESTS: Final = (
    "test_readme.py",
    "test_guides.py",
    "test_reference.py",
    "test_man_pages.py",
    "test_pictures.py",
    "completion/test_scripts.py",
    "recipes",
)


if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ["SOSTRADES_WRITE_README"] = "1"
    files = [f"tests/{name}" for name in TESTS]
    sys.exit(pytest.main(["-q", "-n", "0", "-m", "slow or not slow", *files, *sys.argv[1:]]))
