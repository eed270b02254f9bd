"""Read and write rows of CSV files.

There are two readers. The exact reader yields row by row: ``numbered`` for a user's file, ``server_rows`` for a
download. The fast reader yields the columns of many rows at a time: ``user_columns`` and ``server_columns``. It splits
lines without quotes itself, and passes all other lines to the exact reader.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable
from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables.cells import shown_value
from sostrades_cli.operations.tables.csv_reader import QUOTES, BrokenRowError, numbered_rows
from sostrades_cli.operations.tables.file_types import not_utf8, require_text_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    from sostrades_cli.api.models import Json

# The number of characters to read at a time. So many cells still fit into the processor's cache.
_PIECE: Final = 1 << 16
# The `newline` argument of `open`. The server ends lines with a line feed only: a carriage return is part of a cell.
_USER, _SERVER = "", "\n"
_TO_QUOTE: Final = re.compile('[",\n]')
_EMPTY_CELL: Final = '""'
SEPARATOR: Final = "\x1f"
# Replaces a carriage return, which the csv module would treat as the end of a row. It cannot occur in UTF-8.
_RETURN: Final = "\udc0d"


class RaggedRowsError(Exception):
    """A row has more or fewer cells than the header."""


def numbered(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a user's file with the numbers of their last lines, header first. Blank lines are skipped.

    Raises
    ------
    InvalidFile
        The file cannot be read, is not UTF-8 text, or a quote in it is never closed.

    """
    require_text_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline=_USER) as file:
            yield from (row for row in _numbered_rows(file, _USER) if row[1])
    except BrokenRowError as error:
        raise InvalidFile(f"{path}, {error}", hint=QUOTES) from error
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from error
    except OSError as error:
        raise InvalidFile(f"cannot read {path}: {error.strerror}", hint="check its name and permissions") from error


def server_rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a download, header first.

    Raises
    ------
    UnusableAnswer
        The download is not CSV.

    """
    with _unusable_unless_csv(), path.open(encoding="utf-8", newline=_SERVER) as file:
        yield from (row for _, row in _numbered_rows(file, _SERVER) if row)


def shown_rows(path: Path) -> tuple[list[str], list[list[Json]]]:
    """Return the header and the rows of a download, as values for a spreadsheet.

    Raises
    ------
    UnusableAnswer
        The download is not CSV.

    """
    header, *table = list(server_rows(path)) or [[]]
    return header, [list(map(shown_value, row)) for row in table]


def user_columns(path: Path, size: int = _PIECE) -> Iterator[list[Sequence[str]]]:
    """Yield the columns of a user's file, many rows at a time. The first batch is the header.

    ``size`` is the number of characters to read at a time.

    Raises
    ------
    InvalidFile
        The file cannot be read, is not UTF-8 text, or a quote in it is never closed.
    RaggedRowsError
        A row has more or fewer cells than the header.

    """
    require_text_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline=_USER) as file:
            yield from _columns(file, _USER, size)
    except (csv.Error, UnicodeDecodeError, OSError):
        for _ in numbered(path):  # raises the same error with its line
            pass
        raise


def server_columns(path: Path, size: int = _PIECE) -> Iterator[list[Sequence[str]]]:
    """Yield the columns of a download, many rows at a time. The first batch is the header.

    ``size`` is the number of characters to read at a time.

    Raises
    ------
    UnusableAnswer
        The download is not CSV.
    RaggedRowsError
        A row has more or fewer cells than the header.

    """
    with _unusable_unless_csv(), path.open(encoding="utf-8", newline=_SERVER) as file:
        yield from _columns(file, _SERVER, size)


@contextlib.contextmanager
def _unusable_unless_csv() -> Iterator[None]:
    try:
        yield
    except (csv.Error, UnicodeDecodeError) as error:
        raise unusable("a CSV file that cannot be read") from error


def _columns(file: TextIO, newline: str, size: int) -> Iterator[list[Sequence[str]]]:
    header = next((row for _, row in _numbered_rows(file, newline) if row), None)
    if header is None:
        return
    yield [[name] for name in header]
    while piece := file.read(size):
        lines = piece + file.readline()
        columns = _split(lines, newline, len(header))
        if columns is None:
            columns = _transposed(_rows_from(lines, file, newline), len(header))
        if columns:
            yield columns


def _split(lines: str, newline: str, width: int) -> list[Sequence[str]] | None:
    """Split lines into columns. Return ``None`` if only the exact reader can do it."""
    if newline == _USER:
        lines = lines.replace("\r\n", "\n")
    # Quotes, lone carriage returns and blank lines need the exact reader.
    if '"' in lines or "\r" in lines or "\n\n" in lines or lines.startswith("\n"):
        return None
    if not lines.endswith("\n"):
        lines += "\n"
    # All rows are split at once. The line feed stays at the end of the last cell of its row, for the check below.
    cells = lines.replace("\n", "\n,").split(",")
    cells.pop()
    last = "".join(cells[width - 1 :: width])
    count, rest = divmod(len(cells), width)
    # If each line feed is in the last column, all rows have the right number of cells.
    if rest or last.count("\n") != count or lines.count("\n") != count:
        return None
    return [*(cells[number::width] for number in range(width - 1)), last[:-1].split("\n")]


def _rows_from(lines: str, file: TextIO, newline: str) -> list[list[str]]:
    """Return the rows that begin in some lines. The last row may end further down in the file."""
    beginning = io.StringIO(lines, newline=newline).readlines()
    if newline == _USER or "\r" not in lines:
        with contextlib.suppress(csv.Error):  # the lines end within a row, or quotes in them are wrong
            return list(filter(None, csv.reader(beginning, strict=True)))
    rows = []
    for number, row in _numbered_rows(chain(beginning, file), newline):
        rows.append(row)
        if number >= len(beginning):
            break
    return list(filter(None, rows))


def _transposed(rows: Sequence[Sequence[str]], width: int) -> list[Sequence[str]]:
    if set(map(len, rows)) - {width}:
        raise RaggedRowsError
    return list(zip(*rows, strict=True))


def _numbered_rows(lines: Iterable[str], newline: str) -> Iterator[tuple[int, list[str]]]:
    if newline == _USER:
        return numbered_rows(lines)
    return ((number, with_returns(row)) for number, row in numbered_rows(map(without_returns, lines)))


def without_returns(line: str) -> str:
    """Return a line of a download with a placeholder for each carriage return."""
    return line.replace("\r", _RETURN) if "\r" in line else line


def with_returns(row: list[str]) -> list[str]:
    """Return a row with its carriage returns."""
    return [cell.replace(_RETURN, "\r") for cell in row] if _RETURN in SEPARATOR.join(row) else row


def lines(columns: Sequence[Sequence[str]]) -> str:
    """Return the CSV text of some columns, as the server writes it."""
    return csv_lines(list(map(csv_quoted, columns)))


def csv_lines(columns: Sequence[Sequence[str]]) -> str:
    """Return the CSV text of some columns, whose cells are already quoted."""
    if len(columns) == 1:
        # The server skips blank lines, so an empty cell needs quotes.
        return "".join([(cell or _EMPTY_CELL) + "\n" for cell in columns[0]])
    return "\n".join([*map(",".join, zip(*columns, strict=True)), ""])


def csv_quoted(column: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column, quoted where necessary."""
    # Searching the joined cells is faster than searching each cell, and most columns need no quotes.
    joined = SEPARATOR.join(column)
    if '"' in joined:
        return ['"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell for cell in column]
    if "," in joined or "\n" in joined:
        return [f'"{cell}"' if "," in cell or "\n" in cell else cell for cell in column]
    return column
