"""``sostrades calc sweep``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.sweep_options import case_options, sweep_request

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv",
        "sostrades calc sweep 21 cases.csv --collect Damage.damages --collect-charts 'Output*' -o results.json",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --studies 31,32,33",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --resume",
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
@sweep_request
@click.option("--dry-run", is_flag=True, help="Validate the sweep and estimate its time, but run nothing.")
@click.option("--analyze", "analyzes", is_flag=True, help="Write a report on the influence of the inputs.")
@case_options
def command(app: App, request: SweepRequest, dry_run: bool, analyzes: bool, options: WatchOptions) -> Rows:
    """Run a table of cases and collect the outputs.

    Each row of CASES (.csv, .xlsx, .parquet) is a case. The column names are parameters, the cells their values. A
    blank cell keeps the original value. A cell can be `@FILE.csv` for a table, or `[1. 2.]` for an array. The optional
    column `case` names the cases. CASES.xlsx#SHEET is one of several sheets.

    All values are validated before the first run, and --dry-run only does that. -o FILE (.csv, .json, .md, .parquet,
    .xlsx) gets one row per case. Collected tables and charts go into a folder beside FILE: `results.d` for
    `results.csv`. At the end, and after Ctrl-C, the original values of the study are restored and verified.

    --analyze also writes report.html and analysis.json into that folder: statistics, charts, and the sensitivity
    indices of a design by saltelli or morris, which need the extra `design`. With --resume, a complete sweep is only
    analyzed.

    CASES can also be the samples table of a SoSTrades study. Then `scenario_name` names the cases, and only rows
    where `selected_scenario` is True are run. Continue an interrupted sweep with --resume. Exit 3 if a case failed.
    """
    from sostrades_cli.operations.calc.analyze import analysis  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.calc.analyze.write import write_analysis  # noqa: PLC0415
    from sostrades_cli.operations.calc.sweep import dry_run as dry  # noqa: PLC0415
    from sostrades_cli.operations.calc.sweep.run import run_sweep  # noqa: PLC0415
    from sostrades_cli.views.sweep import plan_rows, sweep_rows  # noqa: PLC0415
    from sostrades_cli.views.sweep_progress import progress_of  # noqa: PLC0415

    plan = analysis.plan_analysis(app.context, request.cases) if analyzes else None
    if dry_run:
        return plan_rows(dry.plan_sweep(app.context, request, options))
    report = run_sweep(app.context, request, options, lambda runner: progress_of(app, runner))
    return sweep_rows(report, write_analysis(app.context, plan, request, report) if plan is not None else None)
