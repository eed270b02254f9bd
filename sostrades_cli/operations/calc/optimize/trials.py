"""The trials of a search as the cases of a sweep: each is planned when a study is free."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from sostrades_cli.operations.calc.design.axes import ChoiceAxis, DistributionAxis
from sostrades_cli.operations.calc.design.table import digest_of_cells
from sostrades_cli.operations.calc.sweep.case_rows import CaseRow, CaseRows
from sostrades_cli.operations.calc.sweep.cases import Case, Cases, validated_cases
from sostrades_cli.operations.calc.sweep.progress_log import ENDED
from sostrades_cli.operations.calc.sweep.validate import require_uploads
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.output.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.optimize.search import Search, SearchTrial
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.operations.context import Context

    Progress: TypeAlias = Callable[[SweepRunner], AbstractContextManager[ProgressListener]]

NOUN: Final = "trial"


@dataclass(slots=True)
class Trials:
    """The ``total`` trials of a search. ``axes`` is the space by column, ``file`` the file of the best values.

    Files of the space are seen from the folder of ``file``. A new search gets ``seed``, a resumed one has the results
    of ``earlier`` cases.
    """

    search: Search
    axes: Mapping[str, Axis]
    file: Path
    total: int
    seed: int | None
    earlier: Mapping[str, CaseResult]
    _choices: dict[tuple[str, str], Assignment] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def opened(self, context: Context, study: int, own_name: str) -> Cases:
        """Validate every choice of the space, as a sweep validates its cells, and return the trials so far.

        Raises
        ------
        InvalidValue
            A choice is invalid.
        UploadFault
            The server does not accept files, and a choice is a table.

        """
        columns = tuple(self.axes)
        table = CaseRows(columns, tuple(_levels(self.axes)))
        identity = [digest_of_cells(columns, [row.cells for row in table.rows])]
        resumed = self.seed is None
        cases = validated_cases(context, study, own_name, self.file, table, identity, resumed=resumed)
        require_uploads(context, study, cases)
        self._keys = dict(zip(columns, cases.keys, strict=True))
        for case in cases.rows:
            cells = dict(zip(cases.keys, case.cells, strict=True))
            self._choices.update({(item.key, cells[item.key]): item for item in case.assignments})
        rows = list(map(self.case, self.search.trials())) if resumed else []
        return replace(cases, rows=rows, further=self._further(rows), total=max(self.total, len(rows)), noun=NOUN)

    def _further(self, rows: list[Case]) -> Iterator[Case]:
        """Yield new trials up to the total."""
        if self.seed is not None:
            self.search.begin(self.seed)
        for number in self.search.unfinished():
            result = self.earlier.get(str(number))
            # The process may have been killed after the case ended, before the search knew its result.
            if result is not None and result.state in ENDED:
                self.search.tell(result)
        while len(rows) < self.total:
            rows.append(self.case(self.search.ask()))
            yield rows[-1]

    def reporting(self, progress: Progress) -> Progress:
        """Return a display that also tells the search the results."""

        @contextlib.contextmanager
        def opened(runner: SweepRunner) -> Iterator[ProgressListener]:
            with progress(runner) as listener:

                def listen(result: CaseResult) -> None:
                    if result.state in ENDED:
                        self.search.tell(result)
                    listener(result)

                yield listen

        return opened

    def case(self, trial: SearchTrial) -> Case:
        """Return a trial as a case."""
        name = str(trial.number)
        cells = tuple(map(plain, trial.values.values()))
        return Case(name, f"{NOUN}-{name}", cells, tuple(self._assignments(trial)), NOUN)

    def _assignments(self, trial: SearchTrial) -> Iterator[Assignment]:
        for column, value in trial.values.items():
            key = self._keys[column]
            if isinstance(self.axes[column], ChoiceAxis):
                yield self._choices[key, value]
            else:
                yield Assignment(key, repr(value), value=value, exact=True)


def _levels(axes: Mapping[str, Axis]) -> Iterator[CaseRow]:
    """Yield rows in which each choice and each end of a range stands once. A cell may be blank."""
    levels = [_cells(axis) for axis in axes.values()]
    for number in range(max(map(len, levels))):
        cells = (column[number] if number < len(column) else "" for column in levels)
        yield CaseRow(number + 2, str(number), tuple(cells))


def _cells(axis: Axis) -> list[str]:
    if not isinstance(axis, DistributionAxis):
        return axis.levels(2)
    # Not by its quantiles: only they need scipy.
    ends = (axis.distribution.low, axis.distribution.high)
    return [str(round(end)) if axis.is_whole else repr(end) for end in ends if end is not None]
