"""The polling intervals of similar runs, such as the cases of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.monitor import usual_interval_s

if TYPE_CHECKING:
    from collections.abc import Iterable

# The next case waits for the end of the run, so the end is noticed within this time if it can be expected.
SHORTEST_INTERVAL_S: Final = 0.25
# Only for runs of less than a second.
SHORTEST_OF_ALL_S: Final = 0.1
# Without earlier runs: 0.25 s after the start, then less and less often.
SHARE_AT_THE_START: Final = 1 / 6
RECENT: Final = 5
# A run may be this much faster or slower than the recent ones.
MARGIN: Final = 0.05
POLLS_BEFORE_THE_END: Final = 8
# At most, while the run is expected to end.
POLLS_AROUND_THE_END: Final = 60
SHARE_OF_THE_DELAY: Final = 1 / 8


class PollingGuide:
    """The polling intervals of runs that take about as long as each other, such as the cases of a sweep.

    The runs are polled often around the time at which recent runs ended, and never less often than other runs.
    """

    def __init__(self, durations_s: Iterable[float] = ()) -> None:
        self._recent_s = tuple(durations_s)[-RECENT:]

    def take(self, duration_s: float) -> None:
        """Take in the observed duration of a run."""
        # Several threads take runs in. One that is lost costs nothing.
        self._recent_s = (*self._recent_s, duration_s)[-RECENT:]

    def interval_s(self, elapsed_s: float) -> float:
        """Return the polling interval for a run that has been watched for ``elapsed_s`` seconds."""
        most_s, recent_s = usual_interval_s(elapsed_s), self._recent_s
        if not recent_s:
            return min(most_s, max(SHORTEST_INTERVAL_S, elapsed_s * SHARE_AT_THE_START))
        first_s, last_s = min(recent_s) * (1 - MARGIN), max(recent_s) * (1 + MARGIN)
        shortest_s = min(SHORTEST_INTERVAL_S, max(SHORTEST_OF_ALL_S, last_s / 5))
        if elapsed_s < first_s:
            sparse_s = max(shortest_s, first_s / POLLS_BEFORE_THE_END, elapsed_s * SHARE_AT_THE_START)
            return max(SHORTEST_OF_ALL_S, min(most_s, sparse_s, first_s - elapsed_s))
        often_s = max(shortest_s, (last_s - first_s) / POLLS_AROUND_THE_END)
        return min(most_s, max(often_s, (elapsed_s - last_s) * SHARE_OF_THE_DELAY))
