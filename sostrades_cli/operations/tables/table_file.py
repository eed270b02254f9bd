"""Tables in a user's file of any format: CSV, Excel or parquet. CSV is checked here by its beginning."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables import cells, rows, separators
from sostrades_cli.operations.tables.file_types import is_workbook, split_sheet
from sostrades_cli.operations.tables.workbook import read_sheet
from sostrades_cli.optional_deps import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Texts of these categories would be read as numbers or booleans, which a text cell is not.
_MISREAD: Final = frozenset({cells.INT, cells.FLOAT, cells.ZEROS, cells.BOOL})
# Larger floats are printed with an exponent, as Python does.
_EXACT_IN_A_DOUBLE: Final = 2**53


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


def as_csv(named: Path, new_path: Callable[[], Path]) -> Path:
    """Write a sheet as a CSV file for an upload. A text that looks like a number is put in quotes, so it stays a text.

    The line of a row is its number in the sheet, unless cells above it have several lines.

    Raises
    ------
    InvalidFile, ExtraMissing
        As ``numbered``.

    """
    path = new_path()
    with path.open("w", encoding="utf-8", newline="") as file:
        minimal = csv.writer(file, lineterminator="\n")
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        before = 0
        for number, row in _sheet(named):
            written = [_quoted(cell) for cell in row]
            file.write("\n" * (number - before - 1))
            # The csv module does not quote a lone carriage return, which ends a row for other readers.
            (quoting if any("\r" in cell for cell in written) else minimal).writerow(written)
            before = number
    return path


def _numbered_sheet(named: Path) -> Iterator[tuple[int, list[str]]]:
    for number, row in _sheet(named):
        yield number, [_text(cell) for cell in row]


def _sheet(named: Path) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of a sheet without the blank ones above and below the table and the blank columns beside it."""
    table = list(enumerate(read_sheet(*split_sheet(named)), 1))
    used = [number for number, row in table if not _is_blank(row)]
    width = max((column for _, row in table for column, cell in enumerate(row, 1) if _text(cell).strip()), default=0)
    for number, row in table:
        if used and used[0] <= number <= used[-1]:
            yield number, row[:width]


def _is_blank(row: list[Any]) -> bool:
    return not any(_text(cell).strip() for cell in row)


def _numbered_parquet(path: Path) -> Iterator[tuple[int, list[str]]]:
    require("pyarrow", extra="parquet", purpose="a parquet file")
    import pyarrow.parquet  # noqa: PLC0415 - start-up: for this format only

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


def _quoted(cell: Any) -> str:  # noqa: ANN401 - of any type of a spreadsheet
    if isinstance(cell, str):
        return repr(cell) if cells.category(cell) in _MISREAD else cell
    return _text(cell)


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
