"""Run the fuzz and property tests with 24 times as many cases, each file in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
FILES = sorted(
    str(path.relative_to(TESTS))
    for pattern in ("fuzz/test_*.py", "**/test_*_property.py", "commands/test_exact_tables.py")
    for path in TESTS.glob(pattern)
    if path != Path(__file__)
)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_more_cases_pass(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(TESTS / name)],
        env={**os.environ, "HYPOTHESIS_PROFILE": "long"},
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
