"""One start at a time from one machine: a lock file per server and study, with the id of the process in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.files import name_of_host, private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


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
def _held(state: Path, name: str, what: str, study: int) -> Iterator[None]:
    """Hold a lock.

    The system gives it back when its process ends, however it ends: a file left behind locks nothing.
    """
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
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunActive(
                f"{what} by process {file.read().strip() or 'unknown'} of this machine",
                hint=f"sostrades calc watch {study}",
                study=study,
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
