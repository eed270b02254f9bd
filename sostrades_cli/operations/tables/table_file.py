"""Read tables from a user's file of any format: CSV, Excel or parquet."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables import cells, rows, separators
from sostrades_cli.operations.tables.file_types import is_workbook, split_sheet
from sostrades_cli.operations.tables.sheet_layout import check_sheet
from sostrades_cli.operations.tables.workbook import read_sheet
from sostrades_cli.optional_deps import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Without quotes, texts of these categories would be read as numbers or booleans.
_MISREAD: Final = frozenset({cells.INT, cells.FLOAT, cells.ZEROS, cells.BOOL})
# A larger float may not be the number that the user typed, so it is written as a float.
_EXACT_IN_A_DOUBLE: Final = 2**53
_INTEGER: Final = re.compile(r"-?[1-9][0-9]{15,99}")


def numbered(named: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table as texts with their numbers, header first.

    Raises
    ------
    InvalidFile
        The file cannot be read, or is not a table.
    ExtraMissing
        The library for the format is not installed.

    """
    if is_workbook(named):
        yield from _numbered_sheet(named)
    elif named.suffix.lower() == ".parquet":
        yield from _numbered_parquet(named)
    else:
        separators.validate_file_start(named, str(named))
        yield from rows.numbered(named)


def as_csv(named: Path, new_path: Callable[[], Path], key: str = "") -> Path:
    """Write a sheet as a CSV file for an upload. A text that looks like a number is put in quotes, so it stays a text.

    The line of a row is its number in the sheet, unless cells above it have several lines. ``key`` is the parameter
    that takes the table, for a hint.

    Raises
    ------
    InvalidFile
        The file cannot be read, or is not a workbook.
    ExtraMissing
        The library for workbooks is not installed.

    """
    path = new_path()
    with path.open("w", encoding="utf-8", newline="") as file:
        minimal = csv.writer(file, lineterminator="\n")
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        before = 0
        for number, row in _sheet(named, key, is_table=True):
            written = [_text_literal(cell) for cell in row]
            file.write("\n" * (number - before - 1))
            # The csv module does not quote a lone carriage return, although other readers end a row there.
            (quoting if any("\r" in cell for cell in written) else minimal).writerow(written)
            before = number
    return path


def _numbered_sheet(named: Path) -> Iterator[tuple[int, list[str]]]:
    for number, row in _sheet(named):
        yield number, [_text(cell) for cell in row]


def _sheet(named: Path, key: str = "", *, is_table: bool = False) -> Iterator[tuple[int, list[Any]]]:
    """Yield the numbered rows of a sheet, without blank rows around the table and blank columns behind it."""
    path, name = split_sheet(named)
    sheet = read_sheet(path, name, key)
    check_sheet(sheet.rows, f"{path}#{sheet.name}", is_table=is_table)
    table = list(enumerate(sheet.rows, 1))
    used = [number for number, row in table if not _is_blank(row)]
    width = max((column for _, row in table for column, cell in enumerate(row, 1) if _text(cell).strip()), default=0)
    for number, row in table:
        if used and used[0] <= number <= used[-1]:
            yield number, row[:width]


def _is_blank(row: list[Any]) -> bool:
    return not any(_text(cell).strip() for cell in row)


def _numbered_parquet(path: Path) -> Iterator[tuple[int, list[str]]]:
    require("pyarrow", extra="parquet", purpose="a parquet file")
    import pyarrow.parquet

    try:
        with path.open("rb") as file:
            table = pyarrow.parquet.read_table(file)
    except OSError as error:
        raise InvalidFile(f"cannot read {path}: {error.strerror}", hint="check its name and permissions") from error
    except pyarrow.ArrowInvalid as error:
        raise InvalidFile(f"{path} is not a parquet file", hint="check the name of the file") from error
    yield 1, list(table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    for number, row in enumerate(zip(*columns, strict=True), 2):
        yield number, [_text(cell) for cell in row]


def _text_literal(cell: Any) -> str:  # noqa: ANN401 - of any type of a spreadsheet
    if isinstance(cell, str):
        return repr(cell) if cells.category(cell) in _MISREAD and not _is_large_integer(cell) else cell
    return _text(cell)


def _is_large_integer(cell: str) -> bool:
    """Return whether a text is an integer that a spreadsheet would round, so that only a text can hold it.

    As in CSV, the column decides then whether it is a number or a text.
    """
    return _INTEGER.fullmatch(cell) is not None and abs(int(cell)) >= _EXACT_IN_A_DOUBLE


def _text(cell: Any) -> str:  # noqa: ANN401 - of any type of a spreadsheet or a parquet file
    """Return a cell as it is written in CSV. Dates and times are ISO texts."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, float):
        # A spreadsheet has no integers, only floats without a fraction.
        whole = cell.is_integer() and abs(cell) < _EXACT_IN_A_DOUBLE and str(cell) != "-0.0"
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell)
