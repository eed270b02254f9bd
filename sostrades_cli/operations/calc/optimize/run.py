"""Run a whole optimization, from the space to the best trial, on the engine of sweeps."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile, InvalidValue, SostradesError, UsageError
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
    START_AGAIN,
    Search,
    SearchTrial,
    distributions,
    require_library,
)
from sostrades_cli.operations.calc.optimize.trials import Trials
from sostrades_cli.operations.calc.sweep.collect import resolve as resolve_outputs
from sostrades_cli.operations.calc.sweep.collect import value_of
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
from sostrades_cli.operations.calc.sweep.run import run_cases
from sostrades_cli.operations.calc.sweep.validate import require_not_replaced
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.changes import ChangeOptions, set_parameters
from sostrades_cli.operations.tables.equality import is_number
from sostrades_cli.output.text import brief, with_article
from sostrades_cli.study_reference import full_key, short_key
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Collection as Names
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.optimize.goal import Goal
    from sostrades_cli.operations.calc.optimize.report import TrialTable
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.collect import Output
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context

# Types of an objective. A parameter of unknown type (``None``) may be a number.
_NUMBERS: Final = frozenset({"float", "int", None})


@dataclass(frozen=True, slots=True)
class OptimizeRequest:
    """The options of an optimization.

    ``best`` is the file of the best values. The folder of the same name with ``.d`` has the trials. ``studies`` run the
    trials: the study itself, or the copies that the user names.
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
        """Return the trials as a sweep with the same folder."""
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

    @contextlib.contextmanager
    def announced(runner: SweepRunner) -> Iterator[ProgressListener]:
        context.inform(trials.present_text(request.study))
        with progress(runner) as listener:
            try:
                yield listener
            except SostradesError as error:
                _write_ended(request, trials, runner, error)
                raise

    with opened_search(context, request) as (trials, own_name):
        goal = trials.search.goal
        runner, was_complete = run_cases(context, request.sweep(trials, goal), options, announced)
        table = table_of(goal, trials.search.trials(), runner.results)
        table.write(request.folder / TRIALS_FILE)
        best = table.require_best(request.study)
        case = trials.case(SearchTrial(best.number, dict(best.values)))
        report = _report(request, trials, runner, table, case)
    if request.keep_best:
        _keep(context, request, own_name, case, report.title)
    # The file of an earlier, complete search stays, because the user may have edited it.
    writes = not was_complete or request.overwrite or not request.best.exists()
    if writes:
        comments = {parameter.key: f"was {brief(parameter.old)}" for parameter in report.parameters}
        values = {parameter.key: parameter.best for parameter in report.parameters}
        write_best(request.best, report.title, values, comments)
    kept = request.study if request.keep_best else None
    ends = [] if was_complete else runner.final_notes(kept)
    return replace(report, notes=[*report.notes, *ends, *_next_steps(request, is_written=writes)])


def _write_ended(request: OptimizeRequest, trials: Trials, runner: SweepRunner, error: SostradesError) -> None:
    """Write the table of the trials that ended before an error, and add its name to the error."""
    if not runner.ended:
        return
    file = request.folder / TRIALS_FILE
    # The error says why the search did not complete, which matters more than a full disk.
    with contextlib.suppress(SostradesError, OSError):
        table_of(trials.search.goal, trials.search.trials(), runner.results).write(file)
        error.add_detail(f"table of the trials that ended: {file}")


@contextlib.contextmanager
def opened_search(context: Context, request: OptimizeRequest) -> Iterator[tuple[Trials, str]]:
    """Open the trials of a search, and the study's own name. Nothing is sent or written.

    Raises
    ------
    SostradesError
        The space, the goal or an option is invalid.

    """
    require_library()
    require_not_replaced(request.space, request.best, request.folder)
    log = ProgressLog(request.folder)
    # Before the storage of the search, which another command does not have.
    log.check_folder(CaseCommand.OPTIMIZE, request.best.name, resumes=request.resume)
    entries = read_space(request.space)
    space = resolve_space(context, request.study, entries, SpaceFolders(request.space.parent, request.best.parent))
    earlier = log.read() if request.resume else None
    outputs = _outputs(context, request, space.own_name, earlier[0].collect if earlier else ())
    axes = {column_of(space, axis): axis for axis in space.axes}
    goal = request.goal.with_keys([output.key for output in outputs])
    # With a constraint, the search finds the best value that satisfies it.
    if not goal.constraints and goal.key in {short_key(space.own_name, axis.name) for axis in space.axes}:
        raise InvalidValue(
            f"{goal.key} varies in {request.space}, so its best value is an end of its range",
            hint=f"choose an output of `sostrades param list {request.study} --outputs`, or add a --constraint",
            study=request.study,
        )
    with context.waiting("Preparing the search"):
        search = Search(request.folder / FILE, goal, distributions(axes))
    with contextlib.closing(search):
        yield _trials(search, axes, outputs, request, earlier[1] if earlier else {}), space.own_name


def _trials(
    search: Search,
    axes: Mapping[str, Axis],
    outputs: Sequence[Output],
    request: OptimizeRequest,
    results: Mapping[str, CaseResult],
) -> Trials:
    """Return the trials of a new search, or of the earlier one that is resumed.

    Raises
    ------
    UsageError
        The space, the goal or the seed differs from those of the earlier search, or its storage is missing.

    """
    is_known = request.resume and search.resume()
    if results and not is_known:
        raise InvalidFile(f"cannot resume the search: {search.path} is missing", hint=START_AGAIN, study=request.study)
    if is_known and request.seed not in {None, search.seed}:
        raise UsageError(
            f"cannot resume the search with --seed {request.seed}: its seed is {search.seed}",
            hint=f"leave out --seed, or {START_AGAIN}",
            study=request.study,
        )
    seed = None if is_known else request.seed or 1 + secrets.randbelow(LARGEST_SEED)
    trials = Trials(search, axes, tuple(outputs), request.best, request.trials, seed)
    if is_known:
        trials.present = search.present
    return trials


def _outputs(context: Context, request: OptimizeRequest, own_name: str, earlier: Names[str]) -> list[Output]:
    """Return the outputs of the goal. ``earlier`` are the outputs of the search that is resumed.

    Raises
    ------
    InvalidValue
        An output is not a number.

    """
    known = context.cache.parameters_of(request.study)
    outputs = [resolve_outputs(context, request.study, own_name, [key], earlier)[0] for key in request.goal.keys]
    for output in outputs:
        parameter = known.get(full_key(own_name, output.parameter))
        kind = None if parameter is None or output.entry else parameter.type
        value = value_of(context, request.study, own_name, output) if output.is_verified else None
        if kind not in _NUMBERS or not (value is None or is_number(value)):
            noun = with_article(kind) if kind else "not a number"
            raise InvalidValue(
                f"{output.key} is {noun}, and an optimization compares numbers",
                hint=f"choose a float or an int: `sostrades param list {request.study} --outputs`",
                study=request.study,
            )
    return outputs


def _report(
    request: OptimizeRequest, trials: Trials, runner: SweepRunner, table: TrialTable, case: Case
) -> OptimizationReport:
    best = table.require_best(request.study)
    values = best_values(request.best, runner.log.folder, trials.axes, best.values, case.assignments)
    parameters = [BestValue(key, old_value(runner.originals[0].own_value(key)), value) for key, value in values.items()]
    notes = [f"{table.counts}; seed {trials.search.seed}; trials and log: {runner.log.folder}"]
    return OptimizationReport(
        request.study,
        table,
        best,
        tuple(parameters),
        trials.search.seed,
        notes,
        kept=request.keep_best,
        present=trials.present,
    )


def _keep(context: Context, request: OptimizeRequest, own_name: str, case: Case, title: str) -> None:
    """Set the best values as ``param set`` does, so that they can be undone."""
    assignments = [replace(item, key=full_key(own_name, item.key)) for item in case.assignments]
    set_parameters(context, request.study, assignments, ChangeOptions(message=title))


def _next_steps(request: OptimizeRequest, *, is_written: bool) -> Iterator[str]:
    if not is_written:
        yield f"{request.best} is left as it is (add --overwrite to write it again)"
    if request.keep_best:
        yield f"study {request.study} has the best values now. undo: sostrades param undo {request.study}"
        yield f"next: sostrades calc run {request.study}"
    else:
        yield f"next: sostrades param set {request.study} --from {shell_quoted(str(request.best))}"
