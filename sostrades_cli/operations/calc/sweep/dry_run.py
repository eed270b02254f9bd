"""Dry run of a sweep: validate everything as the sweep itself does, without a change of any study."""

from __future__ import annotations

import heapq
import json
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.sweep.baseline import (
    interrupted_baseline,
    read_baseline,
    require_originals_to_copy,
)
from sostrades_cli.operations.calc.sweep.progress_log import FINISHED, EarlierBaseline
from sostrades_cli.operations.calc.sweep.validate import (
    finished_studies,
    left_studies,
    listings,
    lost_results,
    require_same_sweep,
    require_uploads,
    validate,
)
from sostrades_cli.operations.calc.usual_durations import usual_case_s, usual_durations_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner
    from sostrades_cli.operations.calc.sweep.validate import ValidSweep
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context

# A case needs two loads, after its change and after its run. The server checks only once per second if a load is ready.
LOADS_S: Final = 2.2


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """The result of a dry run.

    ``repeated`` cases have the same values as an earlier case. ``ended`` cases ended in the interrupted sweep.
    ``case_s`` is the usual duration of a case, and ``expected_s`` the time for all ``runs``. Both are ``None`` if they
    are unknown, and ``measured`` if they follow from earlier cases, not only from single runs.
    ``new_copies`` is the number of copies that would be made to run cases beside ``studies``.
    ``losing`` are the studies whose results the cases replace, and ``noun`` is the word for a case.
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
    new_copies: int = 0
    losing: tuple[int, ...] = ()
    noun: str = "case"

    @property
    def notes(self) -> list[str]:
        """The notes about the results of the studies."""
        return [lost_results(self.losing, self.noun)] if self.losing else []

    @property
    def runs(self) -> int:
        """The number of cases to run."""
        # A search can be resumed with fewer trials than it has.
        return max(0, self.cases - self.ended)


def plan_sweep(context: Context, request: SweepRequest, options: WatchOptions) -> SweepPlan:
    """Validate a sweep, and return its plan. No request changes a study.

    Raises
    ------
    SostradesError
        The sweep would be refused.

    """
    with context.waiting(f"Validating the {request.command.noun} of study {request.study}"):
        left = left_studies(request)
        sweep = validate(context, request, options, interrupted=request.resume or bool(left))
        runner = sweep.runner
        losing = () if sweep.is_complete else _validate_studies(context, request, sweep, left)
    measured = _measured_s(context, request, runner)
    durations = measured or _estimated_s(context, request)
    runs = max(0, runner.total - runner.ended)
    return SweepPlan(
        request.study,
        request.studies,
        runner.collection.keys,
        runner.total,
        _repeated(runner.cases),
        runner.ended,
        statistics.median(durations.values()) if durations else None,
        expected_s(runs, [durations[study] for study in request.studies]) if durations else None,
        measured=bool(measured),
        losing=losing,
        noun=runner.noun,
    )


def _validate_studies(
    context: Context, request: SweepRequest, sweep: ValidSweep, left: Mapping[int, int]
) -> tuple[int, ...]:
    """Validate the studies as the sweep does, and return those that lose their results.

    ``left`` are the studies of a sweep that is overwritten.
    """
    entries, before = dict(left), dict[int, EarlierBaseline]()
    if sweep.earlier:
        require_same_sweep(context, request, sweep.earlier, sweep.spec)
        before = sweep.earlier.baselines
        entries = {study: baseline.entry for study, baseline in before.items()}
    # A dry run restores nothing, so a study may still have the values of a case. Its baseline cannot be read then.
    pending = {study: interrupted_baseline(context, study, number) for study, number in entries.items()}
    restored = {change.key for baseline in pending.values() if baseline for change in baseline.changes}
    listed = listings(context, request, sweep.reference, restored)
    require_originals_to_copy(context, request, sweep.reference, sweep.runner.cases.keys, before)
    for item in listed:
        if sweep.earlier or pending.get(item.study) is None:
            read_baseline(context, item, sweep.runner.cases.keys, before.get(item.study))
    finished = finished_studies(context, dict.fromkeys(item.study for item in listed), resumed=bool(sweep.earlier))
    require_uploads(context, request.study, sweep.runner.cases)
    return tuple(study for study in finished if pending.get(study) is None)


def _measured_s(context: Context, request: SweepRequest, runner: SweepRunner) -> dict[int, float]:
    """Return the duration of a case by study, measured in earlier cases. Empty if there are none."""
    ended = [r.elapsed_s for r in runner.results.values() if r.state == FINISHED and r.elapsed_s is not None]
    if ended:
        return dict.fromkeys(request.studies, statistics.median(ended))
    return _completed(usual_case_s(context, [*request.studies, request.study]), request.studies)


def _estimated_s(context: Context, request: SweepRequest) -> dict[int, float]:
    """Return the duration of a case by study, estimated from earlier runs. Empty if there are none."""
    runs = _completed(usual_durations_s(context, [*request.studies, request.study]), request.studies)
    return {study: run_s + LOADS_S for study, run_s in runs.items()}


def _completed(known: Mapping[int, float], studies: Sequence[int]) -> dict[int, float]:
    """Return the duration for each of the studies. Empty if no duration is known."""
    if not known:
        return {}
    # Copies have the same model, so their runs take about as long.
    other_s = statistics.median(known.values())
    return {study: known.get(study, other_s) for study in studies}


def expected_s(runs: int, durations_s: Sequence[float]) -> float:
    """Return the time for all runs on several studies. ``durations_s`` has the duration of a run for each study."""
    # Each study takes the next case when it is free, so a heap orders the studies by the end of their last run.
    free = [(duration_s, duration_s) for duration_s in durations_s]
    heapq.heapify(free)
    end_s = 0.0
    for _ in range(runs):
        end_s, duration_s = free[0]
        heapq.heapreplace(free, (end_s + duration_s, duration_s))
    return end_s


def _repeated(cases: Cases) -> int:
    """Return the number of cases with the same values as an earlier case."""
    distinct = {json.dumps(case.values(cases.keys)) for case in cases.rows}
    return len(cases.rows) - len(distinct)
