"""Telling how far a sweep is: a bar on a terminal, a line for each case elsewhere."""

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
def telling(notes: Messages, sweeping: SweepRunner) -> Iterator[ProgressListener]:
    """Yield what is to be told of each case."""
    total = len(sweeping.cases.rows)
    before = sum(done.state in OVER for done in sweeping.done.values())
    with notes.progress(f"study {sweeping.study}", total, before) as step:

        def tell(done: CaseResult | None, *, over: int, failed: int, running: int) -> None:
            step(1 if done else 0, f"study {sweeping.study}: {running} running, {failed} failed")
            if done is not None and not notes.stream.isatty():
                notes.note(case_line(done, over, total))

        yield tell


def case_line(done: CaseResult, over: int, total: int) -> str:
    """Say in a line how a case ended, and how many have."""
    after = f" after {duration(done.elapsed_s)}" if done.elapsed_s is not None else ""
    return f"case {done.case} ({over} of {total}): {done.state}{after}"
