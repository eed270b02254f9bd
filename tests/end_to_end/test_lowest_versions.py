"""Test the lowest versions of the dependencies in pyproject.toml. All other tests use the newest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
EXTRAS = "design,excel,notebook,optimize,parquet,plots,socks"
# What the tests need, in any version.
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "jsonschema", "openpyxl", "pyte", "trustme")
# Every library is used by some of these. The README is not among them: the widths of its tables are those of rich.
CHOSEN = (
    "tests/api",
    "tests/markdown",
    "tests/output",
    "tests/cli/test_picker.py",
    "tests/test_help.py",
    "tests/test_examples.py",
    "tests/files/test_locks.py",
    "tests/local/test_keyring_store.py",
    "tests/local/test_settings.py",
    "tests/operations/tables/test_dataframe.py",
    "tests/library/test_drawn_charts.py",
    "tests/commands/test_config.py",
    "tests/commands/test_param_get.py",
    "tests/commands/test_param_set.py",
    "tests/commands/test_postproc_show.py",
    "tests/commands/test_postproc_export.py",
    "tests/commands/test_study_docs.py",
    "tests/commands/test_study_export.py",
    "tests/commands/test_study_graph.py",
    "tests/commands/test_calc_design.py",
    "tests/commands/test_calc_optimize.py",
    "tests/commands/test_calc_run.py",
    "tests/commands/test_calc_sweep_analyze.py",
    "tests/operations/calc/analyze",
)


def runs(*command: object, **environ: str) -> None:
    """Run a program in the repository. If it fails, show its output."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=REPOSITORY,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_lowest_versions_work(tmp_path: Path) -> None:
    """With the lowest version of each dependency, a selection of tests that uses all of them passes."""
    environment = tmp_path / "lowest"
    uv = (sys.executable, "-m", "uv")
    runs(*uv, "venv", "--python", sys.executable, environment)
    install = (*uv, "pip", "install", "--python", environment / "bin" / "python")
    runs(*install, "--resolution", "lowest-direct", f".[{EXTRAS}]")
    runs(*install, *TOOLS)
    # `pytest`, not `python -m pytest`: the latter would find the sources before what is installed.
    runs(environment / "bin" / "pytest", "-q", "-p", "no:cacheprovider", *CHOSEN)
