"""Tables on a terminal, without frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sostrades_cli.output.column_widths import widths, wrapped
from sostrades_cli.output.text import TextCell, kind_of_number, shown, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.output.results import Rows

CROWDED = 8
ANY_HEIGHT = 25
# Longer cells are cut off: laying out a text of megabytes would take minutes.
LONGEST_CELL = 2_000
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


def console_for(stream: TextIO, *, color: bool, width: int | None = None) -> Console:
    """Return a console without markup; its default width is that of the window."""
    # Without a color system rich writes no escape codes at all, not even bold and dim.
    return Console(
        file=stream,
        width=width,
        # With TERM=dumb rich ignores the width unless there is a height as well.
        height=None if width is None else ANY_HEIGHT,
        color_system="auto" if color and stream.isatty() else "256" if color else None,
        force_terminal=color or None,
        markup=False,
        highlight=False,
        emoji=False,
    )


def write_table(result: Rows, stream: TextIO, *, color: bool, width: int) -> None:
    """Write a table that fits the window. Cells are wrapped; in a narrow window each cell gets its own line."""
    console = console_for(stream, color=color, width=width)
    heads = list(map(_cell_text, result.columns))
    briefs = [result.briefs.get(name, shown) for name in result.columns]
    cells = [[_cell_text(brief(cell)) for brief, cell in zip(briefs, row, strict=True)] for row in result.rows]
    numeric = [_is_numeric(result, number) for number in range(len(heads))]
    gap = 1 if len(heads) > CROWDED else 2
    columns = [[head, *(row[number] for row in cells)] for number, head in enumerate(heads)]
    column_widths = widths(columns, numeric, console.width - gap * (len(heads) - 1))
    if column_widths is None:
        _write_cards(console, heads, cells, numeric)
        return
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    for head, room, is_numeric in zip(heads, column_widths, numeric, strict=True):
        text = Text("\n".join(wrapped(head, room)))
        table.add_column(text, justify="right" if is_numeric else "left", width=room, no_wrap=True)
    for row, texts in zip(result.rows, cells, strict=True):
        shaped = [_text(cell, room) for cell, room in zip(texts, column_widths, strict=True)]
        for text, cell, room in zip(shaped, row, column_widths, strict=True):
            if isinstance(cell, TextCell) and cell.below is not None:
                text.append("".join(f"\n{line}" for line in wrapped(_cell_text(cell.below), room)), style="dim")
        table.add_row(*shaped)
    console.print(table)


def _cell_text(text: str) -> str:
    """Return an escaped text, cut off if it is very long."""
    if len(text) <= LONGEST_CELL:
        return visible(text)
    return f"{visible(text[:LONGEST_CELL])}… {len(text) - LONGEST_CELL} more characters"


def _write_cards(
    console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]
) -> None:
    """Write each row as a name and a line per cell, for windows too narrow for columns."""
    names = next((number for number, is_numeric in enumerate(numeric) if not is_numeric), 0) + 1
    margin = min(max(map(len, heads[names:]), default=0), console.width // 3)
    for row in rows:
        console.print(Text(" ".join(row[:names])), soft_wrap=True)
        for head, cell in zip(heads[names:], row[names:], strict=True):
            lines = wrapped(cell, max(console.width - margin - 4, 1)) if cell else []
            for number, line in enumerate(lines):
                label = head[:margin] if number == 0 else ""
                console.print(Text(f"  {label:{margin}}  ", style="dim") + Text(line, style=STYLES.get(cell, "")))


def _is_numeric(result: Rows, number: int) -> bool:
    return bool(result.rows) and all(kind_of_number(row[number]) or row[number] is None for row in result.rows)


def _text(content: str, width: int) -> Text:
    return Text("\n".join(wrapped(content, width)), style=STYLES.get(content, ""))
