"""The options of a watch, with their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.calc.notify import NotifyOptions
    from sostrades_cli.operations.calc.run_reports import ReportFiles


# Not a dataclass, because completion reads the defaults and should not wait for that import.
class WatchOptions(NamedTuple):
    """Options of a watch. Times are in seconds.

    ``None`` means no limit for ``timeout_s``, and an adaptive interval for ``interval_s``. ``heartbeat_s`` is the
    longest time between two lines of output without a live view; 0 turns the heartbeat off. ``reports`` are the files
    of the reports. ``notify`` has the actions at the end of each run. ``adaptive`` returns the adaptive interval for an
    elapsed time [default: ``watch_interval_s``].
    """

    timeout_s: float | None = None
    interval_s: float | None = None
    wait_start_s: float = 0.0
    max_outage_s: float = 300.0
    stall_warning_s: float = 600.0
    fail_fast: bool = False
    heartbeat_s: float = 60.0
    reports: ReportFiles | None = None
    notify: NotifyOptions | None = None
    adaptive: Callable[[float], float] | None = None
