"""The durations of earlier runs, for estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.history.runs import records_of

if TYPE_CHECKING:
    from sostrades_cli.operations.context import Context


def earlier_durations(context: Context, study_id: int) -> list[float]:
    """Return the durations of the finished runs of a study on this computer in seconds, the newest last.

    Runs that failed are left out, because they end earlier. The list is empty if nothing is known.
    """
    try:
        records = records_of(context, study_id).all()
    except UsageError:
        return []  # an estimate is optional
    return [r.duration_s for r in records if r.outcome == "FINISHED" and r.duration_s is not None]
