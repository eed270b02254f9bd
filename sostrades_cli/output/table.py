"""Tables for people: words first, no frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.text import kind_of_number, shown, visible

if TYPE_CHECKING:
    from sostrades_cli.output.results import Rows

NARROWEST = 5
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
    "failed": "red",
    "saved": "green",
    "accepted": "green",
    "rejected": "red",
}


def console_for(stream: TextIO, *, color: bool) -> Console:
    """Make a console that interprets nothing of what it is given."""
    # Rich would go on writing bold and dim without colour; no colour means no such code at all.
    return Console(file=stream, color_system="auto" if color else None, markup=False, highlight=False, emoji=False)


def write_table(result: Rows, stream: TextIO, *, color: bool) -> None:
    """Write a table that fits the window; a name is folded rather than cut."""
    console = console_for(stream, color=color)
    if len(result.columns) * NARROWEST > console.width:
        # Columns of one character are no table: a window too small for one gets lines.
        stream.writelines("\t".join(shown(cell) for cell in row) + "\n" for row in (result.columns, *result.rows))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, name in enumerate(result.columns):
        numeric = bool(result.rows) and all(kind_of_number(row[number]) or row[number] is None for row in result.rows)
        table.add_column(Text(visible(name)), justify="right" if numeric else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(_text(shown(cell)) for cell in row))
    console.print(table)


def _text(content: str) -> Text:
    return Text(content, style=STYLES.get(content, ""))
