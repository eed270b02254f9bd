"""The progress of a sweep: a live view on a terminal, a line per case elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.sweep.progress_log import ENDED, FAILED, FINISHED, STARTED
from sostrades_cli.operations.calc.usual_durations import usual_durations_s
from sostrades_cli.output.text import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.app import App
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner
    from sostrades_cli.output import sweep_live
    from sostrades_cli.output.messages import Messages

_ACTIVITIES: Final = {"case": "sweep", "trial": "search"}


@contextlib.contextmanager
def progress_of(app: App, runner: SweepRunner) -> Iterator[ProgressListener]:
    """Show the progress of a sweep, and yield the listener to call when a case starts or ends."""
    notes = app.notes
    if not notes.redraws:
        yield lambda result: _write_case(notes, runner, result)
        return
    from sostrades_cli.output import sweep_live
    from sostrades_cli.output.full_screen import full_screen
    from sostrades_cli.output.table import console_for

    with notes.postponing() as lines:
        name, study = app.cache.name(runner.study), f"study {runner.study}"
        usual_s = usual_durations_s(app.context, [runner.study]).get(runner.study)
        title = f"{_ACTIVITIES[runner.noun]} of {f'{name} · {study}' if name else study}"
        total, workers = runner.total, len(runner.workers)
        sweep = sweep_live.Sweep(
            title, total, workers, lambda: _cases(runner), usual_s, lines, runner.noun, lambda: runner.headline
        )
        view = sweep_live.SweepView(sweep, app.runtime.clock.monotonic)
        with full_screen(view, console_for(notes.stream, color=notes.color), notes) as screen:

            def listener(result: CaseResult) -> None:
                view.take(result.case)
                screen.show()  # again, after the program was in the background

            yield listener


def _cases(runner: SweepRunner) -> list[sweep_live.SweepCase]:
    """Return the cases that were started, without those that an interruption abandoned."""
    from sostrades_cli.output import sweep_live

    states = {STARTED: sweep_live.RUNNING, FINISHED: sweep_live.FINISHED, FAILED: sweep_live.FAILED}
    # A copy, because another thread draws.
    results = [result for result in list(runner.results.values()) if result.state in states]
    paces = {worker.study: worker.pace for worker in runner.workers}
    return [
        sweep_live.SweepCase(
            r.case, r.study, states[r.state], r.elapsed_s, paces.get(r.study) if r.state == STARTED else None
        )
        for r in results
    ]


def _write_case(notes: Messages, runner: SweepRunner, result: CaseResult) -> None:
    if result.state not in ENDED:
        return
    after = f" after {duration(result.elapsed_s)}" if result.elapsed_s is not None else ""
    headline = f", {runner.headline}" if runner.headline else ""
    notes.inform(f"{runner.noun} {result.case} ({runner.ended} of {runner.total}): {result.state}{after}{headline}")
