"""Test the size of the window and the abilities of its terminal."""

from __future__ import annotations

import os
import termios
from typing import TYPE_CHECKING, Any

import pytest

from sostrades_cli.cli.invocation import is_dumb, window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User  # type: ignore[attr-defined] # the one above this folder


@pytest.fixture
def terminal() -> Iterator[Any]:
    """Open a pseudo-terminal."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream:
        yield stream
    os.close(ours)


@pytest.mark.parametrize(
    ("size", "environ", "expected"),
    [
        ((0, 0), {}, (80, 24)),
        ((0, 0), {"COLUMNS": "0", "LINES": "0"}, (80, 24)),
        ((0, 0), {"COLUMNS": "100"}, (100, 24)),
        ((30, 0), {}, (80, 30)),
        ((0, 120), {}, (120, 24)),
        ((30, 120), {}, (120, 30)),
        ((30, 120), {"TERM": "dumb"}, (120, 30)),
        ((30, 120), {"COLUMNS": "x", "LINES": ""}, (120, 30)),
    ],
)
def test_window_without_a_size_has_the_default_size(
    user: User, terminal: Any, size: tuple[int, int], environ: dict[str, str], expected: tuple[int, int]
) -> None:
    termios.tcsetwinsize(terminal.fileno(), size)
    assert window(user.program._replace(environ=environ, stdout=terminal)) == expected


@pytest.mark.parametrize(("term", "expected"), [("dumb", True), ("unknown", True), ("xterm-256color", False)])
def test_dumb_terminal_is_recognized_by_its_name(user: User, term: str, expected: bool) -> None:
    assert is_dumb(user.program._replace(environ={"TERM": term})) is expected
