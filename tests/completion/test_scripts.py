"""Test that the scripts in `completions/` are current. SOSTRADES_WRITE_README=1 writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sostrades_cli.cli.shell_completion import SHELLS, script_of
from sostrades_cli.completion.install import NAMES

FOLDER = Path(__file__).parents[2] / "completions"
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_are_current(shell: str) -> None:
    file = FOLDER / NAMES[shell]
    if WRITES:
        file.write_text(script_of(shell), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == script_of(shell)


def test_folder_has_no_other_file() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(NAMES.values())
    assert set(NAMES) == set(SHELLS)
