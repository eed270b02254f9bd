"""The live view of a sweep on a terminal: running cases, an estimate, and the cases that ended last."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.column_widths import cut
from sostrades_cli.output.progress_bar import bar_line
from sostrades_cli.output.run_troubles import outage_text
from sostrades_cli.output.table import STYLES
from sostrades_cli.output.text import counted, duration, running_time, visible
from sostrades_cli.output.text_width import cells, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from sostrades_cli.output.answer_pace import AnswerPace

RUNNING: Final = "RUNNING"
FINISHED: Final = "FINISHED"
FAILED: Final = "FAILED"
GAP: Final = 3
MOST_ENDED: Final = 8
MOST_NOTES: Final = 3
SHORTEST_NAME: Final = 8


class SweepCase(NamedTuple):
    """A case that was started: the study that runs it, its state, and its duration if it has ended.

    ``pace`` is that of the answers about its run, if there is one.
    """

    name: str
    study: int
    state: str
    elapsed_s: float | None = None
    pace: AnswerPace | None = None


class Sweep(NamedTuple):
    """A sweep to show: its title, the number of its cases, and the number of studies that run them.

    ``read`` returns the cases that were started. ``usual_s`` is the usual duration of the study's runs, if known.
    ``notes`` are the messages so far. ``noun`` is the word for a case.
    ``headline`` returns the most important result so far.
    """

    title: str
    total: int
    workers: int
    read: Callable[[], list[SweepCase]]
    usual_s: float | None
    notes: Sequence[str]
    noun: str = "case"
    headline: Callable[[], str] = str


def _silence_s(cases: Sequence[SweepCase], now_s: float) -> float | None:
    """Return the longest time without an answer about a case, ``None`` while no answer is late."""
    silences = [case.pace.silence_s(now_s) for case in cases if case.pace is not None]
    return max((silence_s for silence_s in silences if silence_s is not None), default=None)


class SweepView:
    """The view of a sweep, limited to the lines of the window."""

    def __init__(self, sweep: Sweep, monotonic: Callable[[], float]) -> None:
        self._sweep = sweep
        self._monotonic = monotonic
        self._began_s = monotonic()
        self._started_s: dict[str, float] = {}
        self._ended: list[str] = []

    def take(self, case: str) -> None:
        """Handle the start of a case, or its end after that."""
        if case in self._started_s:
            self._ended.append(case)
        else:
            self._started_s[case] = self._monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the sweep as far as there are lines."""
        # One line stays free: where there is no alternate screen, a full window would scroll.
        room, width = max(1, console.size.height - 1), options.max_width
        now_s, total, cases = self._monotonic(), self._sweep.total, self._sweep.read()
        running = [case for case in cases if case.state == RUNNING]
        failed = sum(case.state == FAILED for case in cases)
        ended = len(cases) - len(running)
        waiting = total - len(cases)
        is_restoring = bool(self._started_s) and not running
        silence_s = _silence_s(running, now_s)
        left = self._left(cases, now_s) if silence_s is None else outage_text(silence_s)
        words = [f"{ended:{len(str(total))}} of {counted(total, self._sweep.noun)}", left]
        style = "red" if failed else "green" if ended == total else "yellow"
        lines: list[RenderableType] = [
            self._header(failed, width, now_s, is_restoring=is_restoring),
            bar_line(ended / total, words[:1] if is_restoring else words, style, width),
        ]
        last = [Text(f"  ○ {waiting} waiting", "dim")] if waiting and not is_restoring else []
        last += self._last_notes(width)
        shown = self._shown(cases, room - len(lines) - len(last))
        rows = [self._rows(shown, width, now_s)] if shown else []
        yield Group(*[*lines, *rows, *last][: max(1, room - max(0, len(shown) - 1))])

    def _header(self, failed: int, width: int, now_s: float, *, is_restoring: bool) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(fitted(self._sweep.title, width // 2), "bold")
        line.append(" " * GAP).append(running_time(now_s - self._began_s))
        if headline := self._sweep.headline():
            line.append(f"{' ' * GAP}{headline}")
        if failed:
            line.append(f"{' ' * GAP}{failed} failed", "red")
        if is_restoring:
            line.append(f"{' ' * GAP}restoring the original values", "yellow")
        return line

    def _last_notes(self, width: int) -> list[Text]:
        lines = [line for text in self._sweep.notes[-MOST_NOTES:] for line in text.split("\n")]
        notes = [Text.from_ansi(line) for line in lines[-MOST_NOTES:]]
        for note in notes:
            note.truncate(width, overflow="ellipsis")
        return notes

    def _left(self, cases: Sequence[SweepCase], now_s: float) -> str:
        """Return the estimate of the remaining time, from the cases that ended or from earlier runs of the study."""
        took_s = [case.elapsed_s for case in cases if case.state == FINISHED and case.elapsed_s is not None]
        case_s = statistics.median(took_s) if took_s else self._sweep.usual_s
        if case_s is None:
            return ""
        running_s = [self._running_s(case, now_s) for case in cases if case.state == RUNNING]
        rest_s = sum(max(0.0, case_s - so_far_s) for so_far_s in running_s)
        rest_s += (self._sweep.total - len(cases)) * case_s
        return f"about {running_time(rest_s / max(1, self._sweep.workers))} left"

    def _running_s(self, case: SweepCase, now_s: float) -> float:
        return now_s - self._started_s.get(case.name, now_s)

    def _time(self, case: SweepCase, now_s: float) -> str:
        return running_time(self._running_s(case, now_s)) if case.elapsed_s is None else duration(case.elapsed_s)

    def _shown(self, cases: Sequence[SweepCase], room: int) -> list[SweepCase]:
        """Return the running cases, then those that ended last."""
        by_name = {case.name: case for case in cases}
        running = [case for case in cases if case.state == RUNNING][: max(0, room)]
        names = self._ended[::-1][: max(0, min(MOST_ENDED, room - len(running)))]
        return [*running, *(by_name[name] for name in names if name in by_name)]

    def _rows(self, cases: Sequence[SweepCase], width: int, now_s: float) -> Table:
        """Return an aligned row per case."""
        times = [self._time(case, now_s) for case in cases]
        studies = [f"study {case.study}" if self._sweep.workers > 1 else "" for case in cases]
        columns = (studies, [case.state for case in cases], times)
        others = sum(max(map(cells, column)) + GAP for column in columns)
        grid = Table.grid(padding=(0, GAP, 0, 0))
        for side in ("left", "left", "left", "right"):
            grid.add_column(justify=side, no_wrap=True, overflow="ellipsis")
        for case, *facts in zip(cases, *columns, strict=True):
            mark, style = {RUNNING: "●", FINISHED: "✓"}.get(case.state, "✗"), STYLES.get(case.state, "")
            name = cut(visible(case.name), max(SHORTEST_NAME, width - others - len("  ● ")))
            grid.add_row(*(Text(text, style) for text in (f"  {mark} {name}", *facts)))
        return grid
