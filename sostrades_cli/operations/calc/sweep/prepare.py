"""Prepare a sweep: validate everything before the first value is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.errors import RunFailed
from sostrades_cli.operations.calc.sweep.baseline import (
    Baseline,
    read_baseline,
    recorded_baselines,
    recorded_entry,
    require_originals_to_copy,
    restore_interrupted,
)
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
from sostrades_cli.operations.calc.sweep.polling_guide import PollingGuide
from sostrades_cli.operations.calc.sweep.validate import (
    finished_studies,
    left_studies,
    listings,
    lost_results,
    require_same_sweep,
    require_uploads,
    validate,
)
from sostrades_cli.operations.calc.sweep.worker import SweepWorker
from sostrades_cli.operations.calc.usual_durations import usual_durations_s
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.study.snapshot.capture import list_parameters
from sostrades_cli.operations.study_locks import pending_sweep
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sostrades_cli.operations.calc.sweep.progress_log import EarlierBaseline, SweepSpec
    from sostrades_cli.operations.calc.sweep.runner import CaseSource, SweepRunner
    from sostrades_cli.operations.calc.sweep.validate import ValidSweep
    from sostrades_cli.operations.calc.watch_options import WatchOptions
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

    If the sweep is already complete, the runner has nothing left to run or to restore.

    Raises
    ------
    SostradesError
        The cases are invalid, there is no sweep to resume, or a study cannot run the cases.

    """
    left = [restore_interrupted(context, study, number) for study, number in left_studies(request).items()]
    sweep = validate(context, request, options, interrupted=request.resume)
    runner = sweep.runner
    runner.earlier = [restored for restored in left if restored is not None]
    if sweep.earlier and sweep.is_complete and (original := _finished_values(context, runner, sweep.earlier)):
        runner.originals, runner.is_restored = [original], True
        return runner
    _begin(context, request, sweep)
    return runner


def _begin(context: Context, request: SweepRequest, sweep: ValidSweep) -> None:
    """Validate the studies, record their baselines, and give the runner its workers."""
    runner, earlier, reference = sweep.runner, sweep.earlier, sweep.reference
    before: dict[int, EarlierBaseline] = {}
    if earlier:
        _continue(context, request, earlier, sweep)
        before = earlier.baselines
        # `_continue` may have restored values since the study was listed.
        reference = list_parameters(context, request.study, outputs=False)
    keys = runner.cases.keys
    listed = listings(context, request, reference)
    require_originals_to_copy(context, request, reference, keys, before)
    baselines = {item.study: read_baseline(context, item, keys, before.get(item.study)) for item in listed}
    require_uploads(context, request.study, runner.cases)
    finished = finished_studies(context, baselines, resumed=bool(earlier))
    # A study that still has the values of an interrupted sweep has lost its own results before.
    if lost := [study for study in finished if baselines[study].entry is None]:
        context.notify(lost_results(lost, runner.noun))
    if not earlier:
        # Results of an older sweep must not be mistaken for results of this sweep.
        runner.log.clear()
        request.results.unlink(missing_ok=True)
    runner.log.make_folder()
    # From here on, `param undo` can restore the studies after a crash.
    with recorded_baselines(context, baselines, request.command) as recorded:
        runner.log.begin(_with_baselines(sweep.spec, earlier, recorded))
    guide = PollingGuide(usual_durations_s(context, [request.study, *request.studies]).values())
    workers = [SweepWorker(context, item, recorded[item.study], runner.stop, guide) for item in listed]
    runner.workers = runner.originals = workers


def _with_baselines(spec: SweepSpec, earlier: SweepSpec | None, recorded: Mapping[int, Baseline]) -> SweepSpec:
    """Return the description of a sweep with its baselines and those of the interrupted sweep."""
    entries = {str(study): baseline.entry for study, baseline in recorded.items() if baseline.entry}
    originals = {str(study): baseline.sha256 for study, baseline in recorded.items()}
    if earlier is not None:
        entries, originals = {**earlier.entries, **entries}, {**earlier.originals, **originals}
    return replace(spec, entries=entries, originals=originals)


def _finished_values(context: Context, runner: SweepRunner, earlier: SweepSpec) -> OriginalValues | None:
    """Return the original values of a complete sweep, or ``None`` if a study was not restored."""
    baselines: dict[int, Baseline] = {}
    for study, before in earlier.baselines.items():
        entries = journal_of(context, study).entries()
        entry = recorded_entry(entries, before)
        if entry is None or entry == pending_sweep(entries):
            return None
        baselines[study] = Baseline(entry.entry, entry.changes)
    # All studies have the same baseline, except for the study's own name in the keys.
    first = runner.study if runner.study in baselines else next(iter(baselines), None)
    if first is None:
        return None
    listed = list_parameters(context, first, outputs=False)
    return OriginalValues(context, listed, baselines[first])


def _continue(context: Context, request: SweepRequest, earlier: SweepSpec, sweep: ValidSweep) -> None:
    """Restore studies of the interrupted sweep, after a check that it is the same sweep."""
    require_same_sweep(context, request, earlier, sweep.spec)
    _wait_for_active_runs(context, map(int, earlier.entries), sweep.runner.options)
    for study, number in earlier.entries.items():
        # `listings` compares several studies with each other, so each must have its original values.
        is_only = request.studies == (request.study,) == (int(study),)
        if not is_only and (restored := restore_interrupted(context, int(study), number)):
            sweep.runner.earlier.append(restored)


def _wait_for_active_runs(context: Context, studies: Iterable[int], options: WatchOptions) -> None:
    """Wait for runs of the interrupted sweep that are still active, because a change would destroy their results."""
    for study in studies:
        if context.api.calculations.status(study).phase is Phase.ACTIVE:
            context.notify(f"study {study} is still running a case of the interrupted sweep: waiting for its end")
            for event in watch(context, [study], options):
                if trouble := trouble_text(event):
                    context.notify(trouble)
                if event.error is not None and not isinstance(event.error, RunFailed):
                    raise event.error
