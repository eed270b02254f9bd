"""The progress of a sweep: a bar on a terminal, a line per case elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sostrades_cli.output.text import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.output.messages import Messages


@contextlib.contextmanager
def progress_of(notes: Messages, runner: SweepRunner) -> Iterator[ProgressListener]:
    """Show the progress of a sweep, and yield the listener to call for each case."""
    total = len(runner.cases.rows)
    with notes.progress(f"study {runner.study}", total, runner.ended) as step:

        def listener(result: CaseResult | None, *, ended: int, failed: int, running: int) -> None:
            step(1 if result else 0, f"study {runner.study}: {running} running, {failed} failed")
            # A log file has no progress bar, so it gets a line per case.
            if result is not None and not notes.stream.isatty():
                notes.inform(_case_line(result, ended, total))

        yield listener


def _case_line(result: CaseResult, ended: int, total: int) -> str:
    after = f" after {duration(result.elapsed_s)}" if result.elapsed_s is not None else ""
    return f"case {result.case} ({ended} of {total}): {result.state}{after}"
