"""Locks between the processes of one machine: a lock file, and beside it the id of the process that holds the lock.

The system releases a lock when its process ends, also when it is killed, so a file that is left behind locks nothing.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NoFileLocks, UsageError, WriteFailed
from sostrades_cli.files.atomic import private_folder
from sostrades_cli.files.write_errors import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PID_SUFFIX: Final = ".pid"
# Another process may hold a lock for a moment, only to see whether it is free.
PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock, ``None`` if its id is not known, and the purpose that it has named."""

    pid: int | None
    purpose: str = ""

    def __str__(self) -> str:
        return f"process {'unknown' if self.pid is None else self.pid} on this computer"

    @property
    def is_this_process(self) -> bool:
        """Whether this process holds the lock itself."""
        return self.pid == os.getpid()


@contextlib.contextmanager
def locked(
    path: Path,
    variables: str,
    busy: Callable[[Holder], None] | None = None,
    waiting: Callable[[Holder], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
    purpose: str = "",
) -> Iterator[None]:
    """Hold a lock for the block.

    If another process holds it, ``busy`` gets that process. It may raise; otherwise this waits for the lock, in the
    context that ``waiting`` returns for that process. Without ``busy`` the owner of the lock is not named, neither here
    nor to others. ``purpose`` is a word for them. ``variables`` are the environment variables that can move the folder
    of the lock.

    Raises
    ------
    NoFileLocks
        The file system has no locks.
    UsageError
        The lock cannot be written.

    """
    with _opened(path, variables) as descriptor:
        if not _acquired(descriptor, path, variables):
            owner = _owner(path)
            if busy is not None:
                busy(owner)
            with waiting(owner):
                _wait(descriptor, path, variables)
        # Locks of the tool's own files last milliseconds: nobody needs to know the owner.
        if busy is None:
            yield
            return
        with _named(path, variables, purpose):
            yield


def holder_of(path: Path, variables: str) -> Holder | None:
    """Return the process that holds a lock, ``None`` if the lock is free.

    Raises
    ------
    NoFileLocks
        The file system has no locks.
    UsageError
        The lock cannot be written.

    """
    with _opened(path, variables) as descriptor:
        owner = _pid_file(path)
        if not owner.exists():
            # A lock that is free is not taken to find that out: somebody else who wants it would be refused.
            _require_locks(descriptor, path, variables)
            return None
        if not _acquired(descriptor, path, variables):
            return _owner(path)
        owner.unlink(missing_ok=True)  # its process was killed
        return None


@contextlib.contextmanager
def _opened(path: Path, variables: str) -> Iterator[int]:
    private_folder(path.parent, variables)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(path, error, variables) from error
    try:
        with contextlib.suppress(PermissionError):  # the file of another user who lets us write
            path.chmod(0o600)
        yield descriptor
    finally:
        # The file stays, because another process may wait for its lock.
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    from filelock import lock_descriptor

    if lock_descriptor(descriptor, blocking=False):
        return True
    # Another process may have taken the lock for an instant, to see whether it is free.
    time.sleep(PAUSE_S)
    return lock_descriptor(descriptor, blocking=False)


def _acquired(descriptor: int, path: Path, variables: str) -> bool:
    try:
        return _try_lock(descriptor)
    except OSError as error:
        raise _no_locks(path, error, variables) from error


def _wait(descriptor: int, path: Path, variables: str) -> None:
    from filelock import lock_descriptor

    try:
        # Polling, because Ctrl-C does not interrupt a blocking lock on Windows.
        lock_descriptor(descriptor, poll_interval=PAUSE_S)
    except OSError as error:
        raise _no_locks(path, error, variables) from error


def _require_locks(descriptor: int, path: Path, variables: str) -> None:
    from filelock import unlock_descriptor

    try:
        unlock_descriptor(descriptor)
    except OSError as error:
        raise _no_locks(path, error, variables) from error


@contextlib.contextmanager
def _named(path: Path, variables: str, purpose: str) -> Iterator[None]:
    """Name this process as the owner of a lock that it holds."""
    owner = _pid_file(path)
    try:
        owner.write_text(f"{os.getpid()} {purpose}".rstrip() + "\n", encoding="ascii")
        with contextlib.suppress(PermissionError):
            owner.chmod(0o600)
    except OSError as error:
        raise _unwritable(owner, error, variables) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            owner.unlink()


def _pid_file(path: Path) -> Path:
    return path.with_name(f"{path.name}{PID_SUFFIX}")


def _owner(path: Path) -> Holder:
    try:
        pid, _, purpose = _pid_file(path).read_text(encoding="ascii", errors="replace").strip().partition(" ")
    except OSError:
        return Holder(None)
    return Holder(int(pid), purpose) if pid.isascii() and pid.isdecimal() else Holder(None)


def _unwritable(path: Path, error: OSError, variables: str) -> UsageError | WriteFailed:
    elsewhere = f"use another folder: {variables}"
    return unwritable(
        f"cannot write {path}: {error.strerror}", error, f"check its permissions, or {elsewhere}", elsewhere
    )


def _no_locks(path: Path, error: OSError, variables: str) -> NoFileLocks:
    return NoFileLocks(
        f"the file system of {path.parent} cannot lock files, so nothing was sent: {error.strerror or error}",
        hint=f"use a folder on another file system: {variables}",
    )
