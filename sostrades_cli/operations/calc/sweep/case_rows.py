"""Read the rows of a table of cases: columns for the name and the selection, and columns of parameters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables import table_file
from sostrades_cli.operations.tables.csv_reader import is_blank, ragged, validate_control_characters
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.safe_parsers import LONGEST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAME: Final = "case"
# SoSTrades itself writes these two columns into its tables of samples.
SAMPLER_NAME: Final = "scenario_name"
SELECTED: Final = "selected_scenario"
NAMES: Final = frozenset({NAME, SAMPLER_NAME})
RESERVED: Final = ("status", "cause")
LAYOUT: Final = (
    "write a header line with parameter names and one row per case. "
    "An optional column `case` or `scenario_name` names the cases"
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A row: the number of its last line in the file, the name of the case, and the cells of the parameters."""

    line: int
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The names of the parameter columns, as in the file, a row per case, and the positions of these columns."""

    columns: tuple[str, ...]
    rows: tuple[CaseRow, ...]
    positions: tuple[int, ...]


def read_rows(path: Path) -> CaseRows:
    """Read a table of cases. Empty rows and scenarios that are not selected are skipped.

    Raises
    ------
    InvalidFile
        The file is not a table of cases.

    """
    if path.suffix.casefold() == ".toml":
        raise InvalidFile(
            f"{path} is a TOML file, and cases are a table",
            hint=f"make a table of a space with `sostrades calc design STUDY {path} -o cases.csv`",
        )
    numbered = table_file.numbered(path)
    header = [name.strip() for name in next(numbered, (0, []))[1]]
    columns = _columns(header, path)
    cases = tuple(_cases(numbered, header, path))
    names = [row.name for row in cases]
    if not names:
        if SELECTED in header:
            raise InvalidFile(f"{path} has no selected case", hint=f"write True into the column {SELECTED}")
        raise InvalidFile(f"{path} has no cases", hint=LAYOUT)
    duplicate = next((name for name, count in Counter(names).items() if count > 1), None)
    if duplicate is not None:
        raise InvalidFile(
            f"{path}: two cases have the name {duplicate}",
            hint="give each case its own name, or remove the column of names",
        )
    return CaseRows(columns, cases, tuple(map(header.index, columns)))


def _columns(header: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the names of the parameter columns."""
    if not header:
        raise InvalidFile(f"{path} is empty", hint=LAYOUT)
    columns = tuple(name for name in header if name not in NAMES | {SELECTED})
    if columns and "" in header:
        raise InvalidFile(
            f"{path}: column {header.index('') + 1} has no name", hint="write a parameter name, or remove the column"
        )
    if columns and (duplicates := [name for name in header if header.count(name) > 1]):
        raise InvalidFile(f"{path}: two columns set {duplicates[0]}", hint="remove one of the two columns")
    if not columns:
        raise InvalidFile(f"{path} is not a table of cases: its first line is {','.join(header)[:80]!r}", hint=LAYOUT)
    if set(header) >= NAMES:
        raise InvalidFile(
            f"{path}: both columns {NAME} and {SAMPLER_NAME} name the cases", hint="remove one of the two columns"
        )
    factor = next((name for name in columns if name.endswith("*")), None)
    if factor:
        raise InvalidFile(
            f"{path}: the column {factor} ends in *, but a multiplication is possible only on the command line",
            hint="name one parameter, and write its values",
        )
    reserved = next((name for name in columns if name in RESERVED), None)
    if reserved:
        raise InvalidFile(
            f"{path}: the name of column {reserved!r} is reserved for the results",
            hint=f"write more of the parameter name, for example Discipline.{reserved}",
        )
    return columns


def _cases(numbered: Iterator[tuple[int, list[str]]], header: Sequence[str], path: Path) -> Iterator[CaseRow]:
    name_column = SAMPLER_NAME if SAMPLER_NAME in header else NAME
    table = [(line, row) for line, row in numbered if not is_blank(row)]
    if wrong := [(line, row) for line, row in table if len(row) != len(header)]:
        raise ragged(str(path), wrong, header)
    places = places_of(path)
    # Rows that are not selected are counted, too, so that names do not depend on the selection.
    for count, (line, row) in enumerate(table, 1):
        validate_control_characters("".join(row), f"{path}, {places.row(line)}")
        cells = dict(zip(header, row, strict=True))
        name = cells.pop(name_column, "").strip() or str(count)
        selected = places.cell(line, header.index(SELECTED)) if SELECTED in header else ""
        if _is_selected(cells.pop(SELECTED, "True"), f"{path}, {selected}"):
            yield CaseRow(line, name, tuple(cells.values()))


def _is_selected(cell: str, where: str) -> bool:
    words = {"true": True, "false": False}
    if cell.strip().lower() not in words:
        raise InvalidFile(
            f"{where}: {SELECTED} must be True or False, got {cell.strip()[:LONGEST_SHOWN]!r}",
            hint="write True or False",
        )
    return words[cell.strip().lower()]
