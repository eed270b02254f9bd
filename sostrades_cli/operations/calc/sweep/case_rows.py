"""The rows of a table of cases: which of its columns name a case, and which hold values of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.tables import rows, separators
from sostrades_cli.operations.tables.csv_reader import is_blank, ragged, validate_control_characters
from sostrades_cli.safe_parsers import LONGEST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAME: Final = "case"
# The columns of the tables that the samplers of SoSTrades make.
SAMPLER_NAME: Final = "scenario_name"
SELECTED: Final = "selected_scenario"
NAMES: Final = frozenset({NAME, SAMPLER_NAME})
RESERVED: Final = ("status", "cause")
LAYOUT: Final = (
    "a header line with the names of parameters, then a row for each case; "
    "a column `case` or `scenario_name` names the cases"
)


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
    """Read the rows of a table of cases; rows without anything in them, and unselected scenarios, are skipped.

    Raises
    ------
    UsageError
        The file has no such layout.

    """
    separators.validate_file_start(path, str(path))
    numbered = rows.numbered(path)
    header = [name.strip() for name in next(numbered, (0, []))[1]]
    columns = _columns(header, path)
    found = tuple(_cases(numbered, header, path))
    names = [row.name for row in found]
    if not names:
        raise UsageError(f"{path} has no cases, or none is selected", hint=LAYOUT)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path}: two cases are called {twice}", hint="give each its own name, or drop the column")
    return CaseRows(columns, found)


def _columns(header: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the columns of parameters."""
    columns = tuple(name for name in header if name not in NAMES | {SELECTED})
    if columns and "" in header:
        where = f"{path}: column {header.index('') + 1} of the cases has no name"
        raise UsageError(where, hint="drop the empty column, or name it")
    if not columns or len(set(header)) != len(header):
        raise UsageError(f"{path} is not a table of cases: its first line is {','.join(header)[:80]!r}", hint=LAYOUT)
    if set(header) >= NAMES:
        raise UsageError(f"{path}: {NAME} and {SAMPLER_NAME} both name the cases", hint="remove one of the two columns")
    reserved = next((name for name in columns if name in RESERVED), None)
    if reserved:
        raise UsageError(f"{path}: a column {reserved!r} would hide that of the results", hint="give more of its name")
    return columns


def _cases(numbered: Iterator[tuple[int, list[str]]], header: Sequence[str], path: Path) -> Iterator[CaseRow]:
    count = 0
    named = SAMPLER_NAME if SAMPLER_NAME in header else NAME
    for line, row in numbered:
        if is_blank(row):
            continue
        if len(row) != len(header):
            raise ragged(str(path), line, row, header)
        validate_control_characters("".join(row), f"{path}, line {line}")
        cells = dict(zip(header, row, strict=True))
        count += 1
        name = cells.pop(named, "").strip() or str(count)
        if _is_selected(cells.pop(SELECTED, "True"), f"{path}, line {line}"):
            yield CaseRow(line, name, tuple(cells.values()))


def _is_selected(cell: str, where: str) -> bool:
    words = {"true": True, "false": False}
    if cell.strip().lower() not in words:
        raise UsageError(f"{where}: {SELECTED} is {cell.strip()[:LONGEST_SHOWN]!r}", hint="write True or False")
    return words[cell.strip().lower()]
