"""The rows of a table of cases: which of its columns name a case, and which hold values of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.csv_reader import is_blank, refuse_control
from sostrades_cli.operations.tables import rows
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAME: Final = "case"
RESERVED: Final = ("status", "cause")
LAYOUT: Final = "a header line with the names of parameters, then a row for each case; a column `case` names them"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A row: its last line in the file, the name of the case, and the cells of the parameters."""

    line: int
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The columns of parameters, as they are written, and a row for each case."""

    columns: tuple[str, ...]
    rows: tuple[CaseRow, ...]


def read_rows(path: Path) -> CaseRows:
    """Read the rows of a table of cases; rows without anything in them are skipped.

    Raises
    ------
    UsageError
        The file has no such layout.

    """
    numbered = rows.numbered(path)
    header = [name.strip() for name in next(numbered, (0, []))[1]]
    columns = _columns(header, path)
    found = tuple(_cases(numbered, header, path))
    names = [row.name for row in found]
    if not names:
        raise UsageError(f"{path} has no cases", hint=LAYOUT)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path}: two cases are called {twice}", hint="give each its own name, or drop the column")
    return CaseRows(columns, found)


def _columns(header: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the columns of parameters."""
    columns = tuple(name for name in header if name != NAME)
    if not columns or not all(header) or len(set(header)) != len(header):
        raise UsageError(f"{path} is no table of cases: its first line is {','.join(header)[:80]!r}", hint=LAYOUT)
    reserved = next((name for name in columns if name in RESERVED), None)
    if reserved:
        raise UsageError(f"{path}: a column {reserved!r} would hide that of the results", hint="give more of its name")
    return columns


def _cases(numbered: Iterator[tuple[int, list[str]]], header: Sequence[str], path: Path) -> Iterator[CaseRow]:
    count = 0
    for line, row in numbered:
        if is_blank(row):
            continue
        if len(row) != len(header):
            raise UsageError(
                f"{path}, line {line}: {counted(len(row), 'cell')}, the header has {len(header)}", hint=LAYOUT
            )
        refuse_control("".join(row), f"{path}, line {line}")
        cells = dict(zip(header, row, strict=True))
        count += 1
        name = cells.pop(NAME, "").strip() or str(count)
        yield CaseRow(line, name, tuple(cells.values()))
