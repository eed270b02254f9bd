"""Test the program without any extra in its own environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_plain_install_works_and_names_the_missing_extra(shell: Shell, tmp_path: Path) -> None:
    environment = tmp_path / "plain"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run([environment / "bin" / "pip", "install", "-q", str(REPOSITORY)], check=True)
    path = {"PATH": f"{environment / 'bin'}:{shell.environ['PATH']}"}
    assert shell.runs("command -v sostrades", **path).stdout.startswith(str(environment))
    assert shell.runs("sostrades study url 21", **path).returncode == 0
    assert shell.runs("sostrades calc run 21", **path).returncode == 0
    for command in ("postproc show 21 2", "postproc html 21 --offline", "postproc export 21 -d charts --as csv"):
        assert shell.runs(f"sostrades {command}", **path).returncode == 0, command
    png = shell.runs("sostrades postproc export 21 -d pictures --as png", **path)
    assert (png.returncode, "sostrades[plots]" in png.stderr) == (2, True)
    figure = shell.runs('python -c "from sostrades_cli import Client; Client().study(21).figure(2)"', **path)
    assert (figure.returncode, "sostrades[notebook]" in figure.stderr) == (1, True)
    assert shell.runs("sostrades demo --fast", **path).returncode == 0
