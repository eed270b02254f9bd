"""The usual duration of a study's runs, for estimates of the remaining time."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.history.durations import earlier_durations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.context import Context

# Older runs may have had other inputs.
MOST_RUNS: Final = 5


def usual_durations_s(context: Context, studies: Sequence[int]) -> dict[int, float]:
    """Return the usual duration by study, without studies that have no earlier run on this computer."""
    earlier = {study: earlier_durations(context, study)[-MOST_RUNS:] for study in studies}
    # The median ignores a single run that took long for another reason.
    return {study: statistics.median(durations) for study, durations in earlier.items() if durations}
