"""Environments with this program and libraries whose requirements do not fit to those of the tests."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from documents.pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def environment(folder: Path, *packages: str) -> Path:
    """Create a virtual environment with this program and the packages, and return its folder of programs."""
    uv = (sys.executable, "-m", "uv")
    install = ("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"))
    for words in (("venv", "--quiet", "--python", sys.executable, str(folder)), (*install, str(ROOT), *packages)):
        done = subprocess.run([*uv, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return folder / "bin"
