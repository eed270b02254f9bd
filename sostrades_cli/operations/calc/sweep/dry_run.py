"""Dry run of a sweep: everything is validated as for the sweep itself, and no study is changed."""

from __future__ import annotations

import heapq
import json
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.estimate import usual_case_s, usual_durations_s
from sostrades_cli.operations.calc.start import require_no_run
from sostrades_cli.operations.calc.sweep.baseline import interrupted_baseline, read_baseline
from sostrades_cli.operations.calc.sweep.progress_log import FINISHED
from sostrades_cli.operations.calc.sweep.validate import (
    left_studies,
    listings,
    require_same_sweep,
    require_uploads,
    validate,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner
    from sostrades_cli.operations.calc.sweep.validate import ValidSweep
    from sostrades_cli.operations.context import Context

# A case needs two loads, after its change and after its run. The server looks once a second whether a load is ready.
LOADS_S: Final = 2.2


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep would do.

    ``repeated`` cases have the values of an earlier one. ``ended`` cases are those of the interrupted sweep. ``case_s``
    is the usual duration of a case and ``expected_s`` that of all ``runs``, ``None`` if they are unknown. They are
    ``measured`` if they follow from cases, not only from single runs.
    """

    study: int
    studies: tuple[int, ...]
    collect: tuple[str, ...]
    cases: int
    repeated: int
    ended: int
    case_s: float | None
    expected_s: float | None
    measured: bool

    @property
    def runs(self) -> int:
        """The number of cases to run."""
        return self.cases - self.ended


def plan_sweep(context: Context, request: SweepRequest, options: WatchOptions) -> SweepPlan:
    """Validate a sweep, and return what it would do. No request changes a study.

    Raises
    ------
    SostradesError
        The sweep would be refused.

    """
    with context.waiting(f"Validating the sweep of study {request.study}"):
        left = left_studies(request)
        sweep = validate(context, request, options, interrupted=request.resume or bool(left))
        runner = sweep.runner
        if not sweep.is_complete:
            _validate_studies(context, request, sweep, left)
    measured = _measured_s(context, request, runner)
    durations = measured or _estimated_s(context, request)
    runs = len(runner.cases.rows) - runner.ended
    return SweepPlan(
        request.study,
        request.studies,
        runner.collection.keys,
        len(runner.cases.rows),
        _repeated(runner.cases),
        runner.ended,
        statistics.median(durations.values()) if durations else None,
        expected_s(runs, [durations[study] for study in request.studies]) if durations else None,
        measured=bool(measured),
    )


def _validate_studies(context: Context, request: SweepRequest, sweep: ValidSweep, left: Mapping[int, int]) -> None:
    """Validate the studies as the sweep does; ``left`` are those of a sweep that is overwritten."""
    entries = dict(left)
    if sweep.earlier:
        require_same_sweep(request, sweep.earlier, sweep.spec)
        entries = {int(study): number for study, number in sweep.earlier.entries.items()}
    # Restoring would be a change, so a study may still have the values of a case.
    kept = {study: interrupted_baseline(context, study, number) for study, number in entries.items()}
    restored = {change.key for baseline in kept.values() if baseline for change in baseline.changes}
    for item in listings(context, request, sweep.reference, restored):
        if sweep.earlier or kept.get(item.study) is None:
            read_baseline(context, item, sweep.runner.cases.keys, entries.get(item.study))
        if not sweep.earlier:
            require_no_run(context.api.calculations.status(item.study), attachable=False)
    require_uploads(context, request.study, sweep.runner.cases)


def _measured_s(context: Context, request: SweepRequest, runner: SweepRunner) -> dict[int, float]:
    """Return the duration of a case by study, from cases that ended, empty if there are none."""
    ended = [r.elapsed_s for r in runner.results.values() if r.state == FINISHED and r.elapsed_s is not None]
    if ended:
        return dict.fromkeys(request.studies, statistics.median(ended))
    return _completed(usual_case_s(context, [*request.studies, request.study]), request.studies)


def _estimated_s(context: Context, request: SweepRequest) -> dict[int, float]:
    """Return the duration of a case by study, from runs, empty if it is unknown."""
    runs = _completed(usual_durations_s(context, [*request.studies, request.study]), request.studies)
    return {study: run_s + LOADS_S for study, run_s in runs.items()}


def _completed(known: Mapping[int, float], studies: Sequence[int]) -> dict[int, float]:
    """Return the duration for each of the studies, empty if none is known."""
    if not known:
        return {}
    # Copies have the same model, so the durations of one hold for the others.
    other_s = statistics.median(known.values())
    return {study: known.get(study, other_s) for study in studies}


def expected_s(runs: int, durations_s: Sequence[float]) -> float:
    """Return the time for runs on several studies with these durations. Each takes the next case when it is free."""
    free = [(duration_s, duration_s) for duration_s in durations_s]
    heapq.heapify(free)
    end_s = 0.0
    for _ in range(runs):
        end_s, duration_s = free[0]
        heapq.heapreplace(free, (end_s + duration_s, duration_s))
    return end_s


def _repeated(cases: Cases) -> int:
    """Return the number of cases with the values of an earlier one."""
    distinct = {json.dumps(case.values(cases.keys)) for case in cases.rows}
    return len(cases.rows) - len(distinct)
