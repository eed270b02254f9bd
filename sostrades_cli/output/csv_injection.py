"""Protection against CSV injection: cells that a spreadsheet would run as formulas (see OWASP, CSV injection)."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING, Final, Literal

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.number_text import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The last four are full-width forms, which some spreadsheets accept as well.
_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A lone carriage return also ends a row for a spreadsheet. At the end of a chunk a line feed may still follow it.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r?\n|\r(?!\n|\Z))")
# The csv module's limit is 128 kB; a cell with a list may be longer.
_LONGEST_CELL: Final = 2**31 - 1


def safe(cell: str) -> str:
    """Return a cell with an apostrophe in front if a spreadsheet would run it; numbers stay unchanged."""
    return f"'{cell}" if cell.startswith(_BEGINS) and not SHOWN.fullmatch(cell) else cell


def safe_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a CSV file with safe cells; in other cells only the quotes may change."""
    csv.field_size_limit(_LONGEST_CELL)
    for row in _rows(pieces):
        written = io.StringIO(newline="")
        # The csv module does not quote a lone carriage return.
        quoting: Literal[0, 1] = csv.QUOTE_ALL if any("\r" in cell for cell in row) else csv.QUOTE_MINIMAL
        csv.writer(written, lineterminator="\n", quoting=quoting).writerow(map(safe, row))
        yield written.getvalue().encode("utf-8", "surrogateescape")


def _rows(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_lines(pieces), strict=True)
    except csv.Error as error:
        raise UnusableAnswer(
            f"cannot make the answer safe, because it is not valid CSV: {error}",
            hint="run the command without --safe-csv",
        ) from error


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    pending = ""
    for piece in pieces:
        text = pending + decoder.decode(piece)
        end = 0
        for line in _LINE.finditer(text):
            end = line.end()
            yield line.group()
        pending = text[end:]
    pending += decoder.decode(b"", final=True)
    if pending:
        yield pending
