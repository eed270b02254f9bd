"""Cells that no spreadsheet takes for a formula, as OWASP's page on CSV injection describes them."""

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

# The last four are the same signs in full width, which some spreadsheets take for them.
_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A carriage return alone ends a row for a spreadsheet, too; at the end of a piece a line feed may follow it.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r?\n|\r(?!\n|\Z))")
# The csv module's own limit is 128 kB; a cell of a list may be longer.
_LONGEST_CELL: Final = 2**31 - 1


def safe(cell: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would compute; numbers stay."""
    return f"'{cell}" if cell.startswith(_BEGINS) and not SHOWN.fullmatch(cell) else cell


def safe_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a CSV file with safe cells; a file that has none to change stays as it was, but for its quotes."""
    csv.field_size_limit(_LONGEST_CELL)
    for row in _rows(pieces):
        written = io.StringIO(newline="")
        # Left to itself the module would write a lone carriage return without quotes.
        quoting: Literal[0, 1] = csv.QUOTE_ALL if any("\r" in cell for cell in row) else csv.QUOTE_MINIMAL
        csv.writer(written, lineterminator="\n", quoting=quoting).writerow(map(safe, row))
        yield written.getvalue().encode("utf-8", "surrogateescape")


def _rows(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_lines(pieces), strict=True)
    except csv.Error as error:
        raise UnusableAnswer(f"it is no CSV that could be made safe: {error}", hint="leave --safe-csv away") from error


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    held = ""
    for piece in pieces:
        text = held + decoder.decode(piece)
        end = 0
        for line in _LINE.finditer(text):
            end = line.end()
            yield line.group()
        held = text[end:]
    held += decoder.decode(b"", final=True)
    if held:
        yield held
