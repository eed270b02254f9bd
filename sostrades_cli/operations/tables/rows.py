"""Rows of CSV files: those of users and those of the server, in batches, and written as the server writes them."""

from __future__ import annotations

import contextlib
import csv
import gc
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable
from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables.csv_reader import LONGEST_CELL, QUOTES, BrokenRowError, numbered_rows
from sostrades_cli.operations.tables.file_types import not_utf8, require_text_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

# Cells of a batch: enough to be fast, few enough for a small memory.
_BATCH_CELLS: Final = 1 << 16
_TO_QUOTE: Final = re.compile('[",\n]')
_EMPTY_CELL: Final = '""'
SEPARATOR: Final = "\x1f"
# Stands for a carriage return, which csv would take for the end of a row; no UTF-8 text holds it.
_RETURN: Final = "\udc0d"


def numbered(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a user's file with the numbers of their last lines, header first; blank lines are no rows.

    Raises
    ------
    InvalidFile
        It cannot be read, is not UTF-8 or no text at all, or a quote in it is never closed.

    """
    require_text_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from (row for row in numbered_rows(file) if row[1])
    except BrokenRowError as error:
        raise InvalidFile(f"{path}, {error}", hint=QUOTES) from error
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from error
    except OSError as error:
        raise InvalidFile(
            f"{path} cannot be read: {error.strerror}", hint="look at its name and permissions"
        ) from error


def user_batches(path: Path) -> Iterator[list[list[str]]]:
    """Yield the rows of a user's file in batches, the header alone in the first.

    Raises
    ------
    InvalidFile
        As by ``numbered``.

    """
    require_text_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _batches(file)
    except (csv.Error, UnicodeDecodeError, OSError):
        for _ in numbered(path):  # says which line it is
            pass
        raise


def server_batches(path: Path) -> Iterator[list[list[str]]]:
    """Yield the rows of a download in batches, the header alone in the first.

    Raises
    ------
    UnusableAnswer
        It cannot be read.

    """
    try:
        # The server's lines end with a line feed only: a carriage return is part of a cell.
        with path.open(encoding="utf-8", newline="\n") as file:
            for batch in _batches(map(without_returns, file)):
                yield list(map(with_returns, batch))
    except (csv.Error, UnicodeDecodeError) as error:
        raise unusable("a CSV file that cannot be read") from error


def server_rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a download, header first."""
    for batch in server_batches(path):
        yield from batch


def _batches(lines: Iterable[str] | TextIO) -> Iterator[list[list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    rows = filter(None, reader)
    header = next(rows, None)
    if header is None:
        return
    yield [header]
    size = max(1, _BATCH_CELLS // len(header))
    while batch := list(islice(rows, size)):
        yield batch


def without_returns(line: str) -> str:
    """Return a line of the server's with something else in place of carriage returns."""
    return line.replace("\r", _RETURN) if "\r" in line else line


def with_returns(row: list[str]) -> list[str]:
    """Return a row with its carriage returns."""
    return [cell.replace(_RETURN, "\r") for cell in row] if _RETURN in SEPARATOR.join(row) else row


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """Pause the search for cycles of objects: rows of cells have none, and the search takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def lines(columns: Sequence[Sequence[str]]) -> str:
    """Return rows as the server writes them, given by columns."""
    return quoted_lines(list(map(quoted, columns)))


def quoted_lines(columns: Sequence[Sequence[str]]) -> str:
    """Return rows of cells that are quoted already, given by columns."""
    if len(columns) == 1:
        # A blank line would be no row.
        return "".join([(cell or _EMPTY_CELL) + "\n" for cell in columns[0]])
    return "".join([f"{line}\n" for line in map(",".join, zip(*columns, strict=True))])


def quoted(column: Sequence[str]) -> Sequence[str]:
    """Return cells with quotes where they need them."""
    if not _TO_QUOTE.search(SEPARATOR.join(column)):
        return column
    return ['"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell for cell in column]
