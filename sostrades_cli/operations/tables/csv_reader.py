"""Reads CSV rows with cells of any length; a nested value can have megabytes."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables import cells
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_CELL: Final = 2**31 - 1
QUOTES: Final = 'a quoted cell ends with a quote before the comma; a quote within it is written twice: "say ""hi"""'

_CONTROLS: Final = {"\0": "a NUL byte", "\x1a": "a Ctrl-Z"}
_CONTROL: Final = re.compile("[\0\x1a]")


class BrokenRowError(csv.Error):
    """A row with wrong quotes; ``line`` is its first line, from 1."""

    def __init__(self, line: int, subject: str) -> None:
        super().__init__(f"line {line}: {subject}")
        self.line = line


def numbered_rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its last line, from 1; a blank line is an empty row.

    Raises
    ------
    BrokenRowError
        A quote is never closed, or text follows a closing quote.

    """
    # The default limit is 128 KiB, and a cell may hold a long array.
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    began = 1
    try:
        for row in reader:
            yield reader.line_num, row
            began = reader.line_num + 1
    except csv.Error as error:
        raise BrokenRowError(began, _reason(error, began, reader.line_num)) from error


def _reason(error: csv.Error, began: int, ended: int) -> str:
    # The csv module has one class for all errors; only the texts differ.
    if "end of data" in str(error):
        return "a quote in this row is never closed"
    if "expected after" in str(error):
        where = "" if ended == began else f", in line {ended}"
        return f"text follows the closing quote of a cell{where}"
    return str(error)


def ragged(called: str, line: int, row: Sequence[str], header: Sequence[str]) -> InvalidFile:
    """Return the error for a row with more or fewer cells than the header."""
    return InvalidFile(
        f"{called}, line {line}: {counted(len(row), 'cell')}, the header has {len(header)}",
        hint=_way_out(row, header),
    )


def _way_out(row: Sequence[str], header: Sequence[str]) -> str:
    if "#" in {row[0].lstrip()[:1], header[0].lstrip()[:1]}:
        return "remove the lines that begin with #, because the server does not skip comments"
    if len(row) == len(header) + 1 and not row[-1].strip():
        return "remove the comma at the end of the line"
    # The header has a comma at its end, which the rows lack.
    if len(row) == len(header) - 1 and not header[-1].strip():
        return "remove the empty column from the header"
    readings = cells.readings(",".join(row), cells.NUMERIC) if len(header) == 1 else []
    return f"write {' or '.join(readings)}" if readings else 'quote cells with a comma: "a,b"; write 1.5, not 1,5'


def is_blank(row: list[str]) -> bool:
    """Return whether a row is blank; spreadsheets write rows of commas below a table."""
    return not any(cell.strip() for cell in row)


def validate_control_characters(cell: str, where: str) -> None:
    """Refuse a NUL or a Ctrl-Z, with which old editors end files; readers differ on them.

    Raises
    ------
    InvalidFile
        The cell contains one.

    """
    if found := _CONTROL.search(cell):
        raise InvalidFile(
            f"{where}: the cell contains {_CONTROLS[found.group()]}", hint="save the file as CSV text in UTF-8"
        )
