"""The result of an optimization: its best trial, and a table of all trials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Refused, RunFailed
from sostrades_cli.files.atomic import atomic
from sostrades_cli.operations.calc.optimize.goal import MINIMIZE
from sostrades_cli.operations.calc.sweep.progress_log import ENDED, FAILED, FINISHED
from sostrades_cli.operations.calc.traceback import summary
from sostrades_cli.operations.tables import rows
from sostrades_cli.output.text import counted, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.optimize.goal import Constraint, Goal
    from sostrades_cli.operations.calc.optimize.search import SearchTrial
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult

TRIALS_FILE: Final = "trials.csv"
SHOWN_CAUSES: Final = 5


class BestValue(NamedTuple):
    """A parameter with its original value and its best value.

    If the value is a table, ``best`` is the name of its file, and ``old`` is ``None``.
    """

    key: str
    old: Json
    best: Json


class EndedTrial(NamedTuple):
    """A trial that ended: its values by column, its outputs, and the ``cause`` if it has no value."""

    number: int
    values: Mapping[str, Json]
    outputs: Mapping[str, Json]
    cause: str | None


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The trials that ended, in their order, and the goal that compares them."""

    goal: Goal
    trials: tuple[EndedTrial, ...]

    @property
    def successful(self) -> list[EndedTrial]:
        """The trials whose outputs are numbers."""
        return [trial for trial in self.trials if trial.cause is None]

    @property
    def feasible(self) -> list[EndedTrial]:
        """The trials that satisfy all constraints."""
        return [trial for trial in self.successful if self.goal.is_feasible(trial.outputs)]

    @property
    def best(self) -> EndedTrial | None:
        """The best feasible trial. If several are equal, it is the earliest."""
        sign = 1 if self.goal.direction == MINIMIZE else -1
        return min(self.feasible, key=lambda trial: sign * float(trial.outputs[self.goal.key]), default=None)

    @property
    def counts(self) -> str:
        """The numbers of trials."""
        successful = len(self.successful)
        parts = [f"{successful} finished", f"{len(self.trials) - successful} failed"]
        if self.goal.constraints:
            parts.append(f"{successful - len(self.feasible)} beyond a constraint")
        return f"{counted(len(self.trials), 'trial')}: {', '.join(parts)}"

    def require_best(self, study: int) -> EndedTrial:
        """Return the best trial.

        Raises
        ------
        RunFailed
            No trial has a value.
        Refused
            No trial satisfies the constraints.

        """
        if self.best is not None:
            return self.best
        if not self.successful:
            causes = dict.fromkeys(f"trial {trial.number}: {trial.cause}" for trial in self.trials[:SHOWN_CAUSES])
            raise RunFailed(
                f"none of {counted(len(self.trials), 'trial')} has a value of {self.goal.key}",
                detail="\n".join(causes),
                hint="correct the space, or choose another objective",
                study=study,
            )
        nearest = min(self.successful, key=lambda trial: max(self.goal.violations(trial.outputs)))
        facts = [
            f"{constraint.key} = {nearest.outputs[constraint.key]!r} ({constraint})"
            for constraint in self.goal.constraints
        ]
        raise Refused(
            f"none of {counted(len(self.trials), 'trial')} satisfies the constraints",
            detail="\n".join([f"trial {nearest.number} comes nearest:", *facts]),
            hint="give more --trials with --resume, a larger space, or other constraints",
            study=study,
        )

    def write(self, file: Path) -> None:
        """Write the trials as CSV."""
        columns = tuple(self.trials[0].values) if self.trials else ()
        outputs = [key for key in self.goal.keys if key not in columns]
        header = ["trial", *columns, "status", "cause", *outputs, *["feasible"] * bool(self.goal.constraints)]
        table = [header, *(list(self._cells(trial, outputs)) for trial in self.trials)]
        with atomic(file) as target:
            target.write(rows.lines(list(zip(*table, strict=True))).encode())

    def _cells(self, trial: EndedTrial, outputs: Sequence[str]) -> Iterator[str]:
        yield str(trial.number)
        yield from map(plain, trial.values.values())
        yield FINISHED if trial.cause is None else FAILED
        yield trial.cause or ""
        yield from (plain(trial.outputs.get(key)) for key in outputs)
        if self.goal.constraints:
            yield "" if trial.cause is not None else plain(self.goal.is_feasible(trial.outputs))


def table_of(goal: Goal, trials: Sequence[SearchTrial], results: Mapping[str, CaseResult]) -> TrialTable:
    """Return the trials that ended, with the results of their cases."""
    ended = []
    for trial in trials:
        result = results.get(str(trial.number))
        if result is not None and result.state in ENDED:
            ended.append(EndedTrial(trial.number, trial.values, result.outputs, _cause(goal, result)))
    return TrialTable(goal, tuple(ended))


def _cause(goal: Goal, result: CaseResult) -> str | None:
    if result.state == FAILED:
        # The whole traceback is too long for a cell. It is in the log.
        return summary(result.cause or "") or "unknown cause"
    return goal.fault(result.outputs)


@dataclass(frozen=True, slots=True)
class Limit:
    """A constraint, and the value of its output in the best trial."""

    constraint: Constraint
    value: Json


@dataclass(frozen=True, slots=True)
class OptimizationReport:
    """The best trial and its parameters. ``kept`` means that the study has their best values now.

    ``present`` has the outputs of the study before the search, and is empty if they are unknown.
    """

    study: int
    table: TrialTable
    best: EndedTrial
    parameters: tuple[BestValue, ...]
    seed: int
    notes: list[str]
    kept: bool
    present: Mapping[str, Json] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The best trial in one line."""
        return f"trial {self.best.number} is the best: {self.table.goal.key} = {self.value!r}"

    @property
    def value(self) -> float:
        """The value of the objective in the best trial."""
        return float(self.best.outputs[self.table.goal.key])

    @property
    def present_value(self) -> float | None:
        """The value of the objective before the search, ``None`` if it is unknown."""
        return float(self.present[self.table.goal.key]) if self.present else None

    @property
    def comparison(self) -> str | None:
        """The best trial beside the present value in one line, ``None`` if that is unknown."""
        goal, old, new = self.table.goal, self.present_value, self.value
        if old is None:
            return None
        present = f"the present value {self.present[goal.key]!r}"
        if not goal.is_feasible(self.present):
            return f"{present} is beyond a constraint"
        if not goal.is_better(new, old):
            return f"no trial is better than {present}"
        change = f"{100 * abs(new - old) / abs(old):.3g}% " if old else ""
        return f"{change}{'lower' if new < old else 'higher'} than {present}"

    @property
    def limits(self) -> list[Limit]:
        """The constraints, with the values of the best trial."""
        return [Limit(constraint, self.best.outputs[constraint.key]) for constraint in self.table.goal.constraints]


def old_value(value: Json) -> Json:
    """Return an original value for the report, or ``None`` if it has tables."""
    return None if has_tables(value) else value
