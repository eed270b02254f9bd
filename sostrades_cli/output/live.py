"""The live view of a run on a terminal: it fits the window, and leaves one summary behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.table import STYLES, console_for
from sostrades_cli.output.text import duration, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console, ConsoleOptions, RenderResult

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.events import Event

ORDER: Final = {"FAILED": 0, "RUNNING": 1, "LINEARIZING": 1}
WAITING: Final = frozenset({"PENDING"})
FIXED_LINES: Final = 4
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def follow(events: Iterator[Event], stream: TextIO, *, names: Mapping[int, str], color: bool) -> SostradesError | None:
    """Show a run until its last event and return that event's error."""
    console = console_for(stream, color=color)
    view: _View | None = None
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for looks, event in enumerate(events):
            view = _View(event, names.get(event.study), looks)
            live.update(view, refresh=True)
    if view is None:
        return None
    console.print(view.summary())
    return view.event.error


class _View:
    """One look at a run."""

    def __init__(self, event: Event, name: str | None, looks: int) -> None:
        self.event = event
        self._name = name
        self._looks = looks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw as many disciplines as the window has lines for."""
        room = max(0, console.size.height - FIXED_LINES)
        parts: list[RenderableType] = [self.summary()]
        if self.event.disciplines:
            parts += [self._bar(options.max_width), *self._disciplines(room)]
        yield Group(*parts)

    def summary(self) -> Text:
        """Return the line that stays: study, status, time, and the host's load as the server gives it."""
        event = self.event
        title = f"{visible(self._name)} · study {event.study}" if self._name else f"study {event.study}"
        status = visible(event.status) or "NO RUN"
        line = Text(no_wrap=True, overflow="ellipsis")
        spinner = "" if event.name == "finished" else f" {SPINNER[self._looks % len(SPINNER)]}"
        line.append(title, style="bold").append("  ").append(status, style=STYLES.get(status, "")).append(spinner)
        line.append(f"  {duration(event.elapsed_s)}")
        if event.cpu != "----":
            line.append(f"  cpu {visible(event.cpu)}  memory {visible(event.memory)}", style="dim")
        return line

    def _bar(self, width: int) -> Table:
        done = sum(state == "DONE" for state in self.event.disciplines.values())
        total = len(self.event.disciplines)
        row = Table.grid(padding=(0, 2, 0, 0))
        bar = ProgressBar(total=total, completed=done, width=min(46, max(10, width - 32)))
        row.add_row(bar, Text(f"{done} of {total} disciplines done", style="dim"))
        return row

    def _disciplines(self, room: int) -> list[Text]:
        states = self.event.disciplines
        active = sorted(
            (n for n, s in states.items() if s not in WAITING and s != "DONE"), key=lambda n: ORDER.get(states[n], 2)
        )
        fits = active if len(active) <= room else active[: max(0, room - 1)]
        lines = [
            Text(f"  ● {visible(name)}  {visible(states[name])}", STYLES.get(states[name], ""), no_wrap=True)
            for name in fits
        ]
        waiting = sum(state in WAITING for state in states.values())
        rest = len(active) - len(fits)
        counts = [f"{rest} more active"] * bool(rest) + [f"{waiting} waiting"] * bool(waiting)
        if counts:
            lines.append(Text(f"  ○ {', '.join(counts)}", style="dim", no_wrap=True))
        return lines
