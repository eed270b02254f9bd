"""Noticing a run that no longer moves: a killed process stays RUNNING for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.operations.context import Context


# Figures of a living process change every 2 s: only a run that is still for longer is worth a look at its log.
BASELINE_S: Final = 10.0


class StallDetector:
    """How long nothing has changed: statuses, cpu and memory at every look, the size of the log when it matters."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._shown: object = None
        self._since_s = 0.0
        self._log_size: int | None = None
        self._told = False

    def reached(self, context: Context, status: RunStatus, now_s: float) -> float | None:
        """Take in a look; return for how many seconds nothing moved when that is told for the first time."""
        shown = (status.status, tuple(status.disciplines.items()), status.cpu, status.memory)
        if shown != self._shown or status.phase is not Phase.ACTIVE:
            self._shown, self._since_s, self._log_size, self._told = shown, now_s, None, False
            return None
        still_s = now_s - self._since_s
        if self._told or still_s < min(BASELINE_S, self._limit_s / 10):
            return None
        if self._log_size is None:
            self._log_size = _log_size(context, status.study)
        if now_s - self._since_s < self._limit_s:
            return None
        size = _log_size(context, status.study)
        if size != self._log_size:
            self._since_s, self._log_size = now_s, size
            return None
        self._told = True
        return now_s - self._since_s


def _log_size(context: Context, study: int) -> int:
    try:
        return context.api.studies.log_head(study)[1]
    except SostradesError:
        return 0  # no log, or none to be had now: then it does not move either
