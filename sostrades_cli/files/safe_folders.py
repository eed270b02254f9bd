"""Folders that this program fills: links in them are not followed.

A user may choose a link as the folder. A link inside it may come from elsewhere, such as a cloned repository, and must
not make the tool write or remove anything outside.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import make_folder
from sostrades_cli.files.locks import AT_ONCE, EXCLUSIVE, try_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def require_no_link(path: Path) -> None:
    """Refuse a link in the place of a folder or file of the tool.

    Raises
    ------
    UsageError
        The path is a link.

    """
    if path.is_symlink():
        raise UsageError(f"{path} is a link, and could lead elsewhere", hint="remove it, or choose another folder")


def inner_folder(folder: Path) -> None:
    """Make a folder inside an existing one, unless it exists.

    Raises
    ------
    WriteFailed
        The folder cannot be made.
    UsageError
        The path is a link.

    """
    require_no_link(folder)
    make_folder(folder)


@contextlib.contextmanager
def alone_in(folder: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Make a folder unless it exists, and lock out other commands of this machine while the block runs.

    On a file system without locks, ``notify`` gets a line about it, and nothing is locked out.

    Raises
    ------
    UsageError
        Another command fills the folder, or the folder cannot be made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}", hint="choose another folder") from error
    try:
        if reason := try_lock(descriptor, EXCLUSIVE | AT_ONCE):
            notify(f"{folder} cannot be locked ({reason}): let no other command write into it meanwhile")
        yield
    except BlockingIOError as error:
        raise UsageError(
            f"another command is writing into {folder}", hint="wait for its end, or choose another folder"
        ) from error
    finally:
        os.close(descriptor)


def write_line(path: Path, line: str, *, anew: bool = False, sync: bool = False) -> None:
    """Append a line to a file, or replace its content with ``anew``; ``sync`` waits until it is on the disk.

    Raises
    ------
    WriteFailed
        The file cannot be written.
    UsageError
        The path is a link.

    """
    require_no_link(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if anew else os.O_APPEND)
    try:
        with os.fdopen(os.open(path, flags, 0o666), "w", encoding="utf-8") as file:
            file.write(f"{line}\n")
            if sync:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise WriteFailed(f"cannot write {path}: {error.strerror}", hint="is the disk full?") from error
