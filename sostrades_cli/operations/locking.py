"""One at a time from one machine: a lock file per server and study, with the id of the process in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.files import name_of_host, private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TextIO


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
            name = f"{name_of_host(host)}-{study}.sweep"
            held.enter_context(_held(state, name, f"study {study} is being swept", study))
        yield


@contextlib.contextmanager
def change_lock(state: Path, host: str, study: int, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a study's values, from the look at what is held to the proof of a change.

    Where another process of this machine has it, that is told, and its end is waited for: a change that was planned
    before that would be written over the other's.
    """
    with _opened(state, f"{name_of_host(host)}-{study}.change") as file:
        try:
            _take(file, wait=False)
        except BlockingIOError:
            tell(f"{_owner(file)} is changing study {study}; waiting for it")
            _take(file, wait=True)
        yield


@contextlib.contextmanager
def _held(state: Path, name: str, what: str, study: int) -> Iterator[None]:
    with _opened(state, name) as file:
        try:
            _take(file, wait=False)
        except BlockingIOError as error:
            raise RunActive(
                f"{what} by {_owner(file)}",
                hint=f"sostrades calc watch {study}",
                study=study,
            ) from error
        yield


@contextlib.contextmanager
def _opened(state: Path, name: str) -> Iterator[TextIO]:
    folder = state / "locks"
    private_folder(folder)
    path = folder / name
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="set SOSTRADES_STATE_DIR") from error
    with os.fdopen(descriptor, "r+") as file:
        with contextlib.suppress(PermissionError):  # another owner's, who let us write
            os.fchmod(descriptor, 0o600)
        yield file


def _take(file: TextIO, *, wait: bool) -> None:
    """Lock a file and write into it who has it.

    The system gives the lock back when its process ends, however it ends: a file left behind locks nothing.
    """
    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()


def _owner(file: TextIO) -> str:
    return f"process {file.read().strip() or 'unknown'} of this machine"
