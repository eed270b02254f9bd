"""The live view of runs on a terminal: fitted to the window, and replaced by a summary at the end."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.column_widths import cut
from sostrades_cli.output.full_screen import full_screen
from sostrades_cli.output.progress_bar import SHORTEST_BAR, bar_line, bar_of, percent
from sostrades_cli.output.run_details import detail_lines
from sostrades_cli.output.run_progress import DONE, PENDING, RunProgress
from sostrades_cli.output.run_troubles import NO_PROGRESS, NO_RUN, outage_text
from sostrades_cli.output.spinner import FRAMES
from sostrades_cli.output.table import STYLES, console_for
from sostrades_cli.output.text import counted, duration, rounded, running_time, visible
from sostrades_cli.output.text_width import cells
from sostrades_cli.run_events import NO_FIGURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.output.streams import Events
    from sostrades_cli.run_events import Event

GAP: Final = 3
SHORTEST_NAME: Final = 8
NARROWEST_TITLE: Final = 24
# Of the window, for a study among several.
WIDEST_TITLE: Final = 0.35
START: Final = " since start"
_NO_DURATIONS: Final[Mapping[int, float]] = MappingProxyType({})


def show_live(events: Iterator[Event], stream: TextIO, result: Events, options: RenderOptions) -> None:
    """Show the live view until the last event."""
    console = console_for(stream, color=options.color)
    # Before the first event: the watch records more runs.
    view = LiveView(result.names, options.monotonic, result.outage_s, result.studies, result.usual_s())
    try:
        # Notes share the terminal with the view.
        with options.notes.postponing(), full_screen(view, console, options.notes) as screen:
            for event in events:
                view.take(event)
                if view.all_over(result.studies):
                    break
                screen.show()  # after the return from the background
    finally:
        # The last state stays on the screen, also after Ctrl-C.
        console.print(view.summary(console.width))
    for _ in events:
        pass  # the generator's last steps, such as the user's own command, must run after the view is gone
    if command := view.next_command():
        options.notes.inform(f"next: {command}")


class LiveView:
    """The view of all runs, limited to the lines of the window.

    ``order`` is the order of the studies [default: that of their first events]. ``usual_s`` are the usual durations of
    their runs in seconds.
    """

    def __init__(
        self,
        names: Mapping[int, str],
        monotonic: Callable[[], float],
        outage_s: float,
        order: Sequence[int] = (),
        usual_s: Mapping[int, float] = _NO_DURATIONS,
    ) -> None:
        self._names = names
        self._monotonic = monotonic
        self._outage_s = outage_s
        self._order = {study: number for number, study in enumerate(order)}
        self._usual_s = usual_s
        self._runs: dict[int, RunProgress] = {}

    def take(self, event: Event) -> None:
        """Update the view with an event."""
        now_s = self._monotonic()
        run = self._runs.get(event.study)
        if run is None:
            run = RunProgress(event, now_s, self._names.get(event.study, ""), self._usual_s.get(event.study))
        run.take(event, now_s)
        # Last, because another thread draws.
        self._runs[event.study] = run

    def all_over(self, studies: Sequence[int]) -> bool:
        """Return whether every study has ended."""
        ended = sum(run.is_over for run in self._runs.values())
        return bool(studies) and ended == len(studies)

    def next_command(self) -> str | None:
        """Return a command for the results of the first run that finished, ``None`` if there is none."""
        finished = (run.event for run in self._ordered() if run.is_over and run.event.error is None)
        study = next((event.study for event in finished if event.status == "FINISHED"), None)
        return None if study is None else f"sostrades param list {study} --outputs"

    def summary(self, width: int) -> Table:
        """Return a line per study, which stays on the screen."""
        runs = self._ordered()
        marks, statuses = [_mark(run) for run in runs], [_status(run) for run in runs]
        numbers = [f"{mark}{_title(run, 0)}" for mark, run in zip(marks, runs, strict=True)]
        facts = [statuses, [self._end(run) for run in runs], [_count(run) for run in runs]]
        # In a narrow window, the number of the study and the outcome stay whole.
        while len(facts) > 1 and sum(map(_longest, [numbers, *facts])) + GAP * len(facts) > width:
            facts.pop()
        room = width - sum(_longest(column) + GAP for column in facts) - _longest(marks)
        grid = _grid(*["left"] * (len(facts) + 1))
        for run, mark, (status, *more) in zip(runs, marks, zip(*facts, strict=True), strict=True):
            style = STYLES.get(status, "")
            title = Text(mark, style).append(_title(run, room), "bold")
            grid.add_row(title, Text(status, style), *more)
        return grid

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw a run with its disciplines, or several on a line each, as far as there are lines."""
        # One line stays free: where there is no alternate screen, a full window would scroll.
        room, width = max(1, console.size.height - 1), options.max_width
        runs = self._ordered()
        yield Group(*(self._alone(runs[0], width, room) if len(runs) == 1 else self._several(runs, width, room)))

    def _ordered(self) -> list[RunProgress]:
        runs = list(self._runs.values())
        return sorted(runs, key=lambda run: self._order.get(run.event.study, len(self._order)))

    def _alone(self, run: RunProgress, width: int, room: int) -> list[RenderableType]:
        now_s = self._monotonic()
        header, load = self._header(run, width), _load(run)
        trouble = self._trouble(run)
        is_beside = header.cell_len + GAP + trouble.cell_len <= width
        if trouble and is_beside:
            header.append(" " * GAP).append(trouble)
        left = width - header.cell_len - cells(load)
        lines: list[RenderableType] = [header]
        if left >= GAP:
            header.append(" " * left).append(load, style="dim")
            load = ""
        if trouble and not is_beside:
            lines.append(trouble)
        share, disciplines, silence_s = run.share, run.disciplines(), run.silence_s(now_s, self._outage_s)
        estimate = _estimate(run, now_s) if silence_s is None else ""
        if disciplines or estimate or (share is not None and run.is_active):
            lines.append(bar_line(share, [_count(run), estimate], _bar_style(run), width))
        age = f"updated {running_time(now_s - run.answered_s)} ago" if run.is_active and silence_s is None else ""
        below = (" " * GAP).join(filter(None, [load, age]))
        details = detail_lines(disciplines, now_s, width, room - len(lines), below, is_active=run.is_active)
        return [*lines, *details][:room]

    def _header(self, run: RunProgress, width: int) -> Text:
        """Return the line with study, status and time."""
        status = _status(run)
        rest = Text(" " * GAP).append(status, style=STYLES.get(status, "")).append(_spinner(run))
        rest.append(" " * GAP).append(self._time(run))
        line = Text(no_wrap=True, overflow="ellipsis")
        return line.append(_title(run, width - rest.cell_len), style="bold").append(rest)

    def _several(self, runs: Sequence[RunProgress], width: int, room: int) -> list[RenderableType]:
        """Return a line per study, aligned, then the active disciplines while there are lines left."""
        shown = list(runs)
        if len(runs) > room:
            # Failed runs come first, then active ones, but all keep their order.
            kept = sorted(runs, key=_rank)[: room - 1]
            shown = [run for run in runs if run in kept]
        grid = self._grid_of(shown, width)
        if len(shown) < len(runs):
            return [grid, Text(f"and {len(runs) - len(shown)} more studies", style="dim")]
        busy = {
            f"{run.name or f'study {run.event.study}'} · {name}": discipline
            for run in shown
            if run.is_active
            for name, discipline in run.disciplines().items()
            if discipline.state not in {PENDING, DONE}
        }
        return [grid, *detail_lines(busy, self._monotonic(), width, room - len(shown), "", is_active=True)]

    def _grid_of(self, runs: Sequence[RunProgress], width: int) -> Table:
        """Return a row per study. In a narrow window, the bar, then the percentage and the estimates are left out."""
        now_s = self._monotonic()
        statuses = [Text(_status(run) + _spinner(run), STYLES.get(_status(run), "")) for run in runs]
        times = [Text(self._time(run).removesuffix(START)) for run in runs]
        notes = [self._trouble(run) or Text(_estimate(run, now_s)) for run in runs]
        shares = [run.share for run in runs]
        percents = [Text("" if share is None else percent(share)) for share in shares]
        room = width - _width(statuses) - _width(times)
        titles = [Text(_title(run, min(room, max(NARROWEST_TITLE, int(width * WIDEST_TITLE)))), "bold") for run in runs]
        room -= _width(titles)
        columns: list[tuple[str, Sequence[RenderableType]]] = [("left", titles), ("left", statuses), ("right", times)]
        for side, column in (("left", notes), ("right", percents)):
            if 0 < _width(column) <= room:
                room -= _width(column)
                columns.insert(3, (side, column))
        if room >= SHORTEST_BAR and any(share is not None for share in shares):
            bars = [bar_of(share, _bar_style(run), room) for share, run in zip(shares, runs, strict=True)]
            columns.insert(3, ("left", bars))
        grid = _grid(*(side for side, _ in columns))
        for row in zip(*(column for _, column in columns), strict=True):
            grid.add_row(*row)
        return grid

    def _time(self, run: RunProgress) -> str:
        if not run.had_run and not _waits(run):
            return ""
        elapsed = run.time(self._monotonic())
        if not run.had_run:
            return f"waiting for a run, {elapsed}"
        return f"{elapsed}{START}" if run.is_since_start else f"{elapsed} watched"

    def _trouble(self, run: RunProgress) -> Text:
        silence_s = run.silence_s(self._monotonic(), self._outage_s)
        if silence_s is not None:
            return Text(outage_text(silence_s), "yellow")
        if run.is_stalled:
            return Text(NO_PROGRESS, "yellow")
        return Text("checking the end" if _is_checked(run) else "", "dim")

    def _end(self, run: RunProgress) -> str:
        """Return the time of a run for the summary."""
        now_s = self._monotonic()
        elapsed_s = run.elapsed_s(now_s)
        if not run.had_run or (elapsed_s < 1 and run.is_over):
            return ""
        if not run.is_since_start:
            return f"watched for {run.time(now_s)}"
        return f"{run.time(now_s)}{START}" if run.event.is_active else f"after {run.time(now_s)}"


def _grid(*sides: str) -> Table:
    grid = Table.grid(padding=(0, GAP, 0, 0))
    for side in sides:
        grid.add_column(justify=side, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type] # a word of rich
    return grid


def _longest(column: Sequence[str]) -> int:
    return max(map(cells, column), default=0)


def _width(column: Sequence[Text]) -> int:
    """Return the width of a column with the gap to the next one, 0 if it is empty."""
    longest = max((text.cell_len for text in column), default=0)
    return longest + GAP if longest else 0


def _title(run: RunProgress, width: int) -> str:
    """Return the name and the number of a study; a long name is cut in the middle."""
    number = f"study {run.event.study}"
    room = width - cells(f" · {number}")
    if not run.name or room < min(cells(run.name), SHORTEST_NAME):
        return number
    return f"{cut(visible(run.name), room)} · {number}"


def _rank(run: RunProgress) -> int:
    """Return the rank of a run: failed ones first, then active ones, then finished ones."""
    if not run.is_over:
        return 1
    return 2 if run.event.error is None else 0


def _status(run: RunProgress) -> str:
    return visible(run.event.status) or (NO_RUN if run.event.payload else "UNKNOWN")


def _waits(run: RunProgress) -> bool:
    """Return whether the watch waits for a run to start."""
    return not run.had_run and not run.is_over


def _is_checked(run: RunProgress) -> bool:
    """Return whether the run has ended by its status, and the watch has not."""
    return run.had_run and not run.event.is_active and not run.is_over


def _spinner(run: RunProgress) -> str:
    """Return the spinner of a run that continues, or of a wait for a run. It moves with each answer."""
    return f" {FRAMES[run.answers % len(FRAMES)]}" if run.is_active or _waits(run) else ""


def _mark(run: RunProgress) -> str:
    if not run.is_over or run.event.is_active:
        return ""
    return "✓ " if run.event.error is None else "✗ "


def _load(run: RunProgress) -> str:
    event = run.event
    if event.cpu == NO_FIGURE or not run.is_active:
        return ""
    memory = rounded(event.memory).replace("[", "").replace("]", "")
    return f"cpu {visible(rounded(event.cpu))}{' ' * GAP}memory {visible(memory)}"


def _bar_style(run: RunProgress) -> str:
    states = {discipline.state for discipline in run.disciplines().values()}
    return "red" if "FAILED" in states else STYLES.get(_status(run), "yellow")


def _count(run: RunProgress) -> str:
    """Return the number of disciplines. Where the server does not report their progress, none of them is done."""
    states = [discipline.state for discipline in run.disciplines().values()]
    if all(state == PENDING for state in states):
        return counted(len(states), "discipline") if states and run.is_active else ""
    # Aligned, so that the bar beside it keeps its width.
    return f"{states.count(DONE):{len(str(len(states)))}} of {counted(len(states), 'discipline')}"


def _estimate(run: RunProgress, now_s: float) -> str:
    if run.usual_s is None:
        return ""
    left_s = 0.0 if run.event.status == PENDING else run.left_s(now_s)
    if left_s is None:
        return ""
    return f"about {running_time(left_s)} left" if left_s >= 1 else f"usually {duration(run.usual_s)}"
