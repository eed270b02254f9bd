"""The places of cells in errors, as the user's program shows them: cells of a sheet, and lines of a text file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.operations.tables import rows
from sostrades_cli.operations.tables.file_types import is_workbook
from sostrades_cli.operations.tables.sheet_layout import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


class Places(NamedTuple):
    """The words for places in a file. Lines count from 1 and columns from 0."""

    is_sheet: bool

    def cell(self, line: int, column: int) -> str:
        """Return the place of a cell: ``cell B2`` of a sheet, else ``line 2``."""
        return f"cell {reference(line - 1, column)}" if self.is_sheet else f"line {line}"

    def row(self, line: int) -> str:
        """Return the place of a row: ``row 2`` of a sheet, else ``line 2``."""
        return f"row {line}" if self.is_sheet else f"line {line}"

    def numbered(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows of a file with their lines, and those of the copy of a sheet with their rows in the sheet."""
        breaks = 0
        for line, row in rows.numbered(path):
            if self.is_sheet:
                # A cell of several lines moves the lines of the copy, whose number is that of the last line of a row.
                breaks += sum(len(_LINE_BREAK.findall(cell)) for cell in row)
            yield line - breaks, row


def places_of(called: str | Path) -> Places:
    """Return the words for the file that errors name like this. Only a sheet is called ``FILE.xlsx``."""
    return Places(is_workbook(Path(called)))
