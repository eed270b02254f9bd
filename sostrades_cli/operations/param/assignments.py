"""Parse assignments: KEY=VALUE on the command line, or files of them."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.operations.param.coercion import strict_json
from sostrades_cli.operations.param.collected_errors import SHOWN_ERRORS, attempt_all, results_of
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
    split_sheet,
)
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.safe_parsers import NotADoubleError, from_toml
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.collected_errors import InputError
    from sostrades_cli.operations.param.relative import Relative
    from sostrades_cli.operations.tables.column_types import KnownColumn
    from sostrades_cli.operations.tables.kept_table import KeptTable

LAYOUTS: Final = "write a .toml or .json file of KEY = VALUE, or a .csv or .xlsx file with the columns key,value[,unit]"
# The fields of each parameter of a load.
LOADED: Final = frozenset({"type", "var_name", "value", "optional"})
NEEDED: Final = frozenset({"key", "value"})
# With any separator, because one that is not a comma gets an error of its own.
_CSV_HEADER: Final = re.compile('"?key"?[,;\t|]"?value', re.IGNORECASE)
FORMS: Final = "write KEY=VALUE, KEY=@FILE.csv or KEY:=JSON for each parameter, or pairs: KEY VALUE"
INVALID: Final = "arguments are invalid, nothing was sent"
AT_SIGN: Final = "check the name of the file. For a text that begins with @, write @@text"
HERE: Final = Path()
TYPED: Final = object()
DEFAULT: Final = object()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A parameter and its new value: a ``text`` without a type, a ``file``, or a typed ``value``.

    ``value`` is ``TYPED`` if there is none yet, and ``DEFAULT`` for the declared default. ``unit`` is the unit that the
    user means. An ``exact`` value is restored whatever the declared type. ``label`` names the ``file`` in messages. A
    ``file`` beside a ``value`` has the same content, for an array, which takes files only. ``notation`` says how the
    cells of the file are written, and ``blanks`` that all of its blank cells are missing values. ``known`` are types of
    columns that do not follow from the present table; ``kept`` is the table as it was sent before. ``notes`` are for
    the plan. A ``relative`` value is a number only when the present one is known. A ``fault`` is the error of a wrong
    assignment, which is reported together with those that only the study shows.
    """

    key: str
    text: str = ""
    file: Path | None = None
    value: Json = TYPED
    unit: str | None = None
    exact: bool = False
    label: str | None = None
    notation: Notation = Notation.FILE
    blanks: bool = False
    known: Mapping[str, KnownColumn] | None = None
    kept: KeptTable | None = None
    notes: tuple[str, ...] = ()
    relative: Relative | None = None
    fault: InputError | None = None

    @property
    def is_text(self) -> bool:
        """Whether the value is a text that has no type yet."""
        return self.value is TYPED


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a TOML file or an object of a JSON file under a key, or a list of them.

    It is the value of a dict, or a part of names with further assignments below it: that depends on the parameters of
    the study. ``path`` and ``text`` are those of the file.
    """

    key: str
    content: Json
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class LoadedValues:
    """The output of ``study load -F json``: by full name an object with the value and its metadata."""

    entries: Mapping[str, Mapping[str, Json]]


def read_assignments(arguments: Sequence[str]) -> list[Assignment]:
    """Read the arguments of a command line: ``KEY=VALUE`` each, or pairs ``KEY VALUE`` if the first has no ``=``.

    A wrong one has a ``fault``.

    Raises
    ------
    UsageError
        No argument is an assignment. The error for several has them as causes.

    """
    # The first word decides, because the value of a pair may contain `=`.
    if len(arguments) > 1 and "=" not in arguments[0]:
        if len(arguments) % 2:
            raise UsageError(f"expected pairs of KEY and VALUE, got {len(arguments)} arguments", hint=FORMS)
        # A mixture of both forms is no error of a single assignment.
        if wrong := next((key for key in arguments[::2] if "=" in key), None):
            raise UsageError(f"expected a KEY, got {wrong!r}", hint=FORMS)
        outcomes = attempt_all(_read_pair, list(zip(arguments[::2], arguments[1::2], strict=True)))
    else:
        outcomes = attempt_all(read_assignment, arguments)
    return _some_valid([one if isinstance(one, Assignment) else Assignment("", fault=one) for one in outcomes])


Read = TypeVar("Read", bound="Assignment | Table")


def _some_valid(items: list[Read]) -> list[Read]:
    """Return assignments; if all are wrong, raise their errors before the first request."""
    faults = [item.fault for item in items if isinstance(item, Assignment) and item.fault is not None]
    if len(faults) == len(items):
        results_of(faults, len(items), INVALID)
    return items


def read_assignment(words: str) -> Assignment:
    """Split ``KEY=VALUE``, ``KEY=@FILE``, ``KEY=+10%``, ``KEY*=FACTOR`` or ``KEY:=JSON``.

    Raises
    ------
    UsageError
        The ``=`` or the key is missing, the file does not exist, or the JSON or the factor is invalid.

    """
    key, equals, value = words.partition("=")
    if not equals or not key.strip(" :*"):
        raise UsageError(f"expected KEY=VALUE, got {words!r}", hint=FORMS)
    # As in httpie: `=` is a text to coerce, `:=` is JSON.
    if key.endswith(":"):
        example = f"""write 0.5, true, [1.0], {{"a": 1.0}}, or a text in two pairs of quotes: {key}='"text"'"""
        return Assignment(key[:-1].strip(), value=_json(value, words, example))
    if key.endswith("*"):
        from sostrades_cli.operations.param.relative import multiple  # noqa: PLC0415 - start-up: only for factors

        name = key[:-1].strip()
        return Assignment(name, relative=multiple(value, name))
    return _typed_by_user(key.strip(), value)


def _read_pair(pair: Sequence[str]) -> Assignment:
    key, value = pair
    if not key.strip():
        raise UsageError(f"expected a KEY, got {key!r}", hint=FORMS)
    return _typed_by_user(key.strip(), value)


def _typed_by_user(key: str, text: str) -> Assignment:
    assignment = _of_text(key, text)
    if not text.rstrip().endswith("%"):
        return assignment
    from sostrades_cli.operations.param.relative import percent  # noqa: PLC0415 - start-up: only for percentages

    # Only on the command line: a file describes a state, which a second run must not change again.
    return replace(assignment, relative=percent(text))


def file_named(text: str) -> Path | None:
    """Return the file of ``@FILE``, ``None`` for any other text; ``@@text`` is a text that begins with ``@``."""
    return Path(text[1:]) if text.startswith("@") and not text.startswith("@@") else None


def plain_text(text: str) -> str:
    """Return a text without the ``@`` that escapes its own."""
    return text.removeprefix("@") if text.startswith("@@") else text


def _of_text(key: str, text: str, beside: Path = HERE, *, typed: bool = False) -> Assignment:
    """Return the assignment of a text or of the file that it names; a ``typed`` text stays a text for any type."""
    # As in curl and httpie, `@` names a file.
    file = file_named(text)
    if file is not None:
        try:
            return from_file(key, file, beside=beside)
        except UsageError as error:
            return Assignment(key, fault=error)
    return Assignment(key, value=plain_text(text)) if typed else Assignment(key, plain_text(text))


def from_file(key: str, named: Path, *, beside: Path = HERE) -> Assignment:
    """Return the assignment of a user's file; a relative path starts from the folder ``beside``.

    Raises
    ------
    UsageError
        The file does not exist, or cannot be read twice.

    """
    path = beside / at_home(named)
    # `FILE.xlsx#SHEET` names a sheet. The checks below are for the file alone.
    given, path = path, split_sheet(path)[0]
    # The file is read to check it, to plan and to send it, so a pipe would be empty the second time.
    if path.is_dir():
        raise UsageError(f"{path} is a folder (for {key})", hint=f"give a file in it: {key}=@FILE.csv")
    if path.exists() and not path.is_file():
        raise UsageError(
            f"{path} is not a regular file (for {key})", hint="save its content in a file, because it is read twice"
        )
    if not path.is_file():
        raise UsageError(f"the file {quoted(str(path))} does not exist (for {key})", hint=AT_SIGN)
    return Assignment(key, f"@{named}", given)


def read_file(path: Path, stdin: TextIO) -> list[Assignment | Table | LoadedValues]:
    """Read a file of assignments, or the output of ``study load -F json``; ``-`` is standard input.

    A text ``@FILE`` names a file in the same folder.

    Raises
    ------
    UsageError
        The file cannot be read, or has another layout.

    """
    if is_workbook(path):
        from sostrades_cli.operations.tables.table_file import numbered  # noqa: PLC0415 - start-up: for workbooks only

        return [*_some_valid(list(_from_rows(numbered(path), path)))]
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
        name = "standard input" if str(path) == STANDARD_INPUT else path
        raise UsageError(f"nothing to set: {name} is empty", hint=LAYOUTS)
    return read_text(text, path)


def read_text(text: str, path: Path, called: str | None = None) -> list[Assignment | Table | LoadedValues]:
    """Read the text of a file of assignments; its ending is its layout. Messages name it as ``called``.

    Raises
    ------
    UsageError
        The text has another layout.

    """
    layout = path.suffix.lower() if str(path) != STANDARD_INPUT else _guessed_layout(text)
    if layout == ".csv":
        return [*_some_valid(list(_from_csv(text, path)))]
    if layout not in {".toml", ".json"}:
        raise UsageError(f"cannot read {path}: its ending is not .toml, .json, .csv or .xlsx", hint=LAYOUTS)
    tree = (
        _toml(text, called or str(path))
        if layout == ".toml"
        else _json(text, str(path), 'write an object, for example {"Macro.gamma": 0.5}')
    )
    if not isinstance(tree, dict):
        raise UsageError(f"{path} is not an object of KEY: VALUE", hint=LAYOUTS)
    # The output of a load has the same layout as a file of dicts, except for its fields.
    if tree and layout == ".json" and all(map(_is_loaded, tree.values())):
        return [LoadedValues(tree)]
    return [*_some_valid([of_value(key, value, path, text) for key, value in tree.items()])]


def _is_loaded(value: Json) -> bool:
    """Return whether a value is an entry of a load."""
    return isinstance(value, dict) and value.keys() >= LOADED


def _guessed_layout(text: str) -> str:
    if text.lstrip().startswith("{"):
        return ".json"
    return ".csv" if _CSV_HEADER.match(text) else ".toml"


def _from_csv(text: str, path: Path) -> Iterator[Assignment]:
    """Yield the assignments of a CSV file; a value that begins with @ names a table in the same folder."""
    separators.validate_text_start(text, str(path))
    try:
        yield from _from_rows(numbered_rows(io.StringIO(text, newline="")), path)
    except BrokenRowError as error:
        raise UsageError(f"{path}, {error}", hint=QUOTES) from error


def _from_rows(numbered: Iterable[tuple[int, list[str]]], path: Path) -> Iterator[Assignment]:
    """Yield the assignments of the rows of a table, header first."""
    # Spreadsheets leave blank rows behind a table.
    table = [(line, row) for line, row in numbered if not is_blank(row)]
    header = table[0][1] if table else []
    if not set(header) >= NEEDED:
        raise UsageError(f"{path} does not have the columns key and value", hint=LAYOUTS)
    for line, row in table[1:]:
        cells = dict(zip(header, row, strict=False))
        if not cells.keys() >= NEEDED or not cells["key"].strip():
            raise UsageError(f"{path}, line {line}: the key or the value is missing", hint=LAYOUTS)
        if len(row) > len(header):
            raise ragged(str(path), line, row, header)
        validate_control_characters("".join(row), f"{path}, line {line}")
        yield _of_row(cells, path, line)


def _of_row(cells: Mapping[str, str], path: Path, line: int) -> Assignment:
    key, value = cells["key"].strip(), cells["value"]
    if key.endswith("*") and (fault := _factor(key, value, f"{path}, line {line}")):
        return Assignment(key, fault=fault)
    return replace(_of_text(key, value, path.parent), unit=cells.get("unit") or None)


def of_value(key: str, value: Json, path: Path, text: str) -> Assignment | Table:
    """Return the assignment of a key in a TOML or JSON file; ``text`` is the content of the file."""
    if isinstance(value, str):
        return _of_text(key, value, path.parent, typed=True)
    if key.endswith("*") and (fault := _factor(key, str(value), str(path))):
        return Assignment(key, fault=fault)
    return Table(key, value, path, text) if _has_tables(value) else Assignment(key, value=value)


def _factor(key: str, value: str, where: str) -> UsageError | None:
    from sostrades_cli.operations.param.relative import factor_in_file  # noqa: PLC0415 - start-up: only for factors

    return factor_in_file(key, value, where)


def _has_tables(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_tables, value)))


def _json(text: str, subject: str, example: str) -> Json:
    try:
        return strict_json(text)
    except ValueError as error:
        raise UsageError(f"{subject!s:.200} is not JSON: {error}", hint=example) from error


def _toml(text: str, called: str) -> dict[str, Any]:
    try:
        tree = from_toml(text)
    except NotADoubleError as error:
        raise UsageError(f"{called}: {error}", hint="correct that line") from error
    except ValueError as error:
        from sostrades_cli.operations.param.toml_errors import not_toml  # noqa: PLC0415 - start-up: only for an error

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
