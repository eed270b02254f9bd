"""Tables as sheets of Excel workbooks."""

from __future__ import annotations

import datetime as dt
import math
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import WriteFailed
from sostrades_cli.files.atomic import atomic
from sostrades_cli.optional_deps import require
from sostrades_cli.output.text import TextCell, counted, encodable, file_note, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.results import Rows

# The numbers of a spreadsheet are doubles.
EXACT_IN_A_DOUBLE: Final = 2**53
# Limits of the format.
MOST_ROWS: Final = 2**20
MOST_COLUMNS: Final = 2**14
LONGEST_TEXT: Final = 32_767
SHEET: Final = "Sheet1"
# The same for every file, so that the same tables give the same file.
CREATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LONGEST_SHEET_NAME: Final = 31
_DIGITS: Final = 8
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Excel keeps this name for itself.
_RESERVED: Final = "history"
INSTEAD: Final = "write a .csv file"


class Sheet(NamedTuple):
    """A table for a sheet; ``sheet_names`` gives valid names."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


class ExactFloat(float):
    """A float that is always printed with all of its digits; xlsxwriter would round to 16."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        """Return the shortest text that is read back exactly."""
        return repr(float(self))


def check_xlsx() -> None:
    """Check before any work that workbooks can be written.

    Raises
    ------
    ExtraMissing
        The library is not installed.

    """
    require("xlsxwriter", extra="excel", purpose="an Excel file")


def sheet_names(names: Sequence[str]) -> list[str]:
    """Return a distinct name for each sheet. A name that Excel does not accept ends with digits of its hash."""
    distinct: list[str] = []
    for name in names:
        valid = name if name == _valid(name) else _with_hash(name)
        # Excel ignores case.
        taken = {other.casefold() for other in distinct}
        distinct.append(valid if valid.casefold() not in taken else _with_hash(name))
    return distinct


def _valid(name: str) -> str:
    shown = _cut(_NOT_IN_A_NAME.sub("_", encodable(name)), LONGEST_SHEET_NAME).strip("'")
    return f"{shown}_" if not shown or shown.casefold() == _RESERVED else shown


def _with_hash(name: str) -> str:
    digits = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{_cut(_valid(name), LONGEST_SHEET_NAME - _DIGITS - 1)}-{digits}"


def _cut(text: str, units: int) -> str:
    """Return the beginning of a text. Excel counts UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def write_xlsx(result: Rows, file: Path, notes: Messages) -> None:
    """Write rows into a workbook with a single sheet."""
    inform_of_workbook(file, write_workbook([Sheet(SHEET, result.columns, result.rows)], file), notes)


def inform_of_workbook(file: Path, large: int, notes: Messages) -> None:
    """Say that a workbook was written, and that it has ``large`` integers as texts."""
    notes.inform(file_note(file))
    if large:
        are = "is" if large == 1 else "are"
        notes.inform(f"{counted(large, 'integer')} beyond 2^53 {are} text, because a spreadsheet would round numbers")


def write_workbook(sheets: Iterable[Sheet], file: Path, *, named: bool = True) -> int:
    """Write sheets under their names, and return how many integers a spreadsheet would round, so that they are texts.

    Numbers and booleans keep their types; everything else is text, never a formula or a link. ``named`` says that the
    user named the file.

    Raises
    ------
    WriteFailed
        A table or a text is too large for the format.

    """
    from xlsxwriter import Workbook

    large = 0
    with atomic(file, named=named) as target:
        workbook = Workbook(target, {"in_memory": True, "use_zip64": True})
        workbook.set_properties({"created": CREATED})
        bold = workbook.add_format({"bold": True})
        for name, header, rows in sheets:
            if len(rows) >= MOST_ROWS or len(header) > MOST_COLUMNS:
                size = f"{counted(len(rows), 'row')} and {counted(len(header), 'column')}"
                raise WriteFailed(f"cannot write {file}: {name} has {size}, too many for a sheet", hint=INSTEAD)
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(header):
                _write_text(sheet, 0, column, title, file, bold)
            for line, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    value = cell.value if isinstance(cell, TextCell) else cell
                    large += _is_large(value)
                    _write_cell(sheet, line, column, value, file)
        workbook.close()
    return large


def _is_large(value: object) -> bool:
    """Return whether a spreadsheet may round an integer."""
    return type(value) is int and abs(value) >= EXACT_IN_A_DOUBLE


def _write_cell(sheet: Worksheet, line: int, column: int, value: object, file: Path) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, int) and not _is_large(value):
        sheet.write_number(line, column, value)
    elif isinstance(value, float) and math.isfinite(value):
        sheet.write_number(line, column, ExactFloat(value))
    elif value is not None:
        _write_text(sheet, line, column, plain(value), file)


def _write_text(sheet: Worksheet, line: int, column: int, text: str, file: Path, style: Format | None = None) -> None:
    text = encodable(text)
    if _cut(text, LONGEST_TEXT) != text:
        raise WriteFailed(f"cannot write {file}: a text of {len(text)} characters is too long for a cell", hint=INSTEAD)
    sheet.write_string(line, column, text, style)
