"""Test the number of own files that a command enters, so that a reader can follow it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sostrades_cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from conftest import Outcome, User

ROOT = str(Path(sostrades_cli.__file__).parent)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
# A command line, the one before it, and the most files that it enters.
LINES = [
    ("calc watch 21", "calc run 21 --detach", 39),
    ("study url 21", "", 22),
    # The changes end with a note about the results of the last run.
    # The first command on a study also stores the names of its parameters in the ontology.
    ("param set 21 gamma=0.31", "", 50),
    # The names, types and directions of the parameters are known.
    ("param set 21 gamma=0.31", "param list 21", 48),
    ("param set 21 dice.Macro.gamma=0.31", "param list 21", 47),
]


def entered(call: Callable[[], Outcome]) -> tuple[set[str], Outcome]:
    """Return the files below the package whose functions a call enters, and its result."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOT) and code.co_name != "<module>":
            files.add(code.co_filename.removeprefix(f"{ROOT}/"))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        outcome = call()
    finally:
        sys.setprofile(before)
    return files, outcome


@pytest.mark.parametrize(("line", "before", "most"), LINES)
def test_path_of_a_command_is_short(
    user: User, monkeypatch: pytest.MonkeyPatch, line: str, before: str, most: int
) -> None:
    """Files entered only by its first import count, too."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    if before:
        assert user.types(*before.split()).code == 0
    files, done = entered(lambda: user.types(*line.split()))
    assert done.code == 0, done.err
    assert len(files) <= most, sorted(files)
