"""The differences of two studies in a table on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.results import TerminalTable
from sostrades_cli.output.text import ChangeCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.study.snapshot.diff import Difference

# Further parts would hide the next parameter.
FIRST_PARTS: Final = 5
ABSENT: Final = "absent"


def difference_table(differences: Sequence[Difference], head: str) -> TerminalTable:
    """Return the table for a terminal: a row per parameter, and further rows for its other parts."""
    rows: list[tuple[str | None, str | None, ChangeCell]] = []
    for difference in differences:
        first, *others = _changes(difference)
        rows += [(difference.key, difference.type, first), *((None, None, cell) for cell in others)]
    return TerminalTable(("parameter", "type", head) if rows else (), rows)


def _changes(difference: Difference) -> list[ChangeCell]:
    """Return cells ``old → new``: one for the whole value, or one for each of the first parts or cells that differ."""
    # A part without a position is the whole value.
    table, parts = difference.table, [part for part in difference.parts if part.where]
    cells: list[ChangeCell] = []
    if table is not None:
        cells += [ChangeCell(words, None) for words in table.layout]
        cells += [ChangeCell(cell.a, cell.b, f"row {cell.row}, {cell.column}: ") for cell in table.first[:FIRST_PARTS]]
        more = table.cells - FIRST_PARTS
    else:
        cells += [ChangeCell(part.a, part.b, f"{part.where}: ") for part in parts[:FIRST_PARTS]]
        more = len(parts) - FIRST_PARTS
    if more > 0:
        cells.append(ChangeCell(f"… {more} more differ", None))
    sides = [side.brief if side is not None else ABSENT for side in (difference.a, difference.b)]
    return cells or [ChangeCell(*sides)]
