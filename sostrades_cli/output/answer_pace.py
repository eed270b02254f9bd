"""The pace of the answers of a server, to report a late one."""

from __future__ import annotations

import math
from typing import Final

# Of the time between the last two answers; a shorter silence is never reported.
LATE: Final = 2.0
SHORTEST_SILENCE_S: Final = 5.0
# Between two answers. One answer makes several events, with less time between them.
SHORTEST_PAUSE_S: Final = 0.5
# A longer silence is always reported, by default.
LONGEST_SILENCE_S: Final = 15.0


class AnswerPace:
    """The times of the last two answers, in seconds on the monotonic clock."""

    def __init__(self, now_s: float) -> None:
        self.answered_s = now_s
        self._pause_s = math.inf

    def take(self, now_s: float) -> None:
        """Take in an answer."""
        if now_s - self.answered_s >= SHORTEST_PAUSE_S:
            self._pause_s = now_s - self.answered_s
        self.answered_s = now_s

    def silence_s(self, now_s: float, most_s: float = LONGEST_SILENCE_S) -> float | None:
        """Return the time without an answer, ``None`` while the next answer is not late.

        A silence longer than ``most_s`` seconds is always late.
        """
        silent_s = now_s - self.answered_s
        return silent_s if silent_s > min(most_s, max(SHORTEST_SILENCE_S, LATE * self._pause_s)) else None
