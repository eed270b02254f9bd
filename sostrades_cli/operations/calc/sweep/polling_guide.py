"""Choose the polling intervals of similar runs, such as the cases of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.monitor import watch_interval_s

if TYPE_CHECKING:
    from collections.abc import Iterable

# The next case waits for the end of this run, so polls are this frequent around the expected end.
SHORTEST_AT_THE_END_S: Final = 0.25
# The shortest interval for runs of less than a second.
SHORTEST_OF_ALL_S: Final = 0.1
# Without earlier runs, the interval is this share of the elapsed time.
SHARE_AT_THE_START: Final = 1 / 6
RECENT: Final = 5
# A run may be faster or slower than recent runs by this share.
MARGIN: Final = 0.05
POLLS_BEFORE_THE_END: Final = 8
# The largest number of polls between the earliest and the latest expected end.
POLLS_AROUND_THE_END: Final = 60
# After the latest expected end, the interval is this share of the delay.
SHARE_OF_THE_DELAY: Final = 1 / 8


class PollingGuide:
    """The polling intervals of runs of similar duration, such as the cases of a sweep.

    The runs are polled often around the time at which recent runs ended, and never less often than a single run is.
    """

    def __init__(self, durations_s: Iterable[float] = ()) -> None:
        self._recent_s = tuple(durations_s)[-RECENT:]

    def add(self, duration_s: float) -> None:
        """Add the observed duration of a run."""
        # Several threads call this without a lock. A lost duration only makes an interval less suitable.
        self._recent_s = (*self._recent_s, duration_s)[-RECENT:]

    def interval_s(self, elapsed_s: float) -> float:
        """Return the polling interval for a run that has been watched for ``elapsed_s`` seconds."""
        longest_s, recent_s = watch_interval_s(elapsed_s), self._recent_s
        if not recent_s:
            return min(longest_s, max(SHORTEST_AT_THE_END_S, elapsed_s * SHARE_AT_THE_START))
        first_s, last_s = min(recent_s) * (1 - MARGIN), max(recent_s) * (1 + MARGIN)
        shortest_s = min(SHORTEST_AT_THE_END_S, max(SHORTEST_OF_ALL_S, last_s / 5))
        if elapsed_s < first_s:
            sparse_s = max(shortest_s, first_s / POLLS_BEFORE_THE_END)
            # The last interval before the earliest expected end is cut, so that the next poll is at that time.
            return max(SHORTEST_OF_ALL_S, min(longest_s, sparse_s, first_s - elapsed_s))
        often_s = max(shortest_s, (last_s - first_s) / POLLS_AROUND_THE_END)
        return min(longest_s, max(often_s, (elapsed_s - last_s) * SHARE_OF_THE_DELAY))
