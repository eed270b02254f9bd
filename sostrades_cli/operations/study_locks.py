"""Locks on studies among the commands of one machine: starting a run, sweeping, changing values."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import RunActive
from sostrades_cli.files.atomic import name_of_host
from sostrades_cli.files.locks import holder_of, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FOLDER_VARIABLE: Final = "SOSTRADES_STATE_DIR"


@contextlib.contextmanager
def start_lock(state: Path, host: str, study: int) -> Iterator[None]:
    """Hold the lock of a study while its run is being started.

    Raises
    ------
    RunActive
        Another process of this machine is starting the study.

    """

    def refuse(owner: str) -> None:
        raise _active(f"{owner} is starting study {study}", study)

    # A second execute makes the server mark the running calculation as FAILED.
    with locked(_path(state, host, study, "lock"), FOLDER_VARIABLE, refuse):
        yield


@contextlib.contextmanager
def sweep_lock(state: Path, host: str, studies: Iterable[int]) -> Iterator[None]:
    """Hold the locks of the studies of a sweep from its first read to its end.

    Raises
    ------
    RunActive
        Another process of this machine sweeps one of them.

    """
    with contextlib.ExitStack() as stack:
        for study in sorted(set(studies)):

            def refuse(owner: str, study: int = study) -> None:
                raise _active(f"{owner} is running a sweep of study {study}", study)

            stack.enter_context(locked(_sweep_path(state, host, study), FOLDER_VARIABLE, refuse))
        yield


def sweeping(state: Path, host: str, study: int) -> str | None:
    """Return the name of the process of this machine that sweeps a study, ``None`` if none does."""
    return holder_of(_sweep_path(state, host, study), FOLDER_VARIABLE)


@contextlib.contextmanager
def change_lock(
    state: Path,
    host: str,
    studies: Iterable[int],
    still_waiting: Callable[[str], None],
    waiting: Callable[[str], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
) -> Iterator[None]:
    """Hold the locks of studies' values, from reading the old values to verifying the new ones or to starting a run.

    If another process of this machine holds one, this waits, shown by ``waiting`` or else told by ``still_waiting``: a
    change that was planned before the end of another would overwrite it, and one that was planned before the start of a
    run would discard the result.
    """
    with contextlib.ExitStack() as stack:
        # Every command takes them in the same order, so no two wait for each other.
        for study in sorted(set(studies)):

            def busy(owner: str, study: int = study) -> None:
                still_waiting(f"{owner} is changing study {study}, waiting until it is done")

            def shown(owner: str, study: int = study) -> contextlib.AbstractContextManager[object]:
                return waiting(f"Waiting for {owner}, which is changing study {study}")

            stack.enter_context(locked(_path(state, host, study, "change"), FOLDER_VARIABLE, busy, shown))
        yield


def _active(message: str, study: int) -> RunActive:
    return RunActive(message, hint=f"sostrades calc watch {study}", study=study)


def _sweep_path(state: Path, host: str, study: int) -> Path:
    return _path(state, host, study, "sweep")


def _path(state: Path, host: str, study: int, purpose: str) -> Path:
    # By a hash of the host: its address may have characters that no file name has.
    return state / "locks" / f"{name_of_host(host)}-{study}.{purpose}"
