"""Progress of long calls: a bar in a terminal or below the cell of a notebook, removed at the end of the call."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sostrades_cli.operations.calc.sweep.progress_log import STARTED
from sostrades_cli.output.run_progress import RunProgress
from sostrades_cli.output.text import counted, visible
from sostrades_cli.output.transient_bar import transient_bar
from sostrades_cli.run_events import FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner
    from sostrades_cli.run_events import Event
    from sostrades_cli.runtime import Runtime

# Shows a text and the completed share, ``None`` if that is unknown.
Show: TypeAlias = Callable[[str, float | None], None]
# Terminals that cannot redraw a line.
_DUMB: Final = frozenset({"dumb", "unknown"})


def show_nothing(_text: str, _share: float | None) -> None:
    """Show no progress."""


@contextlib.contextmanager
def display(runtime: Runtime) -> Iterator[Show]:
    """Open the display of this process, if it has one, and yield the function that shows progress."""
    if _in_notebook():
        with _notebook_display() as show:
            yield show
    elif runtime.stderr.isatty() and runtime.environ.get("TERM") not in _DUMB:
        with transient_bar(runtime.stderr) as show:
            yield show
    else:
        yield show_nothing


def _in_notebook() -> bool:
    """Return whether the program runs in a Jupyter kernel, which cannot redraw a line of a stream."""
    ipython = sys.modules.get("IPython")
    # A terminal with IPython has no kernel, and redraws lines.
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


@contextlib.contextmanager
def _notebook_display() -> Iterator[Show]:
    # Every kernel has IPython, so it is not a dependency of the library.
    ipython = import_module("IPython.display")
    # No widget, because ipywidgets need an extension of the web page.
    handles: list[Any] = []

    def show(text: str, share: float | None) -> None:
        content = ipython.HTML(progress_html(text, share))
        if handles:
            handles[0].update(content)
        else:
            handles.append(ipython.display(content, display_id=True))

    try:
        yield show
    finally:
        if handles:
            handles[0].update(ipython.HTML(""))


def progress_html(text: str, share: float | None) -> str:
    """Return a bar with a text; without a ``share``, the browser moves the bar."""
    value = "" if share is None else f" value='{share:.4f}'"
    return f"<div><progress max='1'{value}></progress> {escape(visible(text))}</div>"


def shown_run(events: Iterator[Event], show: Show, monotonic: Callable[[], float]) -> Iterator[Event]:
    """Pass the events of a run on, and show its state, its time and its disciplines."""
    run: RunProgress | None = None
    for event in events:
        now_s = monotonic()
        run = run or RunProgress(event, now_s)
        run.take(event, now_s)
        states = [discipline.state for discipline in run.disciplines().values()]
        done = f", {states.count('DONE')} of {len(states)} disciplines" if states else ""
        outage = ", no answer" if run.is_outage else ""
        show(f"study {event.study} {event.status} {run.time(now_s)}{done}{outage}", run.share)
        yield event


def shown_runs(events: Iterator[Event], show: Show, total: int) -> Iterator[Event]:
    """Pass the events of several runs on, and show how many have ended."""
    ended = 0
    for event in events:
        # Every study has exactly one `finished`, also after an error.
        ended += event.name == FINISHED
        show(f"{ended} of {total} runs ended, study {event.study} is {event.status}", ended / total)
        yield event


def shown_case(show: Show, runner: SweepRunner) -> Callable[[CaseResult], None]:
    """Return a listener that shows how many cases of a sweep have ended, and which run now."""
    running: dict[str, None] = {}

    def listener(result: CaseResult) -> None:
        if result.state == STARTED:
            running[result.case] = None
        else:
            running.pop(result.case, None)
        now = f", running: {', '.join(running)}" if running else ""
        if runner.source.is_total_known:
            show(f"{runner.ended} of {runner.total} cases{now}", runner.ended / runner.total)
        else:
            show(f"{counted(runner.ended, 'case')}{now}", None)

    return listener
