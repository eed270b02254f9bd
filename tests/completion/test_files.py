"""The scripts and the index of completion are those of the program; SOSTRADES_WRITE_README=1 makes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from completion.index import whole_index

from sostrades_cli.cli.main import root
from sostrades_cli.completion.entry_point import INDEX
from sostrades_cli.completion.shell_scripts import NAMES, SCRIPTS

FOLDER = Path(__file__).parents[2] / "completions"
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))


def test_the_index_is_that_of_the_commands() -> None:
    """Completion knows every command, option and argument, and no other."""
    true = json.dumps(whole_index(root), indent=1, ensure_ascii=False) + "\n"
    if WRITES:
        INDEX.write_text(true, encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == true


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_scripts_are_current(shell: str) -> None:
    """The files in `completions/` are what `sostrades completion SHELL` prints."""
    file = FOLDER / NAMES[shell]
    if WRITES:
        file.write_text(SCRIPTS[shell], encoding="utf-8")
    assert file.read_text(encoding="utf-8") == SCRIPTS[shell]


def test_no_other_file_lies_beside_them() -> None:
    """`completions/` holds the three scripts alone."""
    assert {file.name for file in FOLDER.iterdir()} == set(NAMES.values())
