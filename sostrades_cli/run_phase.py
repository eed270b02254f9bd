"""The phase of a run: the one classification of the server's statuses."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Phase(Enum):
    """The phase of a run."""

    IDLE = "idle"
    ACTIVE = "active"
    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


_PHASES: Final = {
    # A study that never ran has null or an empty text here.
    "": Phase.IDLE,
    "NOT EXECUTED": Phase.IDLE,
    "PENDING": Phase.ACTIVE,
    "RUNNING": Phase.ACTIVE,
    "POD PENDING": Phase.ACTIVE,
    "FINISHED": Phase.GOOD,
    "FAILED": Phase.BAD,
    "STOPPED": Phase.BAD,
    "POD ERROR": Phase.BAD,
}
# A status that is unknown here may be one of a newer server, so its run may be active.
MAY_BE_ACTIVE: Final = frozenset({Phase.ACTIVE, Phase.UNKNOWN})


def phase_of(status: str) -> Phase:
    """Return the phase of a status; any other text is ``UNKNOWN``, and a watch keeps waiting."""
    return _PHASES.get(status, Phase.UNKNOWN)
