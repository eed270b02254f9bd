"""The disciplines of a run for display: failed and active ones, those that ended last, and the number of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from sostrades_cli.output.column_widths import cut
from sostrades_cli.output.run_progress import DONE, PENDING
from sostrades_cli.output.table import STYLES
from sostrades_cli.output.text import visible
from sostrades_cli.output.text_width import cells, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.output.run_progress import Discipline

# Failed disciplines come first, then active ones, then any other state except waiting and done.
URGENCY: Final = {"FAILED": 0, "RUNNING": 1, "LINEARIZING": 1}
LEAST_DONE: Final = 5
SHORTEST_NAME: Final = 8
LONGEST_STATE: Final = 20
GAP: Final = 3
MARGIN: Final = "  "


def detail_lines(
    disciplines: Mapping[str, Discipline], now_s: float, width: int, room: int, below: str, *, is_active: bool
) -> list[Text]:
    """Return at most ``room`` lines. ``below`` is the text at the end of the last line.

    Disciplines that are PENDING after the end of a run never started, so they do not wait.
    """
    if room <= 0:
        return []
    busy = [name for name, discipline in disciplines.items() if discipline.state not in {PENDING, DONE}]
    busy.sort(key=lambda name: URGENCY.get(disciplines[name].state, 2))
    waiting = sum(discipline.state == PENDING for discipline in disciplines.values()) if is_active else 0
    fits = busy if len(busy) <= room - 1 else busy[: max(0, room - 1)]
    ended = [name for name, discipline in disciplines.items() if discipline.took_s is not None]
    # The last one to end comes first. Between two answers, they ended in the order of the server.
    ended.reverse()
    ended.sort(key=lambda name: -disciplines[name].since_s)
    shown = [*fits, *ended[: min(max(LEAST_DONE, room // 4), room - 1 - len(fits))]]
    rest = len(busy) - len(fits)
    counts = [f"{rest} more active"] * bool(rest) + [f"{waiting} waiting"] * bool(waiting)
    last = _last_line(f"{MARGIN}○ {', '.join(counts)}" if counts else "", below, width)
    return [*_rows([(name, disciplines[name]) for name in shown], now_s, width), *([last] if last else [])]


def _rows(disciplines: Sequence[tuple[str, Discipline]], now_s: float, width: int) -> list[Text]:
    """Return an aligned line per discipline."""
    states = [fitted(discipline.state, LONGEST_STATE) for _, discipline in disciplines]
    times = [discipline.time(now_s) for _, discipline in disciplines]
    state_width, time_width = max(map(cells, states), default=0), max(map(cells, times), default=0)
    room = max(SHORTEST_NAME, width - cells(f"{MARGIN}● ") - state_width - time_width - 2 * GAP)
    names = [cut(visible(name), room) for name, _ in disciplines]
    name_width = max(map(cells, names), default=0)
    lines = []
    for name, state, time, (_, discipline) in zip(names, states, times, disciplines, strict=True):
        mark = "✓" if discipline.state == DONE else "●"
        line = Text(f"{MARGIN}{mark} {_padded(name, name_width + GAP)}", STYLES.get(discipline.state, ""), no_wrap=True)
        line.append(_padded(state, state_width + GAP)).append(f"{time:>{time_width}}")
        line.truncate(width)
        lines.append(line)
    return lines


def _last_line(left: str, right: str, width: int) -> Text | None:
    if not left and not right:
        return None
    between = width - cells(left) - cells(right)
    # In a narrow window, the counts are more important.
    text = left if left and between < GAP else f"{left}{' ' * max(0, between)}{right}"
    line = Text(text, "dim", no_wrap=True)
    line.truncate(width, overflow="ellipsis")
    return line


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
