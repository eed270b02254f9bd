"""Parse files of assignments: TOML, JSON, CSV and Excel."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TextIO

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.assignments import (
    Assignment,
    ListedRows,
    LoadedValues,
    Requested,
    Table,
    json_value,
    of_text,
    require_some_valid,
)
from sostrades_cli.operations.param.collected_errors import SHOWN_ERRORS
from sostrades_cli.operations.tables import separators
from sostrades_cli.operations.tables.csv_reader import (
    QUOTES,
    BrokenRowError,
    is_blank,
    numbered_rows,
    ragged,
    validate_control_characters,
)
from sostrades_cli.operations.tables.file_types import (
    STANDARD_INPUT,
    is_workbook,
    not_utf8,
    require_text_content,
)
from sostrades_cli.operations.tables.places import places_of
from sostrades_cli.safe_parsers import NotADoubleError, from_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json

LAYOUTS: Final = "write a .toml or .json file of KEY = VALUE, or a .csv or .xlsx file with the columns key,value[,unit]"
# The fields of each parameter of a load.
LOADED: Final = frozenset({"type", "var_name", "value", "optional"})
NEEDED: Final = frozenset({"key", "value"})
# The column of names in the table of `study load`.
LISTED: Final = "parameter"
# With any separator, because one that is not a comma gets an error of its own.
_CSV_HEADER: Final = re.compile('"?(?:key"?[,;\t|]"?value|parameter"?[,;\t|])', re.IGNORECASE)


def read_file(path: Path, stdin: TextIO) -> list[Requested]:
    """Read a file of assignments, or the output of ``study load``; ``-`` is standard input.

    A text ``@FILE`` names a file in the same folder.

    Raises
    ------
    UsageError
        The file cannot be read, or has another layout.

    """
    if is_workbook(path):
        from sostrades_cli.operations.tables.table_file import numbered

        return _from_rows(numbered(path), path)
    try:
        # Bytes, because reading text would change line ends within cells.
        content = stdin.buffer.read() if str(path) == STANDARD_INPUT else path.read_bytes()
        require_text_content(content, path)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="check its name and permissions") from error
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from error
    if not text.strip():
        raise UsageError(f"nothing to set: {_name(path)} is empty", hint=LAYOUTS)
    return read_text(text, path)


def read_text(text: str, path: Path, called: str | None = None) -> list[Requested]:
    """Read the text of a file of assignments; its ending is its layout. Messages name it as ``called``.

    Raises
    ------
    UsageError
        The text has another layout.

    """
    layout = path.suffix.lower() if str(path) != STANDARD_INPUT else _guessed_layout(text)
    if layout == ".csv":
        return _from_csv(text, path)
    if layout not in {".toml", ".json"}:
        raise UsageError(f"cannot read {path}: its ending is not .toml, .json, .csv or .xlsx", hint=LAYOUTS)
    tree = (
        _toml(text, called or _name(path))
        if layout == ".toml"
        else json_value(text, _name(path), 'write an object, for example {"Macro.gamma": 0.5}')
    )
    if not isinstance(tree, dict):
        raise UsageError(f"{_name(path)} is not an object of KEY: VALUE", hint=LAYOUTS)
    # The output of a load has the same layout as a file of dicts, except for its fields.
    if tree and layout == ".json" and all(map(_is_loaded, tree.values())):
        return [LoadedValues(tree)]
    return [*require_some_valid([of_value(key, value, path, text) for key, value in tree.items()])]


def _name(path: Path) -> str:
    """Return the name of a file for messages."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def _is_loaded(value: Json) -> bool:
    """Return whether a value is an entry of a load."""
    return isinstance(value, dict) and value.keys() >= LOADED


def _guessed_layout(text: str) -> str:
    if text.lstrip().startswith("{"):
        return ".json"
    return ".csv" if _CSV_HEADER.match(text) else ".toml"


def _from_csv(text: str, path: Path) -> list[Requested]:
    """Return the assignments of a CSV file; a value that begins with @ names a table in the same folder."""
    separators.validate_text_start(text, _name(path))
    try:
        return _from_rows(numbered_rows(io.StringIO(text, newline="")), path)
    except BrokenRowError as error:
        raise UsageError(f"{_name(path)}, {error}", hint=QUOTES) from error


def _from_rows(numbered: Iterable[tuple[int, list[str]]], path: Path) -> list[Requested]:
    """Return the assignments of the rows of a table, header first."""
    # Spreadsheets leave blank rows behind a table.
    table = [(line, row) for line, row in numbered if not is_blank(row)]
    names = table[0][1] if table else []
    is_listed = LISTED in names and "key" not in names
    header = ["key" if name == LISTED else name for name in names] if is_listed else names
    assignments = require_some_valid(list(_of_rows(table, header, path)))
    return [ListedRows(assignments)] if is_listed else [*assignments]


def _of_rows(table: Sequence[tuple[int, list[str]]], header: Sequence[str], path: Path) -> Iterator[Assignment]:
    if not set(header) >= NEEDED:
        raise UsageError(f"{_name(path)} does not have the columns key and value", hint=LAYOUTS)
    if wrong := [(line, row) for line, row in table[1:] if len(row) > len(header)]:
        raise ragged(_name(path), wrong, header)
    places = places_of(path)
    for line, row in table[1:]:
        cells = dict(zip(header, row, strict=False))
        if not cells.keys() >= NEEDED or not cells["key"].strip():
            where = places.cell(line, header.index("value" if cells.get("key", "").strip() else "key"))
            raise UsageError(f"{_name(path)}, {where}: the key or the value is missing", hint=LAYOUTS)
        validate_control_characters("".join(row), f"{_name(path)}, {places.row(line)}")
        yield _of_row(cells, path, line)


def _of_row(cells: Mapping[str, str], path: Path, line: int) -> Assignment:
    key, value = cells["key"].strip(), cells["value"]
    source = f"{_name(path)}, {places_of(path).row(line)}"
    if key.endswith("*") and (fault := _factor(key, value, source)):
        return Assignment(key, fault=fault)
    return replace(of_text(key, value, path.parent), unit=cells.get("unit") or None, source=source)


def of_value(key: str, value: Json, path: Path, text: str) -> Assignment | Table:
    """Return the assignment of a key in a TOML or JSON file; ``text`` is the content of the file."""
    if isinstance(value, str):
        return of_text(key, value, path.parent, typed=True)
    if key.endswith("*") and (fault := _factor(key, str(value), str(path))):
        return Assignment(key, fault=fault)
    return Table(key, value, path, text) if _has_tables(value) else Assignment(key, value=value)


def _factor(key: str, value: str, where: str) -> UsageError | None:
    from sostrades_cli.operations.param.relative import factor_in_file

    return factor_in_file(key, value, where)


def _has_tables(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_tables, value)))


def _toml(text: str, called: str) -> dict[str, Any]:
    try:
        tree = from_toml(text)
    except NotADoubleError as error:
        raise UsageError(f"{called}: {error}", hint="correct that line") from error
    except ValueError as error:
        from sostrades_cli.operations.param.toml_errors import not_toml

        raise not_toml(text, called, error, LAYOUTS) from error
    # TOML has dates and infinite numbers, JSON does not.
    if lines := [f"{key} = {value}" for key, value in _leaves(tree) if not _is_json(value)]:
        raise UsageError(
            f"{called} has values that the server cannot store",
            detail="\n".join(lines[:SHOWN_ERRORS]),
            hint='write a date as text, for example "2020-05-05", and remove nan and inf',
        )
    return tree


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as tomllib returns it
    """Yield the values of a TOML file that are not containers, with their keys."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield key, value


def _is_json(value: Any) -> bool:  # noqa: ANN401 - as tomllib returns it
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, str | int)
