"""Run a whole sweep, from the table of cases to the results, under the locks of its studies."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING

from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.calc.run_reports import sweep_reported
from sostrades_cli.operations.calc.sweep.cases import ENDED_FILE
from sostrades_cli.operations.calc.sweep.prepare import prepare
from sostrades_cli.operations.calc.sweep.results import SweepReport, sweep_report, write_ended
from sostrades_cli.operations.study_locks import change_lock, sweep_lock
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context


def run_sweep(
    context: Context,
    request: SweepRequest,
    options: WatchOptions,
    progress: Callable[[SweepRunner], AbstractContextManager[ProgressListener]],
) -> SweepReport:
    """Run the cases and return a row per case. ``progress`` opens the display of a sweep.

    Raises
    ------
    SostradesError
        The sweep cannot start, or did not complete. Ended cases are in the progress log.

    """

    @contextmanager
    def kept(runner: SweepRunner) -> Iterator[ProgressListener]:
        with progress(runner) as listener:
            try:
                yield listener
            except SostradesError as error:
                write_ended(runner, error)
                raise

    runner, already_complete = run_cases(context, request, options, kept)
    # The results have all cases.
    with suppress(OSError):
        (request.folder / ENDED_FILE).unlink(missing_ok=True)
    # A sweep that still has cases to run has already been refused if the result file exists.
    keeps_file = already_complete and not request.overwrite and request.results.exists()
    return sweep_report(runner, already_complete=already_complete, kept_file=request.results if keeps_file else None)


def run_cases(
    context: Context,
    request: SweepRequest,
    options: WatchOptions,
    progress: Callable[[SweepRunner], AbstractContextManager[ProgressListener]],
) -> tuple[SweepRunner, bool]:
    """Run the cases. Return the runner with their results, and whether all cases had already ended before.

    Raises
    ------
    SostradesError
        The sweep cannot start, or did not complete. Ended cases are in the progress log.

    """
    studies = [request.study, *request.studies]
    with sweep_lock(context, studies, request.command):
        # A change in progress must end first, because its values belong to the baseline.
        preparing = f"Preparing the {request.command.noun} of study {request.study}"
        with change_lock(context, *request.studies), context.waiting(preparing):
            runner = prepare(context, request, options)
        runner.outage_limit = partial(context.api.session.outage_limit, options.max_outage_s)
        already_complete = runner.is_restored
        with nullcontext() if options.reports is None else sweep_reported(options.reports, runner):
            if not already_complete:
                if runner.ended:
                    total = counted(runner.total, runner.noun)
                    context.inform(f"resuming: {runner.ended} of {total} are already done")
                with progress(runner) as listener:
                    runner.run(listener)
    return runner, already_complete
