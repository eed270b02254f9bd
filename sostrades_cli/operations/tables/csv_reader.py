"""Read CSV rows. A cell may have any length, because a nested value can have megabytes."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables import cells
from sostrades_cli.output.text import counted, first_lines, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Rows that an error shows.
MOST_SHOWN: Final = 10
# A header below a title is not further down.
TITLE_LINES: Final = 5
LONGEST_CELL: Final = 2**31 - 1
QUOTES: Final = 'a quoted cell ends with a quote before the comma; a quote within it is written twice: "say ""hi"""'

_CONTROLS: Final = {"\0": "a NUL byte", "\x1a": "a Ctrl-Z"}
_CONTROL: Final = re.compile("[\0\x1a]")


class BrokenRowError(csv.Error):
    """A row with wrong quotes. ``line`` is its first line, counted from 1."""

    def __init__(self, line: int, subject: str) -> None:
        super().__init__(f"line {line}: {subject}")
        self.line = line


def numbered_rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its last line, counted from 1. A blank line is an empty row.

    Raises
    ------
    BrokenRowError
        A quote is never closed, or text follows a closing quote.

    """
    # The default limit is 128 KiB, and a cell may hold a long array.
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    first_line = 1
    try:
        for row in reader:
            yield reader.line_num, row
            first_line = reader.line_num + 1
    except csv.Error as error:
        raise BrokenRowError(first_line, _reason(error, first_line, reader.line_num)) from error


def _reason(error: csv.Error, first_line: int, last_line: int) -> str:
    # The csv module has a single class for all errors. Only their texts differ.
    if "end of data" in str(error):
        return "a quote in this row is never closed"
    if "expected after" in str(error):
        where = "" if last_line == first_line else f", in line {last_line}"
        return f"text follows the closing quote of a cell{where}"
    return str(error)


def ragged(called: str, wrong: Iterable[tuple[int, Sequence[str]]], header: Sequence[str]) -> InvalidFile:
    """Return the error for rows with more or fewer cells than the header, given with their lines."""
    (line, row), *others = wrong
    hint = _extra_line_hint(line, row, header) or _ragged_hint(row, header)
    if not others:
        return InvalidFile(
            f"{called}, line {line}: {counted(len(row), 'cell')}, the header has {len(header)}", hint=hint
        )
    lines = [f"line {line}: {counted(len(row), 'cell')}" for line, row in [(line, row), *others]]
    return InvalidFile(
        f"{called} has {len(lines)} rows with more or fewer cells than the header, which has {len(header)}",
        detail=first_lines(lines, MOST_SHOWN),
        hint=hint,
    )


def _extra_line_hint(line: int, row: Sequence[str], header: Sequence[str]) -> str:
    """Return what to do with a title above the header, or with a note below the table."""
    if "#" in {row[0].lstrip()[:1], header[0].lstrip()[:1]}:
        return ""
    is_names = len(row) > 1 and not any(map(number_text.is_number, map(str.strip, row)))
    if len(header) == 1 and is_names and line <= TITLE_LINES:
        return f"if {shortened(header[0])!r} is a title, remove it: the header must be the first line"
    if len(row) == 1 and len(header) > 1 and not number_text.is_number(row[0].strip()):
        return f"if line {line} is a note, remove it"
    return ""


def _ragged_hint(row: Sequence[str], header: Sequence[str]) -> str:
    if "#" in {row[0].lstrip()[:1], header[0].lstrip()[:1]}:
        return "remove the lines that begin with #, because the server does not skip comments"
    if len(row) == len(header) + 1 and not row[-1].strip():
        return "remove the comma at the end of the line"
    # The header ends with a comma, but the rows do not.
    if len(row) == len(header) - 1 and not header[-1].strip():
        return "remove the empty column from the header"
    readings = cells.readings(",".join(row), cells.NUMERIC) if len(header) == 1 else []
    return f"write {' or '.join(readings)}" if readings else 'quote cells with a comma: "a,b"; write 1.5, not 1,5'


def is_blank(row: Sequence[str]) -> bool:
    """Return whether a row is blank. Spreadsheets write rows of commas below a table."""
    return not any(cell.strip() for cell in row)


def validate_control_characters(cell: str, where: str) -> None:
    """Refuse a NUL or a Ctrl-Z, which old editors write at the end of a file. Readers of CSV treat them differently.

    Raises
    ------
    InvalidFile
        The cell contains one.

    """
    if match := _CONTROL.search(cell):
        raise InvalidFile(
            f"{where}: the cell contains {_CONTROLS[match.group()]}", hint="save the file as CSV text in UTF-8"
        )
