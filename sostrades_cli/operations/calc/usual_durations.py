"""The usual durations of a study's runs and cases on this computer.

The live views estimate the remaining time from them: ``RunProgress.left_s`` and ``SweepView``.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.history.runs import records_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.local.run_records import RunRecord
    from sostrades_cli.operations.context import Context

# Older runs are ignored, because they may have had other inputs.
MOST_RUNS: Final = 5


def usual_durations_s(context: Context, studies: Sequence[int]) -> dict[int, float]:
    """Return the usual duration by study. Studies without an earlier run on this computer are left out."""
    earlier = {study: earlier_durations(context, study)[-MOST_RUNS:] for study in studies}
    # The median ignores a single run that took long for another reason.
    return {study: statistics.median(durations) for study, durations in earlier.items() if durations}


def usual_case_s(context: Context, studies: Sequence[int]) -> dict[int, float]:
    """Return the usual duration of a sweep's case by study. Studies without an earlier sweep here are left out."""
    earlier = {study: [r.case_s for r in _finished(context, study) if r.case_s is not None] for study in studies}
    return {study: statistics.median(cases[-MOST_RUNS:]) for study, cases in earlier.items() if cases}


def earlier_durations(context: Context, study: int) -> list[float]:
    """Return the durations of the finished runs of a study on this computer in seconds, the newest last.

    Runs that failed are left out, because they end earlier. The list is empty if nothing is known.
    """
    return [r.duration_s for r in _finished(context, study) if r.duration_s is not None]


def _finished(context: Context, study: int) -> list[RunRecord]:
    try:
        records = records_of(context, study).all()
    except UsageError:
        return []  # an estimate is optional
    return [record for record in records if record.outcome == "FINISHED"]
