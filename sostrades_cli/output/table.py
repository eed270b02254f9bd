"""Tables on a terminal, without frames."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from sostrades_cli.output.column_widths import TableColumn, cut, widths, wrapped
from sostrades_cli.output.text import MADE, PLANNED, ChangeCell, TextCell, kind_of_number, shown, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.output.results import TerminalTable

CROWDED = 8
ANY_HEIGHT = 25
# Longer cells are cut off: laying out a text of megabytes would take minutes.
LONGEST_CELL = 2_000
ARROW = "→ "
MARGIN = "  "
# Columns with names, which are cut. Other texts are whole, such as the path of a file to edit.
NAMES = frozenset({"parameter", "key", "name"})
_EMPTY = Text()
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
    MADE: "green",
    PLANNED: "yellow",
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


def write_table(result: TerminalTable, stream: TextIO, *, color: bool, width: int) -> None:
    """Write a table that fits the window.

    Names, and values that are shortened anyway, are cut in the middle. Other cells are wrapped. In a narrow window each
    cell gets its own line.
    """
    console = console_for(stream, color=color, width=width)
    columns = _columns(result)
    gap = 1 if len(columns) > CROWDED else 2
    mark = f"{result.mark} " if result.mark else ""
    room = console.width - len(mark) - gap * (len(columns) - 1)
    column_widths = widths(columns, room)
    if column_widths is None:
        _write_cards(console, result.rows, columns, mark)
        return
    layout = [(width, column.whole) for width, column in zip(column_widths, columns, strict=True)]
    lines: list[Text] = []
    if any(column.head for column in columns):
        heads = [wrapped(column.head, width) for column, width in zip(columns, column_widths, strict=True)]
        lines += _lines([[Text(line, style="dim") for line in head] for head in heads], layout, gap, " " * len(mark))
    for number, row in enumerate(result.rows):
        cells = [
            _cell_lines(cell, column.cells[number], width, is_cut=column.cut)
            for cell, column, width in zip(row, columns, column_widths, strict=True)
        ]
        lines += _lines(cells, layout, gap, mark)
        lines += [Text(line, style="dim") for line in _row_lines(row, console.width)]
    if result.aside:
        _add_aside(lines, Text(visible(result.aside), style="dim"), console.width)
    # One text, because rich takes ten times as long to print each line, and to lay out a table of its own.
    console.print(Text("\n").join(lines), soft_wrap=True)


def _lines(cells: Sequence[Sequence[Text]], layout: Sequence[tuple[int, bool]], gap: int, mark: str) -> Iterator[Text]:
    """Yield the lines of a row from the lines of its cells. The layout has the width of each column and its side."""
    for number, pieces in enumerate(zip_longest(*cells, fillvalue=_EMPTY)):
        start = mark if number == 0 else " " * len(mark)
        line, blanks = Text(), 0
        line.append(start.strip(), STYLES.get(start.strip(), "")).append(start[len(start.strip()) :])
        for piece, (width, is_right) in zip(pieces, layout, strict=True):
            left_over = width - piece.cell_len
            before, after = (left_over, 0) if is_right else (0, left_over)
            if piece:
                line.append(" " * (blanks + before)).append_text(piece)
                blanks = after + gap
            else:
                blanks += width + gap
        yield line


def _row_lines(row: Sequence[object], width: int) -> Iterator[str]:
    """Yield the lines below a row. The beginning of a text tells most, so its end is cut off."""
    for cell in row:
        if isinstance(cell, TextCell) and cell.line is not None:
            text = visible(cell.line[:LONGEST_CELL])
            whole = cell_len(text) <= width - len(MARGIN)
            yield f"{MARGIN}{text}" if whole else f"{MARGIN}{set_cell_size(text, max(width - len(MARGIN) - 1, 0))}…"


def _add_aside(lines: list[Text], aside: Text, width: int) -> None:
    """Add a hint to the right of a single line, or below several."""
    blanks = width - lines[-1].cell_len - aside.cell_len
    if len(lines) == 1 and blanks > 1:
        lines[0].append(" " * blanks).append_text(aside)
    else:
        lines.append(aside)


def _columns(result: TerminalTable) -> list[TableColumn]:
    """Return the texts of the columns, and how each shrinks."""
    texts = [result.briefs.get(name, shown) for name in result.columns]
    numeric = [_is_numeric(result, number) for number in range(len(texts))]
    return [
        TableColumn(
            "" if result.mark == MADE else _cell_text(name),
            [_cell_text(text(row[number])) for row in result.rows],
            whole=is_numeric,
            cut=not is_numeric and (name in NAMES or name in result.briefs),
            below=[
                _cell_text(cell.below)
                for row in result.rows
                if isinstance(cell := row[number], TextCell) and cell.below
            ],
        )
        for number, (name, text, is_numeric) in enumerate(zip(result.columns, texts, numeric, strict=True))
    ]


def _cell_text(text: str) -> str:
    """Return an escaped text, cut off if it is very long."""
    if len(text) <= LONGEST_CELL:
        return visible(text)
    return f"{visible(text[:LONGEST_CELL])}… {len(text) - LONGEST_CELL} more characters"


def _write_cards(console: Console, rows: Sequence[Sequence[object]], columns: Sequence[TableColumn], mark: str) -> None:
    """Write each row as a name and a line per cell, for windows too narrow for columns."""
    names = next((number for number, column in enumerate(columns) if not column.whole), 0) + 1
    margin = min(max((cell_len(column.head) for column in columns[names:]), default=0), console.width // 3)
    for cells, row in zip(rows, zip(*(column.cells for column in columns), strict=True), strict=True):
        console.print(Text(f"{mark}{' · '.join(filter(None, row[:names]))}"), soft_wrap=True)
        for column, cell in zip(columns[names:], row[names:], strict=True):
            lines = wrapped(cell, max(console.width - margin - 4, 1)) if cell else []
            for number, line in enumerate(lines):
                label = set_cell_size(column.head if number == 0 else "", margin)
                console.print(Text(f"  {label}  ", style="dim") + Text(line, style=STYLES.get(cell, "")))
        for line in _row_lines(cells, console.width):
            console.print(Text(line, style="dim"), soft_wrap=True)


def _is_numeric(result: TerminalTable, number: int) -> bool:
    return bool(result.rows) and all(kind_of_number(row[number]) or row[number] is None for row in result.rows)


def _cell_lines(cell: object, content: str, width: int, *, is_cut: bool) -> list[Text]:
    """Return the lines of a cell in a column."""
    if isinstance(cell, ChangeCell) and cell.new is not None:
        return _change_lines(visible(cell.where), visible(cell.old), visible(cell.new), width)
    style = STYLES.get(content, "")
    lines = [Text(line, style=style) for line in ([cut(content, width)] if is_cut else wrapped(content, width))]
    if isinstance(cell, TextCell) and cell.below is not None:
        lines += [Text(line, style="dim") for line in wrapped(_cell_text(cell.below), width)]
    return lines


def _change_lines(where: str, old: str, new: str, width: int) -> list[Text]:
    """Return ``old → new`` in one line if it fits, else the new value below the old one."""
    if cell_len(where) + cell_len(old) + 1 + len(ARROW) + cell_len(new) <= width:
        return [Text.assemble(where, (old, "red"), (f" {ARROW}", "dim"), (new, "green"))]
    first, *others = wrapped(new, max(width - len(ARROW), 1))
    return [
        *(Text(line) for line in wrapped(where, width) if line),
        *(Text(line, style="red") for line in wrapped(old, width)),
        Text.assemble((ARROW, "dim"), (first, "green")),
        *(Text(f"{' ' * len(ARROW)}{line}", style="green") for line in others),
    ]
