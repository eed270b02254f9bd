"""The options of a sweep, and those of all commands that run cases."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.cli.options import duration_option, report_options, study_argument
from sostrades_cli.cli.param_types import KEY, STUDIES

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.run_reports import ReportFiles

_REQUEST_OPTIONS: Final = (
    study_argument,
    click.argument("cases", metavar="CASES", type=click.Path(path_type=Path)),
    click.option(
        "--collect", type=KEY, multiple=True, required=True, metavar="KEY", help="Output to collect; may be repeated."
    ),
    click.option("--collect-charts", "charts", metavar="GLOB", help="Save the charts with matching titles as JSON."),
    click.option(
        "--studies",
        type=STUDIES,
        default=(),
        metavar="STUDY,...",
        help="Copies of STUDY that run cases at the same time.",
    ),
    click.option("--resume", is_flag=True, help="Continue an interrupted sweep."),
    click.option("--fail-fast", is_flag=True, help="Stop at the first failed case."),
)


def sweep_request(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the arguments and options that describe a sweep. The command gets ``request``."""

    @functools.wraps(function)
    def wrapper(
        app: Any,  # noqa: ANN401 - any command's
        *,
        study: int,
        cases: Path,
        collect: tuple[str, ...],
        charts: str | None,
        studies: tuple[int, ...],
        resume: bool,
        fail_fast: bool,
        **options: Any,  # noqa: ANN401 - any command's
    ) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.calc.sweep.prepare import SweepRequest  # noqa: PLC0415 - start-up: not for --help
        from sostrades_cli.operations.calc.sweep.results import results_file  # noqa: PLC0415

        overwrite = app.flags.overwrite
        results = results_file(app.flags.output, overwrite=overwrite or resume)
        copies = studies or (study,)
        request = SweepRequest(study, cases, collect, charts, results, copies, resume, overwrite, fail_fast)
        return function(app, request=request, **options)

    for option in reversed(_REQUEST_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


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
