"""Check a file or a download, give its columns types, and encode it for an upload."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sostrades_cli.operations.tables import cells, codec, layout, rows, separators
from sostrades_cli.operations.tables.column_types import KnownColumn, known_columns, type_columns
from sostrades_cli.operations.tables.csv_reader import validate_control_characters
from sostrades_cli.operations.tables.misfits import INT, STRING, Notation
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.operations.tables.survey import survey, survey_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sostrades_cli.operations.tables.codec import Encoded
    from sostrades_cli.operations.tables.column_types import TypedColumn
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.survey import Survey


@dataclass(frozen=True, slots=True)
class UploadSource:
    """A table to send: its file, the file's name in errors, its layout and its notation.

    ``known`` are the known facts of the parameter's columns. ``blanks`` is true if every blank cell is a missing value.
    """

    path: Path
    called: str
    layout: str
    notation: Notation = Notation.FILE
    known: Mapping[str, KnownColumn] = field(default_factory=dict)
    blanks: bool = False


def known_of(stored: StoredTable | None, descriptor: Mapping[str, str] | None, kind: str) -> dict[str, KnownColumn]:
    """Return the known facts of a parameter's columns. The column of an array has the name ``value``."""
    known = known_columns(stored.survey() if stored is not None else None, descriptor)
    # The server accepts any name for this column.
    if kind == layout.ONE and stored is not None:
        return dict(zip(layout.VALUE_HEADER, known.values(), strict=False))
    return known


def check(source: UploadSource, key: str) -> tuple[TypedColumn, ...]:
    """Check a table and give its columns types.

    Raises
    ------
    UsageError
        The server would refuse or misread the table. The message has the line and the column.

    """
    if source.notation is Notation.DOWNLOAD:
        table = survey(rows.server_columns(source.path))
    else:
        separators.validate_file_start(source.path, source.called)
        table = survey_file(source.path, source.called)
    # Spreadsheets leave such columns behind, and their headers are often blank.
    empty = [number for number, column in enumerate(table.columns) if column.categories <= {cells.BLANK}]
    layout.check_header(table.header, source.called, key, source.layout, empty)
    if source.notation is Notation.FILE:
        _validate_characters(source, table)
    columns = type_columns(source.path, source.called, table, _known(source, table), source.notation)
    if source.layout == layout.KEYED and columns[0].type == INT:
        note = "keys are sent as whole numbers; put them in quotes for texts"
        return (replace(columns[0], note=note), *columns[1:])
    return columns


def encode(source: UploadSource, key: str, new_path: Callable[[], Path]) -> Encoded:
    """Check a table and encode it. ``new_path`` returns the path of a new temporary file.

    Raises
    ------
    UsageError
        The server would refuse or misread the table. The message has the line and the column.

    """
    columns = check(source, key)
    header = layout.VALUE_HEADER if source.layout == layout.ONE else None
    return codec.encode(source.path, source.called, columns, new_path, header)


def _known(source: UploadSource, table: Survey) -> dict[str, KnownColumn]:
    known = dict(source.known)
    if source.layout == layout.ONE:
        known = dict(zip(table.header, source.known.values(), strict=False))
    if source.layout == layout.KEYED:
        keys = table.columns[0]
        # Keys are all whole numbers, or all texts.
        known[keys.name] = KnownColumn() if keys.categories == {cells.INT} else KnownColumn(STRING, declared=True)
        if table.header == layout.DICT_HEADER:
            known["value"] = known.get("value", KnownColumn())._replace(each=True)
    if source.blanks:
        return {name: known.get(name, KnownColumn())._replace(blanks=True) for name in table.header}
    return known


def _validate_characters(source: UploadSource, table: Survey) -> None:
    places = places_of(source.called)
    validate_control_characters("".join(table.header), f"{source.called}, {places.row(1)}")
    spoilt = [number for number, column in enumerate(table.columns) if column.control]
    # Read again only to find the line for the error.
    for line, row in places.numbered(source.path) if spoilt else ():
        for number in spoilt:
            where = f"{source.called}, {places.cell(line, number)}, column {table.header[number]}"
            validate_control_characters(row[number], where)
