"""A whole optimization, from the space to the best trial, on the engine of sweeps."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile, InvalidValue, UsageError
from sostrades_cli.operations.calc.design.space import SpaceFolders
from sostrades_cli.operations.calc.design.space import resolve as resolve_space
from sostrades_cli.operations.calc.design.space_file import read_space
from sostrades_cli.operations.calc.design.table import LARGEST_SEED, column_of
from sostrades_cli.operations.calc.optimize.best_file import best_values, write_best
from sostrades_cli.operations.calc.optimize.report import (
    TRIALS_FILE,
    BestValue,
    OptimizationReport,
    old_value,
    table_of,
)
from sostrades_cli.operations.calc.optimize.search import (
    FILE,
    START_ANEW,
    Search,
    SearchTrial,
    distributions,
    require_library,
)
from sostrades_cli.operations.calc.optimize.trials import Trials
from sostrades_cli.operations.calc.sweep.collect import resolve as resolve_outputs
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
from sostrades_cli.operations.calc.sweep.run import run_cases
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.changes import ChangeOptions, set_parameters
from sostrades_cli.output.text import brief, with_article
from sostrades_cli.study_reference import full_key
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.design.space import Space
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.optimize.goal import Goal
    from sostrades_cli.operations.calc.optimize.report import TrialTable
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.operations.context import Context

# Types of an objective. A parameter whose type is not known may be a number.
_NUMBERS: Final = frozenset({"float", "int", None})


@dataclass(frozen=True, slots=True)
class OptimizeRequest:
    """The options of an optimization. ``best`` is the file of the best values; its folder ``.d`` has the trials.

    ``studies`` run the trials: the study itself, or the copies that the user names.
    """

    study: int
    space: Path
    goal: Goal
    best: Path
    trials: int
    seed: int | None
    studies: tuple[int, ...]
    keep_best: bool = False
    resume: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the trials."""
        return self.best.with_suffix(".d")

    def sweep(self, trials: Trials, goal: Goal) -> SweepRequest:
        """Return the trials as a sweep, which has the same folder."""
        return SweepRequest(
            self.study,
            trials,
            goal.keys,
            None,
            self.best,
            self.studies,
            self.resume,
            overwrite=self.overwrite,
            command=CaseCommand.OPTIMIZE,
        )


def optimize(
    context: Context,
    request: OptimizeRequest,
    options: WatchOptions,
    progress: Callable[[SweepRunner], AbstractContextManager[ProgressListener]],
) -> OptimizationReport:
    """Search the space, restore the original values, and write the best values. ``progress`` opens the display.

    Raises
    ------
    SostradesError
        The space or an option is invalid, the search was interrupted, or no trial has a value within the constraints.

    """
    require_library()
    entries = read_space(request.space)
    space = resolve_space(context, request.study, entries, SpaceFolders(request.space.parent, request.best.parent))
    goal = _resolved(context, request, space)
    axes = {column_of(space, axis): axis for axis in space.axes}
    with context.waiting("Preparing the search"):
        search = Search(request.folder / FILE, goal, distributions(axes))
    with contextlib.closing(search):
        trials = _trials(search, axes, request)
        sweep = request.sweep(trials, goal)
        runner, was_complete = run_cases(context, sweep, options, progress)
        table = table_of(goal, search.trials(), runner.results)
        table.write(request.folder / TRIALS_FILE)
        best = table.require_best(request.study)
        case = trials.case(SearchTrial(best.number, dict(best.values)))
        report = _report(request, trials, runner, table, case)
    if request.keep_best:
        _keep(context, request, space.own_name, case, report.title)
    writes = not was_complete or request.overwrite or not request.best.exists()
    if writes:
        comments = {one.key: f"was {brief(one.old)}" for one in report.parameters}
        write_best(request.best, report.title, {one.key: one.best for one in report.parameters}, comments)
    kept = request.study if request.keep_best else None
    ends = [] if was_complete else runner.final_notes(kept)
    return replace(report, notes=[*report.notes, *ends, *_next_steps(request, is_written=writes)])


def _trials(search: Search, axes: Mapping[str, Axis], request: OptimizeRequest) -> Trials:
    """Return the trials of a new search, or of the earlier one that is resumed.

    Raises
    ------
    UsageError
        The search to resume is another one, or its storage is missing.

    """
    earlier = ProgressLog(request.folder).read() if request.resume else None
    results = earlier[1] if earlier is not None else {}
    is_known = request.resume and search.resume()
    if results and not is_known:
        raise InvalidFile(f"cannot resume the search: {search.path} is missing", hint=START_ANEW, study=request.study)
    if is_known and request.seed not in {None, search.seed}:
        raise UsageError(
            f"cannot resume the search with --seed {request.seed}: its seed is {search.seed}",
            hint=f"leave out --seed, or {START_ANEW}",
            study=request.study,
        )
    seed = None if is_known else request.seed or 1 + secrets.randbelow(LARGEST_SEED)
    return Trials(search, axes, request.best, request.trials, seed)


def _resolved(context: Context, request: OptimizeRequest, space: Space) -> Goal:
    """Return the goal with the names of its outputs, none of which is known not to be a number."""
    keys = [resolve_outputs(context, request.study, space.own_name, [key])[0] for key in request.goal.keys]
    known = context.cache.parameters_of(request.study)
    for key in keys:
        parameter = known.get(full_key(space.own_name, key))
        if parameter is not None and parameter.type not in _NUMBERS:
            raise InvalidValue(
                f"{key} is {with_article(str(parameter.type))}, and an optimization compares numbers",
                hint=f"choose a float or an int: `sostrades param list {request.study} --outputs`",
                study=request.study,
            )
    return request.goal.with_keys(keys)


def _report(
    request: OptimizeRequest, trials: Trials, runner: SweepRunner, table: TrialTable, case: Case
) -> OptimizationReport:
    best = table.require_best(request.study)
    values = best_values(request.best, runner.log.folder, trials.axes, best.values, case.assignments)
    parameters = [BestValue(key, old_value(runner.originals[0].own_value(key)), value) for key, value in values.items()]
    notes = [f"{table.counts}; seed {trials.search.seed}; trials and log: {runner.log.folder}"]
    return OptimizationReport(
        request.study, table, best, tuple(parameters), trials.search.seed, notes, kept=request.keep_best
    )


def _keep(context: Context, request: OptimizeRequest, own_name: str, case: Case, title: str) -> None:
    """Set the best values as ``param set`` does, so that they can be undone."""
    wanted = [replace(item, key=full_key(own_name, item.key)) for item in case.assignments]
    set_parameters(context, request.study, wanted, ChangeOptions(message=title))


def _next_steps(request: OptimizeRequest, *, is_written: bool) -> Iterator[str]:
    if not is_written:
        yield f"{request.best} is left as it is (add --overwrite to write it again)"
    if request.keep_best:
        yield f"study {request.study} has the best values now. undo: sostrades param undo {request.study}"
        yield f"next: sostrades calc run {request.study}"
    else:
        yield f"next: sostrades param set {request.study} --from {quoted(str(request.best))}"
