"""Locks on studies among the commands of one machine: starting a run, sweeping, changing values.

An interrupted sweep leaves an open entry in the journal, which protects the study as its lock did.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import Refused, RunActive
from sostrades_cli.files.locks import Holder, holder_of, locked
from sostrades_cli.local.config_file import STATE_VARIABLE, name_of_host
from sostrades_cli.local.journal import BEGUN, DONE, Journal
from sostrades_cli.operations.case_commands import CaseCommand, case_command

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.local.journal import JournalEntry
    from sostrades_cli.operations.context import Context

SWEEP: Final = "sweep"


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
def start_lock(context: Context, study: int) -> Iterator[None]:
    """Hold the lock of a study while its run is being started.

    Raises
    ------
    RunActive
        Another process of this machine is starting the study.

    """

    def refuse(owner: Holder) -> None:
        raise RunActive(f"{owner} is starting study {study}", hint=_watch(study), study=study)

    # A second execute makes the server mark the running calculation as FAILED.
    with locked(_path(context, study, "lock"), STATE_VARIABLE, refuse):
        yield


@contextlib.contextmanager
def sweep_lock(context: Context, studies: Iterable[int], command: CaseCommand) -> Iterator[None]:
    """Hold the locks of the studies of a sweep, or of another command that runs cases, from its first read to its end.

    Raises
    ------
    RunActive
        Another command of this machine runs cases of one of them.

    """
    # This process knows that the values are those of a case.
    context.mark_checked(studies)
    with contextlib.ExitStack() as stack:
        for study in sorted(set(studies)):

            def refuse(owner: Holder, study: int = study) -> None:
                process = _case_process(owner)
                raise RunActive(
                    f"{process} is running {process.command.with_article} of study {study}",
                    hint=_advice(process),
                    study=study,
                )

            path = _path(context, study, SWEEP)
            stack.enter_context(locked(path, STATE_VARIABLE, refuse, purpose=command.value))
        yield


def sweeping(context: Context, study: int) -> CaseProcess | None:
    """Return the process of this machine that runs cases of a study, ``None`` if none does."""
    return process_of_cases(context.state, context.api.session.host, study)


def process_of_cases(state: Path, host: str, study: int) -> CaseProcess | None:
    """Return what ``sweeping`` returns, for the folder of the locks and the address of the server."""
    holder = holder_of(_file(state, host, study, SWEEP), STATE_VARIABLE)
    return None if holder is None else _case_process(holder)


def require_not_swept(context: Context, study: int) -> None:
    """Reject a study while a process of this machine runs cases of it.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    process = sweeping(context, study)
    if process is not None:
        raise running_cases(process, study)


def running_cases(process: CaseProcess, study: int) -> Refused:
    """Return the error for a study while a process of this machine runs cases of it."""
    command = process.command
    return Refused(
        f"{command.with_article} of study {study} is running, so the study has {command.left_values}",
        detail=f"the {command.noun} runs in {process}",
        hint=_advice(process),
        study=study,
    )


def _advice(process: CaseProcess) -> str:
    # Not `calc watch`, which ends after one case.
    stop = (
        "use a copy of the study"
        if process.is_this_process
        else "stop it with Ctrl-C, which restores the original values"
    )
    return f"wait until the {process.command.noun} ends, or {stop}"


def pending_sweep(entries: Sequence[JournalEntry]) -> JournalEntry | None:
    """Return the entry of a sweep, a search, an evaluation or a trial whose values the study still has."""
    # An undo of the sweep's entry has restored its baseline, unless it failed or was interrupted.
    undone = {number for entry in entries if entry.outcome == DONE for number in entry.undoes}
    pending = [e for e in entries if case_command(e.command) and e.outcome == BEGUN and e.entry not in undone]
    return pending[-1] if pending else None


def require_no_sweep(context: Context, study: int) -> None:
    """Reject a study that a sweep is using, or whose values an unfinished sweep has left.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    require_not_swept(context, study)
    require_finished_sweep(context, study)


def require_finished_sweep(context: Context, study: int, undoes: Collection[int] = ()) -> None:
    """Reject a study with the values of an unfinished sweep, unless ``undoes`` contains its entry.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    pending = pending_sweep(Journal(context.state, context.api.session.host, study).entries())
    if pending is not None and pending.entry not in undoes:
        raise interrupted_cases(pending)


def interrupted_cases(pending: JournalEntry) -> Refused:
    """Return the error for a study with the values of an unfinished sweep, by its entry."""
    command, study = CaseCommand(pending.command), pending.study
    return Refused(
        f"{command.with_article} of study {study} was interrupted, so the study has {command.left_values}",
        hint=restoring_hint([pending]),
        study=study,
    )


def restoring_hint(pending: Sequence[JournalEntry]) -> str:
    """Return the hint for studies with the values of an unfinished sweep, by their entries."""
    command = CaseCommand(pending[0].command)
    resume = f", or continue the {command.noun} with --resume" if command.is_resumable else ""
    undo = " and ".join(f"`sostrades param undo {entry.study} --to {entry.entry}`" for entry in pending)
    return f"restore the original values with {undo}{resume}"


@contextlib.contextmanager
def change_lock(context: Context, *studies: int) -> Iterator[None]:
    """Hold the locks of studies' values, from reading the old values to verifying the new ones or to starting a run.

    If another process of this machine holds one, this waits: a change that was planned before the end of another would
    overwrite it, and one that was planned before the start of a run would discard the result.
    """
    # A change is rejected unless it is forced, and then a note says nothing new.
    context.mark_checked(studies)
    with contextlib.ExitStack() as stack:
        # Every command takes them in the same order, so no two wait for each other.
        for study in sorted(set(studies)):

            def busy(owner: Holder, study: int = study) -> None:
                context.still_waiting(f"{owner} is changing study {study}, waiting until it is done")

            def shown(owner: Holder, study: int = study) -> contextlib.AbstractContextManager[object]:
                return context.waiting(f"Waiting for {owner}, which is changing study {study}")

            stack.enter_context(locked(_path(context, study, "change"), STATE_VARIABLE, busy, shown))
        yield


def _case_process(holder: Holder) -> CaseProcess:
    return CaseProcess(holder, case_command(holder.purpose) or CaseCommand.SWEEP)


def _watch(study: int) -> str:
    return f"sostrades calc watch {study}"


def _path(context: Context, study: int, purpose: str) -> Path:
    return _file(context.state, context.api.session.host, study, purpose)


def _file(state: Path, host: str, study: int, purpose: str) -> Path:
    # By a hash of the host: its address may have characters that no file name has.
    return state / "locks" / f"{name_of_host(host)}-{study}.{purpose}"
