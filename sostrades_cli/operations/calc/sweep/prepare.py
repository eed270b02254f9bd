"""Preparation of a sweep: everything is validated before the first value is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import RunFailed
from sostrades_cli.operations.calc.estimate import usual_durations_s
from sostrades_cli.operations.calc.poll_intervals import PollingGuide
from sostrades_cli.operations.calc.start import require_no_run
from sostrades_cli.operations.calc.sweep.baseline import (
    Baseline,
    read_baseline,
    recorded_baselines,
    restore_interrupted,
)
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
from sostrades_cli.operations.calc.sweep.validate import (
    left_studies,
    listings,
    require_same_sweep,
    require_uploads,
    validate,
)
from sostrades_cli.operations.calc.sweep.worker import SweepWorker
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.history.recorder import journal_of, pending_sweep
from sostrades_cli.operations.study.snapshot.capture import list_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.progress_log import SweepSpec
    from sostrades_cli.operations.calc.sweep.runner import CaseSource, SweepRunner
    from sostrades_cli.operations.calc.sweep.validate import ValidSweep
    from sostrades_cli.operations.context import Context


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
    retry_failed: bool = False
    command: CaseCommand = CaseCommand.SWEEP

    @property
    def folder(self) -> Path:
        """The folder of tables, charts and the progress log."""
        return self.results.with_suffix(".d")


def prepare(context: Context, request: SweepRequest, options: WatchOptions) -> SweepRunner:
    """Validate the cases, resolve the outputs, and record the baseline of each study.

    The runner of a complete sweep has nothing left to run or to restore.

    Raises
    ------
    SostradesError
        As ``validate`` and ``listings`` raise it.

    """
    for study, number in left_studies(request).items():
        restore_interrupted(context, study, number)
    sweep = validate(context, request, options, interrupted=request.resume)
    runner = sweep.runner
    if sweep.earlier and sweep.is_complete and (original := _finished_values(context, runner, sweep.earlier)):
        runner.originals, runner.is_restored = [original], True
        return runner
    _begin(context, request, sweep)
    return runner


def _begin(context: Context, request: SweepRequest, sweep: ValidSweep) -> None:
    """Record the baselines, so that every change after this line can be reverted."""
    runner, earlier, reference = sweep.runner, sweep.earlier, sweep.reference
    entries: dict[str, int] = {}
    if earlier:
        entries = _continue(context, request, earlier, sweep)
        # The study had the values of the interrupted case when it was listed.
        reference = list_parameters(context, request.study, outputs=False)
    keys = runner.cases.keys
    listed = listings(context, request, reference)
    baselines = {item.study: read_baseline(context, item, keys, entries.get(str(item.study))) for item in listed}
    require_uploads(context, request.study, runner.cases)
    if not earlier:
        for item in listed:
            require_no_run(context.api.calculations.status(item.study), attachable=False)
        # Otherwise results of an older sweep could be taken for results of this sweep.
        runner.log.clear()
        request.results.unlink(missing_ok=True)
    runner.log.make_folder()
    # From here on, `param undo` can restore the studies after a crash.
    with recorded_baselines(context, baselines, request.command) as recorded:
        numbers = {str(study): baseline.entry for study, baseline in recorded.items() if baseline.entry}
        runner.log.begin(replace(sweep.spec, entries={**entries, **numbers}))
    guide = PollingGuide(usual_durations_s(context, [request.study, *request.studies]).values())
    workers = [SweepWorker(context, item, recorded[item.study], runner.stop, guide) for item in listed]
    runner.workers = runner.originals = workers


def _finished_values(context: Context, runner: SweepRunner, earlier: SweepSpec) -> OriginalValues | None:
    """Return the original values of a complete sweep, ``None`` if a study still needs them."""
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
    listed = list_parameters(context, first, outputs=False)
    return OriginalValues(context, listed, baselines[first])


def _continue(context: Context, request: SweepRequest, earlier: SweepSpec, sweep: ValidSweep) -> dict[str, int]:
    """Return the journal entries of the interrupted sweep, after a check that it is the same sweep."""
    require_same_sweep(request, earlier, sweep.spec)
    _wait_for_active_runs(context, map(int, earlier.entries), sweep.runner.options)
    for study, number in earlier.entries.items():
        # Several studies are compared before the first case, so each must have its original values.
        if request.studies != (request.study,) or int(study) != request.study:
            restore_interrupted(context, int(study), number)
    return earlier.entries


def _wait_for_active_runs(context: Context, studies: Iterable[int], options: WatchOptions) -> None:
    """Wait for the runs that an interrupted sweep has left, because a change during a run would destroy it."""
    for study in studies:
        if context.api.calculations.status(study).phase is Phase.ACTIVE:
            context.notify(f"study {study} is still running a case of the interrupted sweep: waiting for its end")
            for event in watch(context, [study], options):
                if event.error is not None and not isinstance(event.error, RunFailed):
                    raise event.error
