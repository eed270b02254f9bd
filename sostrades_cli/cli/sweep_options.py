"""The options of a sweep for the runs of its cases."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sostrades_cli.cli.options import duration_option, report_options

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.run_reports import ReportFiles


def case_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options for the runs of cases. The command gets ``options``."""

    @duration_option("--timeout", "timeout_s", text="Give up if a case runs longer than this.")
    @duration_option("--interval", "interval_s", text="Time between two requests.", default_text="0.1s to 10s")
    @report_options
    @functools.wraps(function)
    def wrapper(
        app: Any,  # noqa: ANN401 - any command's
        *,
        timeout_s: float | None,
        interval_s: float | None,
        heartbeat_s: float,
        reports: ReportFiles | None,
        **options: Any,  # noqa: ANN401 - any command's
    ) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.calc.monitor import WatchOptions  # noqa: PLC0415 - start-up: not for --help

        watch = WatchOptions(timeout_s, interval_s, heartbeat_s=heartbeat_s, reports=reports)
        return function(app, options=watch, **options)

    return wrapper
