"""Tables for people: words first, no frames."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import kind_of_number, shown, visible

NARROWEST = 5
MANY = 6
CROWDED = 8
STYLES = {
    "FINISHED": "green",
    "DONE": "green",
    "RUNNING": "yellow",
    "PENDING": "yellow",
    "POD PENDING": "yellow",
    "LINEARIZING": "yellow",
    "FAILED": "red",
    "STOPPED": "red",
    "POD ERROR": "red",
    "no value": "dim",
    "ok": "green",
    "warning": "yellow",
    "not checked": "dim",
    "failed": "red",
    "saved": "green",
    "accepted": "green",
    "rejected": "red",
}


def console_for(stream: TextIO, *, color: bool) -> Console:
    """Make a console that interprets nothing of what it is given."""
    # Rich would go on writing bold and dim without colour; no colour means no such code at all.
    return Console(
        file=stream,
        color_system="auto" if color and stream.isatty() else "256" if color else None,
        force_terminal=color or None,
        markup=False,
        highlight=False,
        emoji=False,
    )


def write_table(result: Rows, stream: TextIO, *, color: bool) -> None:
    """Write a table that fits the window; a name is folded rather than cut."""
    console = console_for(stream, color=color)
    result, below = _without_below(_without_empty(result))
    if len(result.columns) * NARROWEST > console.width:
        # Columns of one character are no table: a window too small for one gets lines.
        stream.writelines("\t".join(shown(cell) for cell in row) + "\n" for row in (result.columns, *result.rows))
        return
    gap = 1 if len(result.columns) > CROWDED else 2
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    heads = [visible(result.heads.get(name, name)) for name in result.columns]
    numeric = [_is_numeric(result, number) for number in range(len(heads))]
    widths = [
        max([*map(len, head.split()), *(len(shown(row[number])) for row in result.rows if is_numeric)], default=0)
        for number, (head, is_numeric) in enumerate(zip(heads, numeric, strict=True))
    ]
    # A narrow window folds what stands in a column before it folds its name, as long as the names fit.
    whole_names = len(heads) > MANY and sum(widths) + gap * len(heads) <= console.width
    for head, width, is_numeric in zip(heads, widths, numeric, strict=True):
        least = width if whole_names else None
        table.add_column(Text(head), justify="right" if is_numeric else "left", overflow="fold", min_width=least)
    for row, beneath in zip(result.rows, below, strict=True):
        cells = [_text(shown(cell)) for cell in row]
        if beneath is not None:
            cells[-1].append(f"\n{visible(beneath)}", style="dim")
        table.add_row(*cells)
    console.print(table)


def _is_numeric(result: Rows, number: int) -> bool:
    return bool(result.rows) and all(kind_of_number(row[number]) or row[number] is None for row in result.rows)


def _without_empty(result: Rows) -> Rows:
    """Leave out the optional columns that are empty all the way down."""
    empty = {
        name
        for number, name in enumerate(result.columns)
        if name in result.optional and all(row[number] in (None, "") for row in result.rows)
    }
    kept = [number for number, name in enumerate(result.columns) if name not in empty]
    rows = [tuple(row[number] for number in kept) for row in result.rows]
    return Rows(tuple(result.columns[number] for number in kept), rows, heads=result.heads, below=result.below)


def _without_below(result: Rows) -> tuple[Rows, list[str | None]]:
    """Take the last column away where it is to stand beneath the one before it; return what stands beneath each row."""
    if result.below is None or result.columns[-1] != result.below:
        return result, [None] * len(result.rows)
    below = [None if row[-1] is None else str(row[-1]) for row in result.rows]
    return Rows(result.columns[:-1], [row[:-1] for row in result.rows], heads=result.heads), below


def _text(content: str) -> Text:
    return Text(content, style=STYLES.get(content, ""))
