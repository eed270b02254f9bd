"""One at a time from one machine: a lock file per server and study, with the id of the process in it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.files import locks
from sostrades_cli.files.atomic import name_of_host, private_folder
from sostrades_cli.files.locks import AT_ONCE, EXCLUSIVE, SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

FOLDER_VARIABLE: Final = "SOSTRADES_STATE_DIR"
ELSEWHERE: Final = f"nothing was sent; {FOLDER_VARIABLE} names another folder"


class _Lock(NamedTuple):
    """A lock file that is open."""

    path: Path
    file: TextIO


@contextlib.contextmanager
def start_lock(state: Path, host: str, study: int) -> Iterator[None]:
    """Hold the lock of a study while its run is being started.

    Raises
    ------
    RunActive
        Another process of this machine is starting the study.

    """
    with _held(state, f"{name_of_host(host)}-{study}.lock", f"study {study} is being started", study):
        yield


@contextlib.contextmanager
def sweep_lock(state: Path, host: str, studies: Iterable[int]) -> Iterator[None]:
    """Hold the locks of the studies of a sweep from its first look to its end.

    Raises
    ------
    RunActive
        Another process of this machine sweeps one of them.

    """
    with contextlib.ExitStack() as held:
        for study in sorted(set(studies)):
            held.enter_context(_held(state, _swept(host, study), f"study {study} is being swept", study))
        yield


def sweeping(state: Path, host: str, study: int) -> str | None:
    """Return which process sweeps a study, ``None`` where none of this machine does."""
    with _opened(state, _swept(host, study)) as lock:
        try:
            locks.lock(lock.file, SHARED | AT_ONCE, lock.path, FOLDER_VARIABLE)
        except BlockingIOError:
            return _owner(lock)
        return None


@contextlib.contextmanager
def change_lock(state: Path, host: str, studies: Iterable[int], tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the locks of studies' values, from the look at what is held to the proof of a change.

    Where another process of this machine has one, that is told, and its end is waited for: a change that was planned
    before that would be written over the other's.
    """
    with contextlib.ExitStack() as held:
        # In one order everywhere, so that two never wait for each other.
        for study in sorted(set(studies)):
            lock = held.enter_context(_opened(state, f"{name_of_host(host)}-{study}.change"))
            try:
                _take(lock, wait=False)
            except BlockingIOError:
                tell(f"{_owner(lock)} is changing study {study}; waiting for it")
                _take(lock, wait=True)
        yield


@contextlib.contextmanager
def _held(state: Path, name: str, subject: str, study: int) -> Iterator[None]:
    with _opened(state, name) as lock:
        try:
            _take(lock, wait=False)
        except BlockingIOError as error:
            raise RunActive(
                f"{subject} by {_owner(lock)}",
                hint=f"sostrades calc watch {study}",
                study=study,
            ) from error
        yield


@contextlib.contextmanager
def _opened(state: Path, name: str) -> Iterator[_Lock]:
    folder = state / "locks"
    private_folder(folder)
    path = folder / name
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint=ELSEWHERE) from error
    with os.fdopen(descriptor, "r+") as file:
        with contextlib.suppress(PermissionError):  # another owner's, who let us write
            os.fchmod(descriptor, 0o600)
        yield _Lock(path, file)


def _take(lock: _Lock, *, wait: bool) -> None:
    """Lock a file and write into it who has it; a file that was left behind locks nothing."""
    locks.lock(lock.file, EXCLUSIVE | (0 if wait else AT_ONCE), lock.path, FOLDER_VARIABLE)
    try:
        os.ftruncate(lock.file.fileno(), 0)
        # Past the file's own buffer, which would be written again where it is closed.
        os.pwrite(lock.file.fileno(), f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise UsageError(f"cannot write {lock.path}: {error.strerror}", hint=ELSEWHERE) from error


def _swept(host: str, study: int) -> str:
    return f"{name_of_host(host)}-{study}.sweep"


def _owner(lock: _Lock) -> str:
    return f"process {lock.file.read().strip() or 'unknown'} of this machine"
