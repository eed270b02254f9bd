"""The environment with the server's own versions of pandas and numpy."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".pinned"
REQUIREMENTS = ("pandas==2.2.2", "numpy==1.26.4")
# numpy 1.26.4 has wheels for these, and the server runs on them.
PYTHONS = ("3.11", "3.12")
_VERSIONS = "import numpy, pandas; print(f'pandas=={pandas.__version__} numpy=={numpy.__version__}')"


def pinned_python() -> Path:
    """Return the interpreter of the environment, which is made where it is missing.

    Raises
    ------
    CalledProcessError
        If the environment cannot be made.
    FileNotFoundError
        If there is no suitable version of Python.

    """
    version, base = _base_python()
    folder = CACHE / "-".join((*REQUIREMENTS, f"python{version}"))
    python = folder / "bin" / "python"
    if not python.exists():
        _make(base, folder)
    result = subprocess.run([python, "-c", _VERSIONS], check=True, capture_output=True, text=True).stdout.split()
    assert tuple(result) == REQUIREMENTS
    return python


def _base_python() -> tuple[str, str]:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running in PYTHONS:
        return running, sys.executable
    for version in PYTHONS:
        path = shutil.which(f"python{version}")
        if path is not None:
            return version, path
    raise FileNotFoundError(f"no Python of {' or '.join(PYTHONS)}")


def _make(base: str, folder: Path) -> None:
    """Make the environment beside its place and move it there, so that it is whole or not there."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        made = Path(temporary, "environment")
        subprocess.run([base, "-m", "venv", made], check=True)
        subprocess.run([made / "bin" / "python", "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
        try:
            made.rename(folder)
        except OSError:
            # Another process has made it in the meantime.
            if not folder.exists():
                raise
