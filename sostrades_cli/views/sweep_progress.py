"""The progress of a sweep: a live view on a terminal, a line per case elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.sweep.progress_log import ENDED
from sostrades_cli.output.text import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.output.messages import Messages


@contextlib.contextmanager
def progress_of(
    notes: Messages,
    runner: SweepRunner,
    monotonic: Callable[[], float],
    name: str | None = None,
    usual_s: float | None = None,
) -> Iterator[ProgressListener]:
    """Show the progress of a sweep, and yield the listener to call when a case starts or ends.

    ``name`` is the name of the study, and ``usual_s`` the usual duration of its runs, if known.
    """
    if not notes.redraws:
        yield lambda result: _write_case(notes, runner, result)
        return
    from sostrades_cli.output.full_screen import full_screen  # noqa: PLC0415 - start-up: rich, for terminals only
    from sostrades_cli.output.table import console_for  # noqa: PLC0415
    from sostrades_cli.views.sweep_live import SweepView  # noqa: PLC0415

    with notes.postponing() as lines:
        view = SweepView(runner, monotonic, name, usual_s, lines)
        with full_screen(view, console_for(notes.stream, color=notes.color), notes) as screen:

            def listener(result: CaseResult) -> None:
                view.take(result)
                screen.show()  # after the return from the background

            yield listener


def _write_case(notes: Messages, runner: SweepRunner, result: CaseResult) -> None:
    if result.state not in ENDED:
        return
    after = f" after {duration(result.elapsed_s)}" if result.elapsed_s is not None else ""
    notes.inform(f"case {result.case} ({runner.ended} of {len(runner.cases.rows)}): {result.state}{after}")
