"""The live view of a sweep on a terminal: running cases, an estimate, and the cases that ended last."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sostrades_cli.operations.calc.sweep.progress_log import ENDED, FAILED, FINISHED, STARTED
from sostrades_cli.output.progress_bar import bar_line
from sostrades_cli.output.table import STYLES
from sostrades_cli.output.text import cells, counted, duration, fitted, fitted_in_middle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner

GAP: Final = 3
MOST_ENDED: Final = 8
MOST_NOTES: Final = 3
SHORTEST_NAME: Final = 8


class SweepView:
    """The view of a sweep.

    ``name`` is the name of the study, and ``usual_s`` the usual duration of its runs, if known. ``notes`` are the
    messages so far, of which the last are shown.
    """

    def __init__(
        self,
        runner: SweepRunner,
        monotonic: Callable[[], float],
        name: str | None,
        usual_s: float | None,
        notes: Sequence[str],
    ) -> None:
        self._runner = runner
        self._name = name
        self._monotonic = monotonic
        self._usual_s = usual_s
        self._notes = notes
        self._began_s = monotonic()
        self._started_s: dict[str, float] = {}
        self._ended: list[CaseResult] = []

    def take(self, result: CaseResult) -> None:
        """Update the view with a case that started or ended."""
        if result.state == STARTED:
            self._started_s[result.case] = self._monotonic()
        elif result.state in ENDED:
            self._ended.append(result)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the sweep as far as there are lines."""
        # One line stays free: where there is no alternate screen, a full window would scroll.
        room, width = max(1, console.size.height - 1), options.max_width
        results = list(self._runner.results.values())
        total = len(self._runner.cases.rows)
        ended = sum(result.state in ENDED for result in results)
        failed = sum(result.state == FAILED for result in results)
        running = [result for result in results if result.state == STARTED]
        is_restoring = bool(self._started_s) and not running
        now_s = self._monotonic()
        style = "red" if failed else "green" if ended == total else "yellow"
        left = "" if is_restoring else self._left(running, total - ended - len(running), now_s)
        words = [f"{ended:{len(str(total))}} of {counted(total, 'case')}", left]
        lines: list[RenderableType] = [
            self._header(failed, width, now_s, is_restoring=is_restoring),
            bar_line(ended / total, words, style, width),
        ]
        waiting = total - ended - len(running)
        notes = [Text.from_ansi(line) for text in self._notes[-MOST_NOTES:] for line in text.split("\n")][-MOST_NOTES:]
        for note in notes:
            note.truncate(width, overflow="ellipsis")
        last = [Text(f"  ○ {waiting} waiting", "dim")] if waiting and not is_restoring else []
        last += notes
        cases = self._cases(running, width, max(0, room - len(lines) - len(last)), now_s)
        yield Group(*[*lines, cases, *last][:room] if room > len(lines) else lines[:room])

    def _header(self, failed: int, width: int, now_s: float, *, is_restoring: bool) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        title = f"{self._name} · study {self._runner.study}" if self._name else f"study {self._runner.study}"
        line.append(fitted(f"sweep of {title}", width // 2), "bold")
        line.append(" " * GAP).append(duration(now_s - self._began_s))
        if failed:
            line.append(f"{' ' * GAP}{failed} failed", "red")
        if is_restoring:
            line.append(f"{' ' * GAP}restoring the original values", "yellow")
        return line

    def _left(self, running: Sequence[CaseResult], waiting: int, now_s: float) -> str:
        """Return the estimate of the remaining time, from the cases that ended or from earlier runs of the study."""
        took_s = [
            result.elapsed_s
            for result in list(self._runner.results.values())
            if result.state == FINISHED and result.elapsed_s is not None
        ]
        case_s = statistics.median(took_s) if took_s else self._usual_s
        if case_s is None:
            return ""
        rest_s = sum(max(0.0, case_s - (now_s - self._started_s.get(result.case, now_s))) for result in running)
        return f"about {duration((rest_s + waiting * case_s) / max(1, len(self._runner.workers)))} left"

    def _cases(self, running: Sequence[CaseResult], width: int, room: int, now_s: float) -> Table:
        """Return an aligned row per running case, then those that ended last."""
        shown = list(running[:room])
        shown += list(reversed(self._ended[-min(MOST_ENDED, room - len(shown)) :])) if room > len(shown) else []
        times = [
            duration(now_s - self._started_s.get(result.case, now_s) if result.elapsed_s is None else result.elapsed_s)
            for result in shown
        ]
        several = len(self._runner.workers) > 1
        studies = [f"study {result.study}" if several else "" for result in shown]
        states = ["RUNNING" if result.state == STARTED else result.state for result in shown]
        others = sum(max(map(cells, column), default=0) + GAP for column in (times, studies, states))
        grid = Table.grid(padding=(0, GAP, 0, 0))
        for side in ("left", "left", "left", "right"):
            grid.add_column(justify=side, no_wrap=True, overflow="ellipsis")
        for result, study, state, time in zip(shown, studies, states, times, strict=True):
            mark = {STARTED: "●", FINISHED: "✓"}.get(result.state, "✗")
            style = STYLES.get(state, "")
            name = fitted_in_middle(result.case, max(SHORTEST_NAME, width - others - len("  ● ")))
            grid.add_row(Text(f"  {mark} {name}", style), Text(study, style), Text(state, style), Text(time, style))
        return grid
