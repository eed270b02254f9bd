"""Preparation of a sweep: everything is validated before the first value is set."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import FileConflict, Refused, RunFailed, UploadFault, UsageError
from sostrades_cli.files.atomic import check_target
from sostrades_cli.operations.calc.start import require_no_run
from sostrades_cli.operations.calc.sweep.baseline import (
    Baseline,
    read_baseline,
    recorded_baselines,
    restore_interrupted,
)
from sostrades_cli.operations.calc.sweep.cases import read_cases
from sostrades_cli.operations.calc.sweep.collect import Collection, resolve
from sostrades_cli.operations.calc.sweep.progress_log import CaseResult, ProgressLog, SweepSpec
from sostrades_cli.operations.calc.sweep.runner import SweepRunner, inputs_digest
from sostrades_cli.operations.calc.sweep.worker import SweepWorker
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.history.recorder import journal_of, pending_sweep
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_inputs
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.calc.sweep.runner import CaseSource
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """The options of a sweep. ``studies`` run the cases: the study itself, or the copies that the user names."""

    study: int
    cases: Path | CaseSource
    collect: tuple[str, ...]
    charts: str | None
    results: Path
    studies: tuple[int, ...]
    resume: bool = False
    overwrite: bool = False
    fail_fast: bool = False

    @property
    def folder(self) -> Path:
        """The folder of tables, charts and the progress log."""
        return self.results.with_suffix(".d")


def prepare(context: Context, request: SweepRequest, options: WatchOptions) -> SweepRunner:
    """Validate the cases, resolve the outputs, and record the baseline of each study.

    The runner of a complete sweep has nothing left to run or to restore.

    Raises
    ------
    UsageError
        A cell is invalid, or there is no sweep to resume.
    FileConflict
        The folder of the results already contains a sweep.
    Refused
        A study that shares the work has other inputs.

    """
    log = ProgressLog(request.folder)
    log.check_folder()
    earlier = _earlier_sweep(context, log, request)
    reference = list_parameters(context, request.study, outputs=False)
    table = request.cases
    source = None if isinstance(table, Path) else table
    if isinstance(table, Path):
        cases = read_cases(context, request.study, reference.name, table, resumed=bool(earlier))
    else:
        cases = table.read(context, request.study, reference.name, resumed=bool(earlier))
    keys = resolve(context, request.study, reference.name, request.collect)
    digest = inputs_digest(reference, cases.keys)
    spec = SweepSpec(context.api.session.host, request.study, cases.sha256, keys, request.charts, digest)
    collection = Collection(keys, request.charts)
    runner = SweepRunner(request.study, cases, collection, options, log, fail_fast=request.fail_fast, source=source)
    if earlier:
        runner.results.update(earlier[1])
        if runner.is_complete and (worker := _finished_worker(context, earlier[0], spec, runner)):
            runner.workers, runner.is_restored = [worker], True
            return runner
    _begin(context, request, runner, spec, earlier[0] if earlier else None, reference)
    return runner


def _begin(
    context: Context,
    request: SweepRequest,
    runner: SweepRunner,
    spec: SweepSpec,
    earlier: SweepSpec | None,
    reference: ListedParameters,
) -> None:
    """Record the baselines, so that every change after this line can be reverted."""
    entries: dict[str, int] = {}
    if earlier:
        entries = _continue(context, request, earlier, spec, runner.options)
        # The study had the values of the interrupted case when it was listed.
        reference = list_parameters(context, request.study, outputs=False)
    listings = _listings(context, request, reference)
    keys = runner.cases.keys
    baselines = {item.study: read_baseline(context, item, keys, entries.get(str(item.study))) for item in listings}
    _require_uploads(context, request.study, runner.cases)
    if not earlier:
        for item in listings:
            require_no_run(context.api.calculations.status(item.study), attachable=False)
        # Otherwise results of an older sweep could be taken for results of this sweep.
        runner.log.clear()
        request.results.unlink(missing_ok=True)
    runner.log.make_folder()
    # From here on, `param undo` can restore the studies after a crash.
    with recorded_baselines(context, baselines) as recorded:
        numbers = {str(study): baseline.entry for study, baseline in recorded.items() if baseline.entry}
        runner.log.begin(replace(spec, entries={**entries, **numbers}))
    runner.workers = [SweepWorker(context, item, recorded[item.study], runner.stop) for item in listings]


def _finished_worker(context: Context, earlier: SweepSpec, spec: SweepSpec, runner: SweepRunner) -> SweepWorker | None:
    """Return a worker with the baseline of a complete sweep, ``None`` if a study still needs its original values."""
    # Other inputs than those of the sweep do not matter any more, because no case will run.
    if not earlier.is_same(replace(spec, inputs=None)):
        return None
    baselines: dict[int, Baseline] = {}
    for study, number in earlier.entries.items():
        entries = journal_of(context, int(study)).entries()
        entry = next((entry for entry in entries if entry.entry == number), None)
        if entry is None or entry == pending_sweep(entries):
            return None
        baselines[int(study)] = Baseline(number, entry.changes)
    # The studies have the same baseline under their own names.
    first = runner.study if runner.study in baselines else next(iter(baselines), None)
    if first is None:
        return None
    return SweepWorker(context, list_parameters(context, first, outputs=False), baselines[first], runner.stop)


def _continue(
    context: Context, request: SweepRequest, earlier: SweepSpec, spec: SweepSpec, options: WatchOptions
) -> dict[str, int]:
    """Return the journal entries of the interrupted sweep, after a check that it is the same sweep."""
    if not earlier.is_same(spec):
        raise UsageError(
            f"cannot resume the sweep in {request.folder}: the cases, the outputs or the study have changed",
            hint="add --overwrite instead of --resume to start anew",
            study=request.study,
        )
    # An interrupted sweep has no results yet, so an existing file is not its own.
    check_target(request.results, overwrite=request.overwrite, named=True)
    _wait_for_active_runs(context, map(int, earlier.entries), options)
    for study, number in earlier.entries.items():
        # Several studies are compared before the first case, so each must have its original values.
        if request.studies != (request.study,) or int(study) != request.study:
            restore_interrupted(context, int(study), number)
    return earlier.entries


def _require_uploads(context: Context, study: int, cases: Cases) -> None:
    """Check that the server accepts files if a case sets a table."""
    if cases.has_files and not context.api.parameters.takes_files(study):
        raise UploadFault(
            "no case was run: this server does not accept files, and a case sets a table",
            detail="the upload route is broken in versions 4.2.0 to 5.3.4",
            hint="sweep only numbers, texts, lists and dicts",
            study=study,
        )


def _earlier_sweep(
    context: Context, log: ProgressLog, request: SweepRequest
) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
    """Return the sweep to resume, ``None`` for a new sweep. Values that an overwritten sweep left are restored."""
    if request.overwrite and not request.resume:
        with contextlib.suppress(UsageError):  # a damaged log is overwritten like any other
            older = log.read()
            for study, number in older[0].entries.items() if older else ():
                restore_interrupted(context, int(study), number)
        return None
    earlier = log.read()
    if earlier is None and request.resume:
        raise UsageError(
            f"no sweep to resume in {log.folder}", hint="run the command without --resume", study=request.study
        )
    if earlier is not None and not request.resume:
        raise FileConflict(
            f"{log.folder} already contains a sweep",
            hint="add --resume to continue it, or --overwrite to start anew",
            study=request.study,
        )
    return earlier


def _listings(context: Context, request: SweepRequest, reference: ListedParameters) -> list[ListedParameters]:
    """Return the inputs of the studies that run the cases, after a check that they are the same."""
    if all(study == request.study for study in request.studies):
        return [reference]
    # Otherwise the results would depend on the study that ran a case.
    own = take_inputs(context, request.study)
    listings = []
    for study in request.studies:
        if study == request.study:
            listings.append(reference)
            continue
        differences = compare(own, take_inputs(context, study)).differences
        if differences:
            raise Refused(
                f"study {study} cannot share the work: {counted(len(differences), 'input')} of it differ from study "
                f"{request.study}",
                detail=listed([difference.key for difference in differences]),
                hint=f"sostrades study diff {request.study} {study}",
                study=study,
            )
        listings.append(list_parameters(context, study, outputs=False))
    return listings


def _wait_for_active_runs(context: Context, studies: Iterable[int], options: WatchOptions) -> None:
    """Wait for the runs that an interrupted sweep has left, because a change during a run would destroy it."""
    for study in studies:
        if context.api.calculations.status(study).phase is Phase.ACTIVE:
            context.notify(f"study {study} is still running a case of the interrupted sweep: waiting for its end")
            for event in watch(context, [study], options):
                if event.error is not None and not isinstance(event.error, RunFailed):
                    raise event.error
