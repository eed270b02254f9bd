"""The progress of a sweep: a bar on a terminal, a line per case elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.sweep.progress_log import OVER
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
    before = sum(done.state in OVER for done in runner.done.values())
    with notes.progress(f"study {runner.study}", total, before) as step:

        def listener(done: CaseResult | None, *, over: int, failed: int, running: int) -> None:
            step(1 if done else 0, f"study {runner.study}: {running} running, {failed} failed")
            # A log file has no progress bar, so it gets a line per case.
            if done is not None and not notes.stream.isatty():
                notes.inform(_case_line(done, over, total))

        yield listener


def _case_line(done: CaseResult, over: int, total: int) -> str:
    """Return a line with the state of an ended case and the number of ended cases."""
    after = f" after {duration(done.elapsed_s)}" if done.elapsed_s is not None else ""
    return f"case {done.case} ({over} of {total}): {done.state}{after}"
