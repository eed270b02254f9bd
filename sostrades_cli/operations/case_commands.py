"""The commands that run a study with values of cases, and then restore its original values."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sostrades_cli.output.text import with_article


class CaseCommand(StrEnum):
    """A command as the journal and the lock of a study name it."""

    SWEEP = "sweep"
    OPTIMIZE = "optimize"
    EVALUATE = "evaluate"
    TRIAL = "trial"

    @property
    def noun(self) -> str:
        """The noun for the command in messages."""
        return _NOUNS[self]

    @property
    def with_article(self) -> str:
        """The noun with its article."""
        return with_article(self.noun)

    @property
    def values(self) -> str:
        """The words for the values that a study has during the command."""
        return "the cases" if self.is_resumable else f"the {self.noun}"

    @property
    def left_values(self) -> str:
        """The words for the values that an interrupted command leaves."""
        return "the values of a case" if self.is_resumable else "its values"

    @property
    def is_resumable(self) -> bool:
        """Whether ``--resume`` continues an interrupted command."""
        return self in {CaseCommand.SWEEP, CaseCommand.OPTIMIZE}


_NOUNS: Final = {
    CaseCommand.SWEEP: "sweep",
    CaseCommand.OPTIMIZE: "search",
    CaseCommand.EVALUATE: "evaluation",
    CaseCommand.TRIAL: "trial",
}


def case_command(text: str) -> CaseCommand | None:
    """Return the command with this name, or ``None`` for any other command."""
    return CaseCommand(text) if text in _NOUNS else None
