"""The cases of a sweep: a CSV file, a row for each case, a column for each parameter; judged before the first run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import LIST_TYPES
from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home, digest_of, safe_name
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.calc.sweep.case_rows import read_rows
from sostrades_cli.operations.calc.sweep.progress_log import FILE as RECORD
from sostrades_cli.operations.param import coercion, validation
from sostrades_cli.operations.param.assignments import AT_SIGN, Assignment, file_named, plain_text
from sostrades_cli.operations.param.metadata import declare
from sostrades_cli.operations.tables import cells, json_values, layout, rows, upload
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.operations.tables.table_change import kept_table, known_columns, unlike_held
from sostrades_cli.output.text import counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.case_rows import CaseRows
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.tables.column_types import KnownColumn

MOST_FAULTS: Final = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its name, the cells of its row, and what it sets, by names without the study's own in front.

    A blank cell stands for the study's own value and sets nothing here.
    """

    name: str
    cells: tuple[str, ...]
    assignments: tuple[Assignment, ...]

    @property
    def folder(self) -> str:
        """The name of its folder, which is not that of the record beside it."""
        name = safe_name(self.name)
        return f"{name}.case" if name == RECORD else name

    @property
    def has_files(self) -> bool:
        """Return whether it sets tables."""
        return any(one.file is not None for one in self.assignments)

    def values(self, keys: Sequence[str]) -> list[Json]:
        """Return what is set of each key, ``None`` where the study's own value is meant."""
        found = {one.key: one.text if one.file else one.value for one in self.assignments}
        return [found.get(key) for key in keys]


@dataclass(frozen=True, slots=True)
class Cases:
    """A table of cases: columns as they are written, the names that they stand for, and the rows."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[Case, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class _OwnTables:
    """What is known of the columns of a study's own tables, read once of each.

    Those of a study that was ``left`` by an interrupted sweep may be a case's: only the table format counts.
    """

    context: Context
    study: int
    known: dict[str, dict[str, KnownColumn]]
    left: bool

    def columns(self, info: ParameterInfo, kind: str) -> Mapping[str, KnownColumn]:
        """Return what is known of the columns of a parameter's own table."""
        if info.name not in self.known:
            held = None if self.left else download_table(self.context, self.study, info.name)
            journal = Journal(self.context.state, self.context.api.session.host, self.study)
            kept = kept_table(journal, info.name, held)
            self.known[info.name] = known_columns(info, held, kept, kind)
        return self.known[info.name]


def read_cases(context: Context, study: int, own_name: str, path: Path, *, resumed: bool = False) -> Cases:
    """Read the cases of a study that calls itself ``own_name``, and judge every cell by what is declared.

    Tables are judged by what the study holds, too, unless a sweep is ``resumed``: that may have left a case's there.

    Raises
    ------
    UsageError
        The file has no such layout, or cells cannot be what their parameters take: the first ten are listed.
    NotFound
        A column is no parameter of the study.

    """
    table = read_rows(path)
    info, _ = declare(context, study, table.columns)
    twice = [item.name for item in info if [d.name for d in info].count(item.name) > 1]
    if twice:
        raise UsageError(f"{path}: two columns stand for {twice[0]}", hint="name each parameter once")
    faults: list[str] = []
    found_rows: list[Case] = []
    tables = _OwnTables(context, study, {}, left=resumed)
    for row in table.rows:
        found = [
            _judged(cell, item, path, row.line, faults, tables) for cell, item in zip(row.cells, info, strict=True)
        ]
        chosen = [replace(one, key=short_key(own_name, one.key)) for one in found if one is not None]
        found_rows.append(Case(row.name, row.cells, tuple(chosen)))
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more"] * (len(faults) > MOST_FAULTS)
        raise UsageError(
            f"{path}: {counted(len(faults), 'cell')} cannot be set; nothing was run",
            detail="\n".join([*faults[:MOST_FAULTS], *more]),
            hint=f"sostrades param list {study} shows the types",
            study=study,
        )
    keys = tuple(short_key(own_name, item.name) for item in info)
    return Cases(table.columns, keys, tuple(found_rows), _digest(path, table))


def _judged(
    cell: str, info: ParameterInfo, path: Path, line: int, faults: list[str], tables: _OwnTables
) -> Assignment | None:
    """Return what a cell sets, typed; note what is wrong with it."""
    if not cell.strip():
        return None
    try:
        if (file := file_named(cell)) is not None:
            return _file(cell, path.parent / at_home(file), info, tables)
        if (items := _array_items(cell, info)) is not None:
            return _array(cell, items, info, tables)
        assignment = Assignment(info.name, plain_text(cell))
        value = coercion.typed(assignment, info)
        validation.validate_value(value, info)
    except UsageError as error:
        hint = f" ({error.hint})" if error.hint else ""
        faults.append(f"line {line}, {info.name}: {error.message}{hint}")
        return None
    return replace(assignment, value=value, exact=True)


def _array_items(cell: str, info: ParameterInfo) -> list[str] | None:
    """Return the items of a list of numbers in the cell of an array, as they are written; ``None`` for anything else.

    Samplers write arrays as numpy prints them: ``[1. 2.]``. That is taken for a list, too, which is JSON otherwise.
    """
    if cells.is_printed(cell) and (info.type == "array" or info.type in LIST_TYPES):
        return cells.array_cell(cell)[1:-1].split()
    if info.type == "array" and cells.category(cell) == cells.NESTED and cells.is_list_of_numbers(cell):
        return cell.strip()[1:-1].replace(",", " ").split()
    return None


def _array(cell: str, items: list[str], info: ParameterInfo, tables: _OwnTables) -> Assignment:
    """Return what the cell of an array sets; an array takes a file, and a list takes JSON."""
    if info.type != "array":
        coercion.validate_allowed(cells.numbers(cell), info.name)
        value = coercion.fitting([cells.literal(item) for item in items], str(info.type), info.name)
        validation.validate_limits(value, info)
        return Assignment(info.name, cell, value=value, exact=True)
    file = tables.context.temp_folder.path()
    file.write_text(rows.lines([layout.VALUE_HEADER]) + rows.lines([items]), encoding="utf-8")
    return _table(cell, file, "the array", info, tables)


def _digest(path: Path, table: CaseRows) -> str:
    """Return the sha-256 of the cases and of every file that they name."""
    written = {cell for row in table.rows for cell in row.cells}
    named = sorted((file for cell in written if (file := file_named(cell)) is not None), key=str)
    files = [digest_of(path.parent / at_home(file)) for file in named]
    return sha256("\n".join([digest_of(path), *files]).encode()).hexdigest()


def _file(cell: str, file: Path, info: ParameterInfo, tables: _OwnTables) -> Assignment:
    """Return the table that a cell names."""
    if not file.is_file():
        raise UsageError(f"there is no file {file}", hint=AT_SIGN)
    validation.require_known_type(info)
    kind = validation.file_kind(info)
    sent = kind == "any" or info.type == "array" or info.holds_tables
    if not sent:
        held = info.parameter.value if info.parameter is not None else None
        value, _ = json_values.from_file(file, str(file), info.name, kind, held)
        if empty := json_values.empty_in_place_of(held, value, str(file), info.name):
            raise empty
        validation.validate_limits(value, info)
        return Assignment(info.name, cell, value=value, exact=True)
    return _table(cell, file, str(file), info, tables)


def _table(cell: str, file: Path, called: str, info: ParameterInfo, tables: _OwnTables) -> Assignment:
    """Return what a file sets that is sent as it is."""
    kind = validation.file_kind(info)
    # What it takes the place of in its turn is the table of another case, which says nothing of its columns.
    known = tables.columns(info, kind)
    source = upload.UploadSource(file, called, kind, known=known)
    columns = upload.check(source, info.name)
    seen = [column.seen for column in columns]
    unlike = unlike_held(source, info.name, [one.name for one in seen], empty=not seen[0].categories)
    if unlike is not None:
        raise unlike
    return Assignment(info.name, cell, file=file, known=known)
