"""Locks on studies among the commands of one machine: starting a run, sweeping, changing values."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import RunActive
from sostrades_cli.files.atomic import name_of_host
from sostrades_cli.files.locks import Holder, holder_of, locked
from sostrades_cli.operations.case_commands import CaseCommand, case_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FOLDER_VARIABLE: Final = "SOSTRADES_STATE_DIR"


@dataclass(frozen=True, slots=True)
class CaseProcess:
    """The process of this machine that runs cases of a study, and its command."""

    holder: Holder
    command: CaseCommand

    @property
    def is_this_process(self) -> bool:
        """Whether this process runs the cases itself."""
        return self.holder.is_this_process

    def __str__(self) -> str:
        return "this program" if self.is_this_process else str(self.holder)


@contextlib.contextmanager
def start_lock(state: Path, host: str, study: int) -> Iterator[None]:
    """Hold the lock of a study while its run is being started.

    Raises
    ------
    RunActive
        Another process of this machine is starting the study.

    """

    def refuse(owner: Holder) -> None:
        raise RunActive(f"{owner} is starting study {study}", hint=_watch(study), study=study)

    # A second execute makes the server mark the running calculation as FAILED.
    with locked(_path(state, host, study, "lock"), FOLDER_VARIABLE, refuse):
        yield


@contextlib.contextmanager
def sweep_lock(state: Path, host: str, studies: Iterable[int], command: CaseCommand) -> Iterator[None]:
    """Hold the locks of the studies of a sweep, or of another command that runs cases, from its first read to its end.

    Raises
    ------
    RunActive
        Another command of this machine runs cases of one of them.

    """
    with contextlib.ExitStack() as stack:
        for study in sorted(set(studies)):

            def refuse(owner: Holder, study: int = study) -> None:
                process = _case_process(owner)
                raise RunActive(
                    f"{process} is running {process.command.with_article} of study {study}",
                    hint="wait until it ends, or use a copy of the study" if process.is_this_process else _watch(study),
                    study=study,
                )

            path = _sweep_path(state, host, study)
            stack.enter_context(locked(path, FOLDER_VARIABLE, refuse, purpose=command.value))
        yield


def sweeping(state: Path, host: str, study: int) -> CaseProcess | None:
    """Return the process of this machine that runs cases of a study, ``None`` if none does."""
    holder = holder_of(_sweep_path(state, host, study), FOLDER_VARIABLE)
    return None if holder is None else _case_process(holder)


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

            def busy(owner: Holder, study: int = study) -> None:
                still_waiting(f"{owner} is changing study {study}, waiting until it is done")

            def shown(owner: Holder, study: int = study) -> contextlib.AbstractContextManager[object]:
                return waiting(f"Waiting for {owner}, which is changing study {study}")

            stack.enter_context(locked(_path(state, host, study, "change"), FOLDER_VARIABLE, busy, shown))
        yield


def _case_process(holder: Holder) -> CaseProcess:
    return CaseProcess(holder, case_command(holder.purpose) or CaseCommand.SWEEP)


def _watch(study: int) -> str:
    return f"sostrades calc watch {study}"


def _sweep_path(state: Path, host: str, study: int) -> Path:
    return _path(state, host, study, "sweep")


def _path(state: Path, host: str, study: int, purpose: str) -> Path:
    # By a hash of the host: its address may have characters that no file name has.
    return state / "locks" / f"{name_of_host(host)}-{study}.{purpose}"
