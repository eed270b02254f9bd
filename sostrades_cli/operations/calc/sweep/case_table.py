"""The cases of a file. All of them are known and validated before the first run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sostrades_cli.operations.calc.sweep.cases import Case, Cases, read_cases
from sostrades_cli.operations.calc.sweep.progress_log import ENDED
from sostrades_cli.output.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.context import Context


@dataclass(slots=True)
class CaseTable:
    """The cases of a file."""

    path: Path
    is_total_known: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    noun: ClassVar[str] = "case"
    headline: ClassVar[str] = ""
    _rows: Sequence[Case] = field(default=(), init=False)

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def read(self, context: Context, study: int, own_name: str, *, resumed: bool) -> Cases:
        """Read and validate the file, as ``read_cases`` does."""
        cases = read_cases(context, study, own_name, self.path, resumed=resumed)
        self._rows = cases.rows
        # Such a row may also be meant, to run the values of the study.
        if blank := [case.name for case in cases.rows if not case.assignments]:
            subject = f"case {blank[0]} sets" if len(blank) == 1 else f"cases {listed(blank)} set"
            context.notify(f"{subject} no value: only the original values of study {study} are used")
        return cases

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        """Yield the rows that have not ended, in the order of the file."""
        return (case for case in self._rows if case.name not in results or results[case.name].state not in ENDED)

    def take(self, result: CaseResult) -> None:
        """Do nothing: the rows do not depend on results."""
