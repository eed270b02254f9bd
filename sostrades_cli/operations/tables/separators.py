"""Refuse CSV files by their beginning: separators other than commas, or not a table at all."""

from __future__ import annotations

import contextlib
import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables.file_types import require_text_file

if TYPE_CHECKING:
    from pathlib import Path

_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
# A spreadsheet saves its own separators, which follow from the settings of the system.
_COMMAS: Final = "save it as a workbook (.xlsx), or with commas, and numbers with a point"
# The number of characters to examine. Few headers are longer, and the beginning of such a header is enough.
_LONGEST: Final = 1 << 16
_PAGES: Final = ("<!doctype", "<html", "<?xml")
_POINTER: Final = "version https://git-lfs.github.com/spec/"


def validate_file_start(path: Path, called: str) -> None:
    """Refuse a file by its beginning. If the file cannot be read, the reader of its rows raises the error.

    Raises
    ------
    InvalidFile
        The file is not text, is a web page or a git-lfs pointer, or the separator is not a comma.

    """
    require_text_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read(_LONGEST)
    except (OSError, UnicodeDecodeError):
        return
    validate_text_start(text, called)


def validate_text_start(text: str, called: str) -> None:
    """Refuse the text of a CSV file by its beginning.

    Raises
    ------
    InvalidFile
        The separator is not a comma, or the text is a web page or a git-lfs pointer.

    """
    beginning = text[:_LONGEST].lstrip()
    if beginning.startswith(_POINTER):
        raise InvalidFile(f"{called} is a git-lfs pointer, not the file itself", hint="git lfs pull")
    if beginning.lower().startswith(_PAGES):
        raise InvalidFile(f"{called} is a web page, not a table", hint="download the file itself. It may need a login")
    rows = _first_rows(beginning, ",")
    header = rows[0] if rows else []
    if header and header[0].lower() == "sep=":
        raise InvalidFile(f"{called} begins with the line 'sep=' for Excel", hint="remove the first line")
    # If commas separate several columns, the separator is right.
    if len(header) > 1:
        return
    # Only the header counts: texts in cells may contain any separator.
    for separator, name in _SEPARATORS.items():
        if any(len(row) > 1 for row in _first_rows(beginning, separator)[:1]):
            raise InvalidFile(f"{called} is separated by {name}, not by commas", hint=_COMMAS)
    if len(rows) > 1 and _is_aligned(*rows):
        raise InvalidFile(f"{called} is separated by blanks, not by commas", hint=_COMMAS)


def _first_rows(text: str, separator: str) -> list[list[str]]:
    """Return the header and the first row, as far as they can be read with a separator."""
    reader = filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(islice(reader, 2))
    return rows


def _is_aligned(header: list[str], row: list[str]) -> bool:
    """Return whether blanks separate both names and numbers, as in files of Fortran programs and data loggers."""
    numbers = row[0].split()
    aligned = len(header) == len(row) == 1 and 1 < len(numbers) == len(header[0].split())
    return aligned and all(map(number_text.is_number, numbers))
