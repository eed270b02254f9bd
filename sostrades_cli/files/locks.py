"""Locks of open files, which not every file system has."""

from __future__ import annotations

import fcntl
from typing import IO, TYPE_CHECKING

from sostrades_cli.errors import NoFileLocks

if TYPE_CHECKING:
    from pathlib import Path

SHARED, EXCLUSIVE, AT_ONCE = fcntl.LOCK_SH, fcntl.LOCK_EX, fcntl.LOCK_NB


def try_lock(file: IO[str] | int, operation: int) -> str | None:
    """Lock an open file, and return why it cannot be locked, ``None`` where it is now.

    Lustre and some NFS mounts have no locks. The system releases a lock when its process ends, however it ends.

    Raises
    ------
    BlockingIOError
        Another process has the lock, and ``operation`` does not wait for it.

    """
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        raise
    except OSError as error:
        return error.strerror or str(error)
    return None


def lock(file: IO[str] | int, operation: int, path: Path, variables: str) -> None:
    """Lock an open file; ``variables`` are those that can move its folder.

    Raises
    ------
    BlockingIOError
        Another process has the lock, and ``operation`` does not wait for it.
    UsageError
        The file system has no locks.

    """
    reason = try_lock(file, operation)
    if reason is not None:
        raise NoFileLocks(
            f"{path.parent} is on a file system on which no file can be locked: {reason}",
            hint=f"nothing was sent; move the folder to another file system: {variables}",
        )
