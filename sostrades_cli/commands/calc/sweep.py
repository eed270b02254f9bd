"""``sostrades calc sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY, TITLE_PATTERN
from sostrades_cli.cli.sweep_options import case_options, studies_option

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv",
        "sostrades calc sweep 21 cases.csv --collect Damage.damages --collect-charts 'Output*' -o results.json",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --studies copy-1,copy-2",
        "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --on-copies 2",
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
    prints=framework.DRY_RUN,  # -o is for results, and not for the summary of a dry run
)
@study_argument
@click.argument("cases", metavar="CASES", type=click.Path(path_type=Path))
@click.option(
    "--collect", type=KEY, multiple=True, required=True, metavar="KEY", help="Output to collect; may be repeated."
)
@click.option("--collect-charts", "charts", type=TITLE_PATTERN, metavar="GLOB", help="Save matching charts as JSON.")
@studies_option("cases")
@click.option("--on-copies", "copies", type=click.IntRange(min=1), metavar="N", help="Make N copies to run the cases.")
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
    copies: int | None,
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
    `case` or `scenario_name` names the cases. Of a column `selected_scenario`, only the True rows are run. KEY.ENTRY
    collects one entry of a dict.

    All values are validated before the first run. -o FILE (.csv, .json, .md, .parquet, .xlsx) gets one row per case.
    Tables and charts go into a folder beside FILE: `results.d` for `results.csv`. --analyze adds report.html, with
    statistics, charts, and sensitivity indices of saltelli and morris designs (extra `design`). Exit 3 if one failed.

    At the end, and after Ctrl-C, the original values are restored. Outputs and charts stay those of the last case. With
    --on-copies, new copies run the cases, so that STUDY keeps its results. The copies stay on the server.
    """
    from sostrades_cli.operations.calc.analyze import analysis, write
    from sostrades_cli.operations.calc.sweep import copies as on_copies
    from sostrades_cli.operations.calc.sweep import prepare, results, run
    from sostrades_cli.views import sweep, sweep_analysis, sweep_progress

    on_copies.check_options(studies, copies)
    replaces, resumes = app.flags.overwrite, resume or retry_failed
    file = results.results_file(app.flags.file, overwrite=replaces or resumes)
    request = prepare.SweepRequest(
        study, cases, collect, charts, file, studies or (study,), resumes, replaces, fail_fast, retry_failed
    )
    plan = analysis.plan_analysis(app.context, cases) if analyzes else None
    if dry_run:
        return sweep.plan_rows(on_copies.plan_on_copies(app.context, request, options, copies))
    request = on_copies.with_copies(app.context, request, options, copies)
    report = run.run_sweep(app.context, request, options, lambda runner: sweep_progress.progress_of(app, runner))
    rows = sweep_analysis.analyzed(sweep.sweep_rows(report), write.write_analysis(app.context, plan, request, report))
    return rows._replace(notes=[*rows.notes, *on_copies.copies_notes(request, copies)])
