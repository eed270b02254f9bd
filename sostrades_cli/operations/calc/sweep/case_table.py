"""The cases of a file, which are all known and validated before the first run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sostrades_cli.operations.calc.sweep.cases import Case, Cases, read_cases
from sostrades_cli.operations.calc.sweep.progress_log import ENDED

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
        return cases

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        """Yield the rows that have not ended, in their order."""
        return (case for case in self._rows if case.name not in results or results[case.name].state not in ENDED)

    def take(self, result: CaseResult) -> None:
        """Do nothing: the rows do not depend on results."""
