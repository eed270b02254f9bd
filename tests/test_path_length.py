"""The number of own files that a command enters: it is the length of the path that a reader has to follow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sostrades_cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from conftest import User

PACKAGE = Path(sostrades_cli.__file__).parent
# A shorter path lowers its number here; merging modules is not a shorter path.
MOST_FILES = {
    "param set 21 dice.Macro.gamma=0.25": 50,
    "calc watch 21": 44,
    "study url 21": 31,
}


def files_entered(action: Callable[[], object]) -> set[str]:
    """Return the files of the package whose functions run during an action; loading a module does not count."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and frame.f_code.co_name != "<module>" and path.is_relative_to(PACKAGE):
            entered.add(str(path.relative_to(PACKAGE)))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return entered


@pytest.mark.parametrize("line", MOST_FILES)
def test_command_enters_few_files(user_of: Callable[..., User], line: str) -> None:
    """Count in a process that has run the command before, so that loading modules does not count."""
    assert user_of().types(*line.split()).code == 0
    user = user_of()
    entered = files_entered(lambda: user.types(*line.split()))
    assert len(entered) <= MOST_FILES[line], sorted(entered)
