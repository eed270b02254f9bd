"""``sostrades calc optimize``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY, LIMIT
from sostrades_cli.cli.sweep_options import case_options, studies_option

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades calc optimize 21 space.toml --minimize Damage.total_damage --trials 4 --seed 1 -o best.toml",
        "sostrades calc optimize 21 space.toml --minimize Damage.total_damage --trials 8 -o best.toml --resume",
        "sostrades calc optimize 21 space.toml --minimize Damage.total_damage --trials 4 -o more.toml --dry-run",
        "sostrades calc optimize 21 space.toml --maximize savings_rate --constraint 'total_damage <= 5' -o best.toml",
    ],
    endings=["toml"],
    prints=framework.ALWAYS,  # -o is the file of the best values, which the command itself writes
    interrupted="sostrades calc status {studies}",
    remains="a run on the server is not stopped",
    unwritten="run the same command with --resume to print the result. No trial runs again",
)
@study_argument
@click.argument("space", metavar="SPACE.toml", type=click.Path(path_type=Path))
@click.option("--minimize", type=KEY, metavar="KEY", help="Output, or KEY.ENTRY of a dict, to minimize.")
@click.option("--maximize", type=KEY, metavar="KEY", help="Output, or KEY.ENTRY of a dict, to maximize.")
@click.option(
    "--constraint", "constraints", type=LIMIT, multiple=True, metavar="LIMIT", help="As in 'KEY <= 3'; may be repeated."
)
@click.option(
    "--trials", type=click.IntRange(min=1), default=50, show_default=True, metavar="N", help="Number of trials in all."
)
@click.option(
    "--seed", type=click.IntRange(1, 2**32 - 1), metavar="N", help="Repeat a search. Otherwise, the seed is random."
)
@studies_option("trials")
@click.option("--keep-best", is_flag=True, help="Set the best values at the end.")
@click.option("--resume", is_flag=True, help="Continue an interrupted search.")
@click.option("--dry-run", is_flag=True, help="Validate the search and estimate its time, but run nothing.")
@case_options
def command(
    app: App,
    study: int,
    space: Path,
    minimize: str | None,
    maximize: str | None,
    constraints: tuple[str, ...],
    trials: int,
    seed: int | None,
    studies: tuple[int, ...],
    keep_best: bool,
    resume: bool,
    dry_run: bool,
    options: WatchOptions,
) -> Rows:
    """Find the inputs that minimize or maximize an output.

    SPACE.toml names the parameters that vary, with ranges, choices, or the distribution loguniform for a logarithmic
    range. `sostrades calc design STUDY SPACE.toml --init` writes it. Each trial sets values, runs the study and reads
    the outputs. Optuna chooses the values from the results of earlier trials, with its sampler TPE. This needs the
    extra `optimize`.

    -o best.toml gets the best values, for `param set --from`. The folder `best.d` gets the table `trials.csv`, the log
    and Optuna's storage. A failed run, or an output that is not a finite number, is a failed trial, and the search
    continues. Only trials within all constraints can be the best.

    At the end, and after Ctrl-C, the original values of the study are restored and verified. Its outputs and charts are
    those of the last trial until you run it again. Continue an interrupted search with --resume. Add trials with
    --resume, --overwrite and a larger --trials. Exit 3 if all trials failed, 8 if none is within the constraints.
    """
    from sostrades_cli.operations.calc.optimize.best_file import best_file
    from sostrades_cli.operations.calc.optimize.goal import goal_of
    from sostrades_cli.operations.calc.optimize.plan import plan_optimization
    from sostrades_cli.operations.calc.optimize.run import OptimizeRequest, optimize
    from sostrades_cli.views.optimization import optimization_rows, plan_rows
    from sostrades_cli.views.sweep_progress import progress_of

    goal, overwrite = goal_of(minimize, maximize, constraints), app.flags.overwrite
    # A search takes hours, so check the file before it.
    best = best_file(app.flags.file, overwrite=overwrite or resume)
    request = OptimizeRequest(study, space, goal, best, trials, seed, studies or (study,), keep_best, resume, overwrite)
    if dry_run:
        return plan_rows(plan_optimization(app.context, request, options))
    return optimization_rows(optimize(app.context, request, options, lambda runner: progress_of(app, runner)))
