"""The differences of two studies in a table on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import ChangeCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.study.snapshot.diff import Difference

FIRST_PARTS: Final = 5
ABSENT: Final = "absent"


def difference_table(differences: Sequence[Difference], head: str) -> Rows:
    """Return the table for a terminal: a row per parameter, and further rows for its other parts."""
    rows: list[tuple[str | None, str | None, ChangeCell]] = []
    for difference in differences:
        first, *others = _changes(difference)
        rows += [(difference.key, difference.type, first), *((None, None, cell) for cell in others)]
    return Rows(("parameter", "type", head), rows) if rows else Rows((), ())


def _changes(difference: Difference) -> list[ChangeCell]:
    """Return the first cells ``old → new`` of a difference: one for the value, or one for each part or cell."""
    table, parts = difference.table, [part for part in difference.parts if part.where]
    cells: list[ChangeCell] = []
    if table is not None:
        cells += [ChangeCell(words, None) for words in table.layout]
        cells += [ChangeCell(cell.a, cell.b, f"row {cell.row}, {cell.column}: ") for cell in table.first]
        more = table.cells - len(table.first)
    else:
        cells += [ChangeCell(part.a, part.b, f"{part.where}: ") for part in parts[:FIRST_PARTS]]
        more = len(parts) - FIRST_PARTS
    if more > 0:
        cells.append(ChangeCell(f"… {more} more differ", None))
    sides = [side.brief if side is not None else ABSENT for side in (difference.a, difference.b)]
    return cells or [ChangeCell(*sides)]
