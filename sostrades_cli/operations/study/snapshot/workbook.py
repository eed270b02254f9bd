"""Write the Excel file of an export: a sheet that lists the parameters with their values, and a sheet per table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.tables.rows import shown_rows
from sostrades_cli.output.xlsx import Sheet, sheet_names, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

CONTENTS: Final = "parameters"
COLUMNS: Final = ("parameter", "kind", "type", "unit", "value", "sheet")


def write_snapshot(snapshot: Snapshot, file: Path) -> None:
    """Write the parameters of a snapshot into a workbook.

    Raises
    ------
    WriteFailed
        A table or a value is too large for the format.

    """
    entries = snapshot.items.values()
    tables = [(item.key, item.table.path) for item in entries if item.table is not None]
    names = sheet_names([CONTENTS, *(key for key, _ in tables)])[1:]
    sheets = {key: name for (key, _), name in zip(tables, names, strict=True)}
    contents = Sheet(CONTENTS, COLUMNS, [_row(item, sheets.get(item.key)) for item in entries])
    pages = (Sheet(name, *shown_rows(path)) for (_, path), name in zip(tables, names, strict=True))
    write_workbook((sheet for group in ([contents], pages) for sheet in group), file, named=False)


def _row(item: SnapshotEntry, sheet: str | None) -> tuple[object, ...]:
    kind = "output" if item.output else "solver setting" if item.solver else "input"
    return item.key, kind, item.type, item.unit, item.plain if sheet is None else None, sheet
