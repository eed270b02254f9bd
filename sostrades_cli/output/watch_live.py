"""The live view of runs on a terminal: fitted to the window, and replaced by a summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.run_troubles import NO_RUN, STALLED, outage_text
from sostrades_cli.output.table import STYLES, console_for
from sostrades_cli.output.text import duration, rounded, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.output.results import Events
    from sostrades_cli.run_events import Event

REFRESH_HZ: Final = 8
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
# Failed disciplines come first, then active ones, then any other state except waiting and done.
URGENCY: Final = {"FAILED": 0, "RUNNING": 1, "LINEARIZING": 1}


def follow(events: Iterator[Event], stream: TextIO, result: Events, options: RenderOptions) -> None:
    """Show the live view until the last event."""
    console = console_for(stream, color=options.color)
    view = LiveView(result.names, options.monotonic, result.outage_s)
    try:
        # Only rich's thread draws: a signal could interrupt this thread within a frame.
        with Live(view, console=console, transient=True, refresh_per_second=REFRESH_HZ):
            for event in events:
                view.take(event)
                if view.all_over(result.studies):
                    break
    finally:
        # The last state stays on the screen, also after Ctrl-C.
        for summary in view.summaries():
            console.print(summary)
    for _ in events:
        pass  # the generator's last steps, such as the user's own command, must run after the view is gone


class _Run:
    """The displayed state of one study."""

    def __init__(self, event: Event, now_s: float) -> None:
        self.event = event
        self.event_s = self.answered_s = now_s
        self.events = 0
        self.outage = False
        self.stalled: tuple[str, str, str] | None = None

    def take(self, event: Event, now_s: float) -> None:
        self.event = event
        self.outage = event.name == "outage" or (self.outage and event.name == "finished")
        figures = (event.status, event.cpu, event.memory)
        if event.name == "stalled":
            self.stalled = figures
        elif self.stalled != figures:
            self.stalled = None
        self.event_s = now_s
        if event.name != "outage":
            self.answered_s = now_s
            self.events += 1


def _rank(run: _Run) -> int:
    """Return the rank of a run: failed ones first, then active ones, then finished ones."""
    if run.event.name != "finished":
        return 1
    return 2 if run.event.error is None else 0


class LiveView:
    """The view of all runs, limited to the lines of the window."""

    def __init__(self, names: Mapping[int, str], monotonic: Callable[[], float], outage_s: float) -> None:
        self._names = names
        self._monotonic = monotonic
        self._outage_s = outage_s
        self._runs: dict[int, _Run] = {}

    def take(self, event: Event) -> None:
        """Update the view with an event."""
        now_s = self._monotonic()
        if event.study not in self._runs:
            self._runs[event.study] = _Run(event, now_s)
        self._runs[event.study].take(event, now_s)

    def all_over(self, studies: Sequence[int]) -> bool:
        """Return whether every study has ended."""
        ended = sum(run.event.name == "finished" for run in self._runs.values())
        return bool(studies) and ended == len(studies)

    def summaries(self) -> list[Text]:
        """Return the line of each study that stays on the screen."""
        return [self._summary(run, over=True) for run in self._runs.values()]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the summaries, then details of active runs while there are lines left."""
        # One line stays free, because a full window would scroll.
        room = max(1, console.size.height - 1)
        runs = sorted(self._runs.values(), key=_rank)
        shown = runs if len(runs) <= room else runs[: room - 1]
        room -= len(shown) + (len(shown) < len(runs))
        parts: list[RenderableType] = []
        active = sum(bool(run.event.disciplines) and run.event.name != "finished" for run in shown)
        for run in shown:
            parts.append(self._summary(run, over=run.event.name == "finished"))
            if run.event.disciplines and run.event.name != "finished":
                details = _details(run.event.disciplines, options.max_width, room // max(1, active))
                parts += details
                room, active = room - len(details), active - 1
        if len(shown) < len(runs):
            parts.append(Text(f"and {len(runs) - len(shown)} more studies", style="dim"))
        yield Group(*parts)

    def _summary(self, run: _Run, *, over: bool) -> Text:
        """Return the line with study, status, time, and the load of the server."""
        event = run.event
        name = self._names.get(event.study)
        elapsed_s = event.elapsed_s if over else event.elapsed_s + self._monotonic() - run.event_s
        status = visible(event.status) or (NO_RUN if event.payload else "UNKNOWN")
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{visible(name)} · study {event.study}" if name else f"study {event.study}", style="bold")
        line.append("  ").append(status, style=STYLES.get(status, ""))
        line.append("" if over else f" {SPINNER[run.events % len(SPINNER)]}")
        if elapsed_s >= 1 or not over:
            line.append(f"  {duration(elapsed_s)}")
        if not over:
            self._append_contact(line, run)  # before the load, so that a narrow window does not cut it off
        if event.cpu != "----":
            line.append(f"  cpu {visible(rounded(event.cpu))}  memory {visible(rounded(event.memory))}", style="dim")
        return line

    def _append_contact(self, line: Text, run: _Run) -> None:
        outage_s = self._monotonic() - run.answered_s
        if run.outage or outage_s > self._outage_s:
            line.append(f"  {outage_text(outage_s)}", style="yellow")
        elif run.stalled:
            line.append(f"  {STALLED}", style="yellow")


def _details(states: Mapping[str, str], width: int, room: int) -> list[RenderableType]:
    """Return at most ``room`` lines: a bar, the failed and active disciplines, and counts of the others."""
    if room <= 0:
        return []
    busy = [name for name, state in states.items() if state not in {"PENDING", "DONE"}]
    busy.sort(key=lambda name: URGENCY.get(states[name], 2))
    waiting = sum(state == "PENDING" for state in states.values())
    lines = max(0, room - 1)
    fits = busy if len(busy) + bool(waiting) <= lines else busy[: max(0, lines - 1)]
    parts: list[RenderableType] = [_bar(states, width)]
    for name in fits:
        style = STYLES.get(states[name], "")
        state = visible(states[name])
        label = Text(f"  ● {visible(name)}", style, no_wrap=True)
        label.truncate(max(8, width - len(state) - 3), overflow="ellipsis")
        parts.append(label.append(f"  {state}"))
    rest = len(busy) - len(fits)
    counts = [f"{rest} more active"] * bool(rest) + [f"{waiting} waiting"] * bool(waiting)
    if counts and len(fits) < lines:
        parts.append(Text(f"  ○ {', '.join(counts)}", style="dim", no_wrap=True))
    return parts


def _bar(states: Mapping[str, str], width: int) -> Table:
    done = sum(state == "DONE" for state in states.values())
    text = f"{done} of {len(states)} disciplines done"
    row = Table.grid(padding=(0, 2, 0, 0))
    room = width - len(text) - 4
    bar = ProgressBar(total=len(states), completed=done, width=max(4, min(46, room)))
    row.add_row(bar, Text(text, style="dim", no_wrap=True, overflow="ellipsis"))
    return row
