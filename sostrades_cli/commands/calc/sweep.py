"""``sostrades calc sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import DURATION, KEY, STUDIES

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv",
        "sostrades calc sweep 21 cases.csv --collect Damage.damages --collect-charts 'Output*' -o results.json",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --studies 31,32,33",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --resume",
    ],
    formats=["csv", "json", "parquet"],
    queries=False,
    interrupted="sostrades calc status {studies}",
)
@study_argument
@click.argument("cases", metavar="CASES.csv", type=click.Path(path_type=Path))
@click.option(
    "--collect", type=KEY, multiple=True, required=True, metavar="KEY", help="An output to collect; may be repeated."
)
@click.option("--collect-charts", "charts", metavar="GLOB", help="Save the charts whose titles fit, as JSON.")
@click.option("--studies", type=STUDIES, default=(), metavar="N,N", help="Copies of the study that share the work.")
@click.option("--resume", is_flag=True, help="Go on with a sweep that was cut off.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that fails.")
@click.option("--timeout", "timeout_s", type=DURATION, metavar="S", help="Give up when a case runs longer than S.")
@click.option("--interval", "interval_s", type=DURATION, metavar="S", help="Ask every S, not every 1 to 10 s.")
def command(
    app: App,
    study: int,
    cases: Path,
    collect: tuple[str, ...],
    charts: str | None,
    studies: tuple[int, ...],
    resume: bool,
    fail_fast: bool,
    timeout_s: float | None,
    interval_s: float | None,
) -> Rows:
    """Run a table of cases and collect outputs.

    Each row of CASES sets the parameters that its columns name (a blank cell is the study's own value, `@FILE.csv` a
    table, `[1. 2.]` an array), runs, and is collected into a row of the results, `-o` RESULTS.csv, .json or .parquet;
    tables and charts go into RESULTS.d. A column `case` names the cases. The table of a sampler works as it is:
    `scenario_name` names them, and only those with `selected_scenario` True run. All cells are judged before the first
    run. At the end the study gets its own values back, verified; so it does after Ctrl-C. Exit 3 if a case failed. What
    was cut off goes on with --resume.
    """
    from sostrades_cli.operations.calc.monitor import WatchOptions  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.calc.sweep import prepare  # noqa: PLC0415
    from sostrades_cli.operations.calc.sweep.results import results_file  # noqa: PLC0415
    from sostrades_cli.operations.calc.sweep.run import run_sweep  # noqa: PLC0415
    from sostrades_cli.views.sweep import sweep_rows  # noqa: PLC0415
    from sostrades_cli.views.sweep_progress import progress_of  # noqa: PLC0415

    results = results_file(app.flags.output, overwrite=app.flags.overwrite or resume)
    request = prepare.SweepRequest(
        study, cases, collect, charts, results, studies or (study,), resume, app.flags.overwrite, fail_fast
    )
    options = WatchOptions(timeout_s, interval_s)
    return sweep_rows(run_sweep(app.context, request, options, lambda runner: progress_of(app.notes, runner)))
