"""Read and validate the cases of a sweep: a table with a row per case and a column per parameter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import LIST_TYPES
from sostrades_cli.errors import InvalidFile, InvalidValue, NotFound, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.files.digests import digest_of
from sostrades_cli.files.file_names import LONGEST_FOLDER, safe_names
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.calc.sweep.case_rows import NAMES, SELECTED, read_rows
from sostrades_cli.operations.calc.sweep.progress_log import FILE as LOG_FILE
from sostrades_cli.operations.param import coercion, elements, validation
from sostrades_cli.operations.param.assignments import AT_SIGN, TYPED, Assignment, file_named, plain_text
from sostrades_cli.operations.param.metadata import declare
from sostrades_cli.operations.tables import cells, json_values, layout, rows, table_file, upload
from sostrades_cli.operations.tables.file_types import is_workbook, split_sheet
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.operations.tables.table_change import current_columns, known_columns, last_sent_table, unlike_current
from sostrades_cli.output.text import counted, first_lines
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.case_rows import CaseRows
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.tables.column_types import KnownColumn

MOST_FAULTS: Final = 10
# The files of an analysis, in the folder of the results.
REPORT_FILE: Final = "report.html"
ANALYSIS_FILE: Final = "analysis.json"
ENDED_FILE: Final = "ended.csv"


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its name, its folder, the cells of its row, and its assignments.

    The keys of assignments are without the study's own name. A blank cell has no assignment, because it keeps the value
    of the baseline. ``noun`` is the word for a case in messages.
    """

    name: str
    folder: str
    cells: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    noun: str = "case"

    @property
    def label(self) -> str:
        """The name of the case in messages."""
        return f"{self.noun} {self.name}"

    def values(self, keys: Sequence[str]) -> list[Json]:
        """Return the value for each key, or ``None`` for a blank cell."""
        # A list may have both a value and a file, because an array needs a file.
        values = {item.key: item.text if item.value is TYPED else item.value for item in self.assignments}
        return [values.get(key) for key in keys]


@dataclass(frozen=True, slots=True)
class Cases:
    """A table of cases: its columns as in the file, the keys of their parameters, and the rows.

    ``has_files`` means that a case sets a table. ``files`` are the files that cells name. If the cases are not known
    before the sweep, ``rows`` grows while it runs, or stays empty.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: Sequence[Case]
    sha256: str
    has_files: bool
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _BaselineTables:
    """The columns of the study's own tables, with which the tables of cases are compared.

    Each table is downloaded once. After an ``interrupted`` sweep, the study may still have the table of a case, so only
    the declared columns are used.
    """

    context: Context
    study: int
    interrupted: bool
    known: dict[str, tuple[Mapping[str, KnownColumn], list[str]]] = field(default_factory=dict)

    def columns(self, info: ParameterInfo, kind: str) -> tuple[Mapping[str, KnownColumn], list[str]]:
        """Return the known columns of a table parameter, and the names of the columns that a case must have."""
        if info.name not in self.known:
            table = None if self.interrupted else download_table(self.context, self.study, info.name)
            journal = Journal(self.context.state, self.context.api.session.host, self.study)
            last_sent = last_sent_table(journal, info.name, table)
            self.known[info.name] = known_columns(info, table, last_sent, kind), current_columns(info.name, table)
        return self.known[info.name]


def read_cases(context: Context, study: int, own_name: str, path: Path, *, resumed: bool = False) -> Cases:
    """Read a table of cases and validate every cell.

    ``own_name`` is the first part of the study's full parameter names. Tables are also compared with the study's own
    tables, except in a ``resumed`` sweep.

    Raises
    ------
    InvalidFile
        The file is not a table of cases.
    InvalidValue
        Cells are invalid. The error lists the first ten.
    NotFound
        A column is not a parameter of the study.

    """
    workbook, sheet = split_sheet(path)
    table = read_rows(path)
    identity = [digest_of(workbook), *filter(None, [sheet])]
    return validated_cases(context, study, own_name, path, table, identity, resumed=resumed)


def validated_cases(
    context: Context,
    study: int,
    own_name: str,
    path: Path,
    table: CaseRows,
    identity: Sequence[str],
    *,
    resumed: bool = False,
) -> Cases:
    """Validate every cell of a table of cases.

    ``path`` is the file of the table. Messages name it, and ``@FILE`` cells are relative to its folder. A sweep can be
    resumed only with the same ``identity`` and the same files of cells. Other arguments and errors are those of
    ``read_cases``.
    """
    info = _declared(context, study, table.columns)
    names = [item.name for item in info]
    if duplicates := [name for name in names if names.count(name) > 1]:
        raise InvalidFile(f"{path}: two columns set {duplicates[0]}", hint="remove one of the two columns")
    faults, cases = list[str](), list[Case]()
    tables = _BaselineTables(context, study, interrupted=resumed)
    folders, places = case_folders(row.name for row in table.rows), places_of(path)
    for row in table.rows:
        wheres = [partial(places.cell, row.line, position) for position in table.positions]
        columns = zip(row.cells, info, wheres, strict=True)
        assignments = [_validated(cell, item, path, where, faults, tables) for cell, item, where in columns]
        named = tuple(replace(item, key=short_key(own_name, item.key)) for item in assignments if item is not None)
        cases.append(Case(row.name, folders[row.name], row.cells, named))
    if faults:
        raise InvalidValue(
            f"{path} has {counted(len(faults), 'invalid cell')}, so no case was run",
            detail=first_lines(faults, MOST_FAULTS),
            hint=f"correct the cells. `sostrades param list {study}` shows the types",
            study=study,
        )
    keys = tuple(short_key(own_name, name) for name in names)
    has_files = any(assignment.file is not None for case in cases for assignment in case.assignments)
    files = _files(path, table)
    return Cases(table.columns, keys, tuple(cases), _digest(identity, files), has_files, files)


def _declared(context: Context, study: int, columns: Sequence[str]) -> list[ParameterInfo]:
    """Return the parameters of columns."""
    try:
        return declare(context, study, columns)[0]
    except NotFound as error:
        # A parameter may have such a name, too.
        renamed = [f"`{name}` instead of `{c}`" for c in columns if (name := c.casefold()) in {*NAMES, SELECTED}]
        if not renamed:
            raise
        hint = f"write {' and '.join(renamed)} in the first line, if the column is not a parameter"
        raise error.reworded(error.message, hint=hint) from error


def case_folders(names: Iterable[str]) -> dict[str, str]:
    """Return the name of the folder of each case. It differs from the files that are stored beside the folders."""
    files = (LOG_FILE, REPORT_FILE, ANALYSIS_FILE, ENDED_FILE)
    folders = safe_names([*names, *files], LONGEST_FOLDER)
    return {**folders, **{file: f"{file}.case" for file in files}}


def _validated(
    cell: str, info: ParameterInfo, path: Path, where: Callable[[], str], faults: list[str], tables: _BaselineTables
) -> Assignment | None:
    """Return the assignment of a cell, or add the reason why the cell is invalid to ``faults``."""
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
        elements.validate_elements(value, elements.present_elements(info), info)
    except UsageError as error:
        hint = f" ({error.hint})" if error.hint else ""
        # Most messages already name the parameter.
        column = "" if info.name in error.message else f", {info.name}"
        faults.append(f"{where()}{column}: {error.message}{hint}")
        return None
    return replace(assignment, value=value, exact=True)


def _array_items(cell: str, info: ParameterInfo) -> list[str] | None:
    """Return the numbers in the cell of an array as texts, or ``None`` if the cell is not a list of numbers.

    SoSTrades writes arrays as numpy prints them: ``[1. 2.]``. A list may also be written like this instead of as JSON.
    """
    # numpy separates items with blanks, JSON with commas.
    if cells.is_printed(cell) and (info.type == "array" or info.type in LIST_TYPES):
        return cells.array_cell(cell)[1:-1].split()
    if info.type == "array" and cells.category(cell) == cells.NESTED and cells.is_list_of_numbers(cell):
        return cell.strip()[1:-1].replace(",", " ").split()
    return None


def _array(cell: str, items: list[str], info: ParameterInfo, tables: _BaselineTables) -> Assignment:
    """Return the assignment for the cell of an array or list. An array is sent as a file, a list as JSON."""
    if info.type != "array":
        coercion.validate_allowed(cells.numbers(cell), info.name)
        value = coercion.coerced([cells.literal(item) for item in items], str(info.type), info.name)
        validation.validate_limits(value, info)
        elements.validate_elements(value, elements.present_elements(info), info)
        return Assignment(info.name, cell, value=value, exact=True)
    file = tables.context.temp_folder.path()
    file.write_text(rows.lines([layout.VALUE_HEADER]) + rows.lines([items]), encoding="utf-8")
    return _table(cell, file, "the array", info, tables)


def _files(path: Path, table: CaseRows) -> tuple[Path, ...]:
    """Return the files that the cells of a table name, with their sheets."""
    cells_in_use = {cell for row in table.rows for cell in row.cells}
    files = sorted((file for cell in cells_in_use if (file := file_named(cell)) is not None), key=str)
    return tuple(path.parent / at_home(file) for file in files)


def _digest(identity: Sequence[str], files: Sequence[Path]) -> str:
    """Return the sha-256 of a table of cases and all its files."""
    # If the content of a table file has changed, it is a different sweep, even if the file name is the same.
    digests = [digest_of(split_sheet(file)[0]) for file in files]
    return sha256("\n".join([*identity, *digests]).encode()).hexdigest()


def _file(cell: str, file: Path, info: ParameterInfo, tables: _BaselineTables) -> Assignment:
    """Return the assignment for a file."""
    if not split_sheet(file)[0].is_file():
        raise InvalidFile(f"file {file} does not exist", hint=AT_SIGN)
    validation.require_known_type(info)
    label = str(file)
    is_sheet = is_workbook(file)
    if is_sheet:
        file = table_file.as_csv(file, tables.context.temp_folder.path)
    kind = validation.file_kind(info)
    is_uploaded = kind == "any" or info.type == "array" or info.holds_tables
    if not is_uploaded:
        current = info.parameter.value if info.parameter is not None else None
        value, _ = json_values.from_file(file, label, info.name, kind, current)
        value = json_values.with_floats(value, current) if is_sheet else value
        if empty := json_values.empty_in_place_of(current, value, label, info.name):
            raise empty
        validation.validate_limits(value, info)
        elements.validate_elements(value, current, info, of_file=True)
        return Assignment(info.name, cell, value=value, exact=True)
    return _table(cell, file, label, info, tables)


def _table(cell: str, file: Path, label: str, info: ParameterInfo, tables: _BaselineTables) -> Assignment:
    """Return the assignment for a file that is uploaded."""
    kind = validation.file_kind(info)
    # The columns are compared with the baseline now, because during the sweep the study has the table of another case.
    known, current = tables.columns(info, kind)
    source = upload.UploadSource(file, label, kind, known=known)
    columns = upload.check(source, info.name)
    types = {column.survey.name: column.type for column in columns}
    is_empty = not columns[0].survey.categories
    unlike = unlike_current(source, info.name, cell, types, current, empty=is_empty)
    if unlike is not None:
        raise unlike
    return Assignment(info.name, cell, file=file, known=known)
