"""The differences of files between POSIX systems and Windows."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli.system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable

# Windows has no such flag.
NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
# A junction, a link to a folder that every user of Windows can make.
_JUNCTION: Final = 0xA0000003
LONGEST_WINDOWS_PATH: Final = 259
# Virus scanners and indexers hold a new file for a moment.
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4)


def replace_on_windows(source: Path, target: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """Rename a file over its target, and retry for a moment: Windows refuses it while one of them is open."""
    for pause_s in _PAUSES_S:
        try:
            source.replace(target)
        except PermissionError:
            sleep(pause_s)
        else:
            return
    source.replace(target)


replace: Final[Callable[[Path, Path], object]] = replace_on_windows if WINDOWS else Path.replace


def is_open_elsewhere(path: Path, *, windows: bool = WINDOWS) -> bool:
    """Return whether Windows refuses to replace an existing file: another program has it open, or it is read-only."""
    if not windows:
        return False
    try:
        path.open("r+b").close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def is_link(path: Path) -> bool:
    """Return whether a path is a symbolic link, or a junction on Windows."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether two paths name the same file, also by a link or in another spelling. It need not exist."""
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        return os.path.abspath(first) == os.path.abspath(second)  # noqa: PTH100 - links of missing files are not followed


def is_private(path: Path, *, windows: bool = WINDOWS) -> bool | None:
    """Return whether only its owner can read a path, ``None`` on Windows, whose access lists have no such bits."""
    return None if windows else not path.stat().st_mode & 0o077


def reason_of(error: OSError, *, windows: bool = WINDOWS) -> str:
    """Return the reason of a failed write. On Windows the words of the system often miss it."""
    reason = error.strerror or str(error)
    if windows and isinstance(error.filename, str):
        length = len(os.path.abspath(error.filename))  # noqa: PTH100 - the text counts, not a Path
        if length > LONGEST_WINDOWS_PATH:
            return f"its path has {length} characters, and Windows allows {LONGEST_WINDOWS_PATH}"
    return f"{reason} (is it open in another program?)" if windows and isinstance(error, PermissionError) else reason
