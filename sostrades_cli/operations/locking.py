"""One start at a time from one machine: a lock file per server and study, with the id of the process in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.files import name_of_host, private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def start_lock(state: Path, host: str, study: int) -> Iterator[None]:
    """Hold the lock of a study while its run is being started.

    The system gives the lock back when its process ends, however it ends: a file left behind locks nothing.

    Raises
    ------
    RunActive
        Another process of this machine is starting the study.

    """
    folder = state / "locks"
    private_folder(folder)
    path = folder / f"{name_of_host(host)}-{study}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="set SOSTRADES_STATE_DIR") from error
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunActive(
                f"study {study} is being started by process {file.read().strip() or 'unknown'} of this machine",
                hint=f"sostrades calc watch {study}",
                study=study,
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
