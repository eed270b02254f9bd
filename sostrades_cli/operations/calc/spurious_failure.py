"""When FAILED is the end: a refused second start writes FAILED, and the process may yet overwrite it with RUNNING.

Seen on the real server: an execute while PENDING turns the status to FAILED at once; it is still FAILED 3.5 s
later, without a cpu figure, and RUNNING 12 s later. So a FAILED of a run that was never seen RUNNING is looked
at again until its cpu and memory stand still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sostrades_cli.api.models import RunStatus

NO_FIGURE: Final = "----"
# How long a FAILED without a cpu figure is doubted, in seconds: the process starts 4 to 10 s after its order.
GRACE_S: Final = 15.0
# The server refreshes cpu and memory of a living process every 2 s.
STILL_S: Final = 2.5


class SpuriousFailure:
    """What is known of one run's FAILED."""

    def __init__(self) -> None:
        self._ran = False
        self._since: float | None = None
        self._figures: tuple[str, str] | None = None
        self._still_since = 0.0

    def remains(self, status: RunStatus, now_s: float) -> bool:
        """Take in a look, and tell whether its FAILED may still turn into RUNNING."""
        if status.status != "FAILED":
            self._ran = self._ran or status.status == "RUNNING"
            self._since = self._figures = None
            return False
        if self._since is None:
            self._since = now_s
        if (status.cpu, status.memory) != self._figures:
            self._figures, self._still_since = (status.cpu, status.memory), now_s
        if self._ran or now_s - self._since >= GRACE_S:
            return False
        return status.cpu == NO_FIGURE or now_s - self._still_since < STILL_S
