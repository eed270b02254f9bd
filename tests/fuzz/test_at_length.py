"""The fuzz tests with several times as many cases, each file in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("test_*.py") if path.name != Path(__file__).name)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_more_cases_hold(name: str) -> None:
    """What holds for the few cases of the quick line holds for many more."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(HERE / name)],
        env={**os.environ, "HYPOTHESIS_PROFILE": "long"},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
