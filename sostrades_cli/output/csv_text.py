"""Results as CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

from sostrades_cli.output import text

if TYPE_CHECKING:
    from sostrades_cli.output.results import Rows


def write_csv(result: Rows, target: TextIO) -> None:
    """Write cells exactly."""
    # Control characters are escaped only on a terminal, which would interpret them.
    cell_text = text.visible if target.isatty() else str
    minimal = csv.writer(target, lineterminator="\n")
    quoting = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in (result.columns, *result.rows):
        cells = [cell_text(text.plain(cell)) for cell in row]
        # The csv module does not quote a lone carriage return, which ends a row for other readers.
        (quoting if any("\r" in cell for cell in cells) else minimal).writerow(cells)
