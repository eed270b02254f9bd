"""Reading CSV rows with cells of any length: a nested value can be megabytes of one cell."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_CELL: Final = 2**31 - 1


def numbered_rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its last line, from 1; a blank line is an empty row."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines)
    for row in reader:
        yield reader.line_num, row
