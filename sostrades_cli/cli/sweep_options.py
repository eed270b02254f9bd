"""The options of a sweep for the runs of its cases."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from sostrades_cli.cli.options import duration_option
from sostrades_cli.cli.param_types import STUDIES
from sostrades_cli.cli.run_options import report_options, watch_duration_option
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.run_reports import ReportFiles


def studies_option(noun: str) -> Callable[[Any], Any]:
    """Return the option for the studies that run the cases; ``noun`` is the word for them."""
    text = f"Run {noun} on these copies, and on STUDY if listed."
    return click.option("--studies", type=STUDIES, default=(), metavar="STUDY,...", help=text)


def case_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options for the runs of cases. The command gets ``options``."""

    @duration_option("--timeout", "timeout_s", text="Give up if a case runs longer than this.")
    @duration_option("--interval", "interval_s", text="Time between two requests.", default_text="0.1s to 10s")
    @watch_duration_option("--max-outage", "max_outage_s", "Keep trying this long if the server does not answer.")
    @report_options
    @functools.wraps(function)
    def wrapper(
        app: App,
        *,
        timeout_s: float | None,
        interval_s: float | None,
        max_outage_s: float,
        heartbeat_s: float,
        reports: ReportFiles | None,
        **options: Any,  # noqa: ANN401 - any command's
    ) -> Any:  # noqa: ANN401 - any command's
        watch = WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s, heartbeat_s=heartbeat_s, reports=reports)
        return function(app, options=watch, **options)

    return wrapper
