"""The operating system, and the text that its users type into a shell."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOWS: Final = sys.platform == "win32"
# Before Python 3.14, Windows hears Ctrl-C only between two waits of the main thread.
LONGEST_WAIT_S: Final = 0.2


def in_slices(timeout_s: float | None) -> Iterator[float]:
    """Yield short timeouts that add up to ``timeout_s``, without an end if it is ``None``; at least one."""
    while True:
        slice_s = LONGEST_WAIT_S if timeout_s is None else min(LONGEST_WAIT_S, max(0.0, timeout_s))
        yield slice_s
        if timeout_s is not None:
            timeout_s -= slice_s
            if timeout_s <= 0:
                return


def in_foreground(stream: IO[str]) -> bool:
    """Return whether the command owns its terminal: a job in the background must not draw into the user's prompt."""
    own_group = getattr(os, "getpgrp", None)
    if own_group is None or not hasattr(os, "tcgetpgrp"):  # Windows has no jobs
        return True
    try:
        return bool(os.tcgetpgrp(stream.fileno()) == own_group())
    except OSError:
        return True


def shell_quoted(word: str, *, windows: bool = WINDOWS) -> str:
    """Return a word as it is typed into the shells of this system, in quotes if it needs them."""
    if not windows:
        import shlex

        return shlex.quote(word)
    # Double quotes are the only ones that cmd and PowerShell share. A file name cannot contain one.
    return word if word and not set(word) & set(" \t'\"&|<>^();,`$%*?[]{}@#") else '"{}"'.format(word.replace('"', "'"))


def words_of(line: str, *, windows: bool = WINDOWS) -> list[str]:
    """Split a command line into words. On Windows, a backslash separates folders and only ``"`` is a quote.

    Raises
    ------
    ValueError
        The quotes are unbalanced.

    """
    import shlex

    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
        lexer.quotes = '"'
    return list(lexer)


def make_folder_command(folder: str, *, windows: bool = WINDOWS) -> str:
    """Return the command that creates a folder with its parents."""
    return f"{'mkdir' if windows else 'mkdir -p'} {shell_quoted(folder, windows=windows)}"
