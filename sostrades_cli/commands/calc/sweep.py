"""``sostrades calc sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY, STUDIES
from sostrades_cli.cli.sweep_options import case_options

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv",
        "sostrades calc sweep 21 cases.csv --collect Damage.damages --collect-charts 'Output*' -o results.json",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --studies 31,32,33",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --resume",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --retry-failed --overwrite",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --dry-run",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --analyze",
    ],
    formats=["csv", "json", "md"],
    queries=False,
    interrupted="sostrades calc status {studies}",
    remains="a run on the server is not stopped",
    unwritten="run the same command with --resume to write the results. No case runs again",
    prints=framework.DRY_RUN,
)
@study_argument
@click.argument("cases", metavar="CASES", type=click.Path(path_type=Path))
@click.option(
    "--collect", type=KEY, multiple=True, required=True, metavar="KEY", help="Output to collect; may be repeated."
)
@click.option("--collect-charts", "charts", metavar="GLOB", help="Save the charts with matching titles as JSON.")
@click.option(
    "--studies",
    type=STUDIES,
    default=(),
    metavar="STUDY,...",
    help="Run cases on these copies, and on STUDY if listed.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted sweep.")
@click.option("--retry-failed", is_flag=True, help="Continue a sweep, and run its failed cases again.")
@click.option("--dry-run", is_flag=True, help="Validate the sweep and estimate its time, but run nothing.")
@click.option("--analyze", "analyzes", is_flag=True, help="Write a report on the influence of the inputs.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first failed case.")
@case_options
def command(
    app: App,
    study: int,
    cases: Path,
    collect: tuple[str, ...],
    charts: str | None,
    studies: tuple[int, ...],
    resume: bool,
    retry_failed: bool,
    dry_run: bool,
    analyzes: bool,
    fail_fast: bool,
    options: WatchOptions,
) -> Rows:
    """Run a table of cases and collect the outputs.

    Each row of CASES (.csv, .xlsx#SHEET, .parquet) is a case. The column names are parameters, the cells their values.
    A blank cell keeps the original value. A cell can be `@FILE.csv` for a table, or `[1. 2.]` for an array. The column
    `case` or `scenario_name` names the cases. Of a column `selected_scenario`, only the True rows are run.

    All values are validated before the first run. -o FILE (.csv, .json, .md, .parquet, .xlsx) gets one row per case.
    Tables and charts go into a folder beside FILE: `results.d` for `results.csv`. --analyze adds report.html, with
    statistics, charts, and sensitivity indices of saltelli and morris designs (extra `design`). Exit 3 if one failed.

    At the end, and after Ctrl-C, the original values are restored. Outputs and charts stay those of the last case.
    """
    from sostrades_cli.operations.calc.analyze import analysis, write  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.calc.sweep import prepare, results, run  # noqa: PLC0415
    from sostrades_cli.operations.calc.sweep.dry_run import plan_sweep  # noqa: PLC0415
    from sostrades_cli.views import sweep, sweep_analysis, sweep_progress  # noqa: PLC0415

    anew, resumes, copies = app.flags.overwrite, resume or retry_failed, studies or (study,)
    file = results.results_file(app.flags.output, overwrite=anew or resumes)
    request = prepare.SweepRequest(study, cases, collect, charts, file, copies, resumes, anew, fail_fast, retry_failed)
    plan = analysis.plan_analysis(app.context, cases) if analyzes else None
    if dry_run:
        return sweep.plan_rows(plan_sweep(app.context, request, options))
    report = run.run_sweep(app.context, request, options, lambda runner: sweep_progress.progress_of(app, runner))
    return sweep_analysis.analyzed(sweep.sweep_rows(report), write.write_analysis(app.context, plan, request, report))
