"""The trials of a search as the cases of a sweep. Each trial is chosen only when a study is free to run it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from sostrades_cli.errors import NotFound, NoValue
from sostrades_cli.operations.calc.design.axes import ChoiceAxis, DistributionAxis
from sostrades_cli.operations.calc.design.table import digest_of_cells
from sostrades_cli.operations.calc.sweep.case_rows import CaseRow, CaseRows
from sostrades_cli.operations.calc.sweep.cases import Case, Cases, validated_cases
from sostrades_cli.operations.calc.sweep.collect import value_of
from sostrades_cli.operations.calc.sweep.progress_log import ENDED, FINISHED
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.output.text import plain
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.optimize.search import Search, SearchTrial
    from sostrades_cli.operations.calc.sweep.collect import Output
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.context import Context


@dataclass(slots=True)
class Trials:
    """The ``total`` trials of a search. ``axes`` are the axes of the space by column.

    ``file`` is the file of the best values. Files in the space are relative to its folder. ``seed`` is ``None`` if an
    earlier search is continued. ``present`` has the ``outputs``
    of the study before the search, and is empty if they are unknown.
    """

    search: Search
    axes: Mapping[str, Axis]
    outputs: tuple[Output, ...]
    file: Path
    total: int
    seed: int | None
    is_total_known: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    noun: ClassVar[str] = "trial"
    headline: str = ""
    present: dict[str, Json] = field(default_factory=dict)
    _best: float | None = None
    _choices: dict[tuple[str, str], Assignment] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def read(self, context: Context, study: int, own_name: str, *, resumed: bool) -> Cases:
        """Validate every choice of the space, as a sweep validates its cells. There are no cases yet."""
        # An interrupted search may have left results of a trial.
        if self.seed is not None and not resumed:
            self.present = self._present(context, study, own_name)
        columns = tuple(self.axes)
        table = CaseRows(columns, tuple(_levels(self.axes)), tuple(range(len(columns))))
        identity = [digest_of_cells(columns, [row.cells for row in table.rows])]
        cases = validated_cases(context, study, own_name, self.file, table, identity, resumed=resumed)
        self._keys = dict(zip(columns, cases.keys, strict=True))
        for case in cases.rows:
            cells = dict(zip(cases.keys, case.cells, strict=True))
            self._choices.update({(item.key, cells[item.key]): item for item in case.assignments})
        return replace(cases, rows=())

    def _present(self, context: Context, study: int, own_name: str) -> dict[str, Json]:
        """Return the outputs of the last run, empty if it was not one of the present values, or they are no numbers."""
        if context.api.calculations.status(study).phase is not Phase.GOOD:
            return {}
        try:
            values = {output.key: value_of(context, study, own_name, output) for output in self.outputs}
        except (NoValue, NotFound):
            return {}
        return {} if self.search.goal.fault(values) else values

    def present_text(self, study: int) -> str:
        """Return the present value of the objective in one line."""
        key = self.search.goal.key
        if not self.present:
            why = f"study {study} has no finished run of its present values"
            return f"present value: {key} is unknown, because {why}: sostrades calc run {study}"
        return f"present value: {key} = {self.present[key]!r}"

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:
        """Yield the trials that an interruption left, then new trials, up to the total."""
        if self.seed is not None:
            self.search.begin(self.seed, self.present)
        for result in results.values():
            self._compare(result)
        for trial in self.search.unfinished():
            earlier = results.get(str(trial.number))
            if earlier is not None and earlier.state in ENDED:
                # The process was killed after the case ended, before the search knew its result.
                self.search.tell(earlier)
            else:
                yield self.case(trial)
        while len(self.search.trials()) < self.total:
            yield self.case(self.search.ask())

    def take(self, result: CaseResult) -> None:
        """Pass the result of a trial to the search."""
        self.search.tell(result)
        self._compare(result)

    def _compare(self, result: CaseResult) -> None:
        """Compare the result of a trial with the best result so far, for the progress display."""
        goal, outputs = self.search.goal, result.outputs
        if result.state != FINISHED or goal.fault(outputs) is not None or not goal.is_feasible(outputs):
            return
        value = float(outputs[goal.key])
        if self._best is None or goal.is_better(value, self._best):
            self._best, self.headline = value, f"best {value:.6g}"

    def case(self, trial: SearchTrial) -> Case:
        """Return a trial as a case."""
        name = str(trial.number)
        cells = tuple(map(plain, trial.values.values()))
        return Case(name, f"{self.noun}-{name}", cells, tuple(self._assignments(trial)), self.noun)

    def _assignments(self, trial: SearchTrial) -> Iterator[Assignment]:
        for column, value in trial.values.items():
            key = self._keys[column]
            if isinstance(self.axes[column], ChoiceAxis):
                yield self._choices[key, value]
            else:
                yield Assignment(key, repr(value), value=value, exact=True)


def _levels(axes: Mapping[str, Axis]) -> Iterator[CaseRow]:
    """Yield rows that together contain each choice and both ends of each range. A cell may be blank."""
    levels = [_cells(axis) for axis in axes.values()]
    for number in range(max(map(len, levels))):
        cells = (column[number] if number < len(column) else "" for column in levels)
        # The header is line 1.
        yield CaseRow(number + 2, str(number), tuple(cells))


def _cells(axis: Axis) -> list[str]:
    if not isinstance(axis, DistributionAxis):
        return axis.levels(2)
    # The limits are the ends. Quantiles would give the same values, but need scipy.
    ends = (axis.distribution.low, axis.distribution.high)
    return [str(round(end)) if axis.is_whole else repr(end) for end in ends if end is not None]
