"""Find studies that have the values of a sweep's case instead of their own, so that reads say so."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.errors import Refused, SostradesError
from sostrades_cli.local.config_file import journal_file
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.study_locks import (
    interrupted_cases,
    pending_sweep,
    process_of_cases,
    running_cases,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.local.journal import JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study_locks import CaseProcess


@dataclass(frozen=True, slots=True)
class CaseValues:
    """The entry of a sweep whose values a study has, and its process, ``None`` if the sweep was interrupted."""

    entry: JournalEntry
    process: CaseProcess | None

    @property
    def is_of_this_process(self) -> bool:
        """Whether this process runs the cases, as a program does that reads a study between two cases."""
        return self.process is not None and self.process.is_this_process

    @property
    def command(self) -> CaseCommand:
        """The command that set the values."""
        return CaseCommand(self.entry.command)

    @property
    def restore_command(self) -> str | None:
        """The command that restores the original values, ``None`` while the cases run."""
        return f"sostrades param undo {self.entry.study} --to {self.entry.entry}" if self.process is None else None

    @property
    def error(self) -> Refused:
        """The error for a command that needs the study's own values."""
        study = self.entry.study
        return interrupted_cases(self.entry) if self.process is None else running_cases(self.process, study)

    @property
    def note(self) -> str:
        """The line for a command that only shows the values."""
        error = self.error
        return f"{error.message} ({error.detail})" if error.detail else f"{error.message}: {error.hint}"


def case_values(state: Path, host: str, study: int) -> CaseValues | None:
    """Return the sweep whose values a study has, ``None`` if it has its own. Only local files are read."""
    # A note must not make a read fail, for example where the journal is not readable or files cannot be locked.
    with contextlib.suppress(SostradesError):
        # A sweep writes its entry before the first case, and ends it after the original values are restored.
        entry = pending_sweep(Journal(state, host, study).entries())
        if entry is not None:
            return CaseValues(entry, process_of_cases(state, host, study))
    return None


def interrupted_sweeps(state: Path, host: str) -> list[CaseValues]:
    """Return the sweeps that were interrupted on this computer and have left the values of a case in a study."""
    files: list[Path] = []
    # The state folder may be closed to this account. Then no sweep of this computer can have begun.
    with contextlib.suppress(OSError):
        files = list(journal_file(state, host, 0).parent.glob("*.jsonl"))
    studies = sorted(int(file.stem) for file in files if file.stem.isascii() and file.stem.isdecimal())
    values = [case_values(state, host, study) for study in studies if Journal(state, host, study).may_have_begun()]
    return [item for item in values if item is not None and item.process is None]


def require_own_values(context: Context, study: int, *, force: bool) -> None:
    """Reject a study with the values of a case, for a command that keeps them for later, unless ``force``.

    Call it before the values are read, and again when they are complete, because a sweep may have begun in between.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    if force:
        return
    values = case_values(context.state, context.api.session.host, study)
    if values is not None:
        raise values.error
