"""Parse assignments on the command line, such as KEY=VALUE and KEY=@FILE."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.operations.param.coercion import strict_json
from sostrades_cli.operations.param.collected_errors import joint_error
from sostrades_cli.operations.tables.file_types import split_sheet
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.collected_errors import InputError
    from sostrades_cli.operations.param.relative import Relative
    from sostrades_cli.operations.tables.column_types import KnownColumn
    from sostrades_cli.operations.tables.sent_tables import SentTable

FORMS: Final = "write KEY=VALUE, KEY=@FILE.csv or KEY:=JSON for each parameter, or pairs: KEY VALUE"
INVALID: Final = "arguments are invalid, nothing was sent"
AT_SIGN: Final = "check the name of the file. For a text that begins with @, write @@text"
HERE: Final = Path()
TYPED: Final = object()
DEFAULT: Final = object()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A parameter and its new value.

    The value is one of these:

    - ``text``: as it was typed, without a type
    - ``value``: with a type, or ``DEFAULT`` for the declared default. It is ``TYPED`` if only the text is known
    - ``file``: a table. Beside a ``value``, it has the same content, for an array, which takes files only
    - ``relative``: a change of the present number, such as +10%
    - ``fault``: the error of a wrong assignment, reported together with the errors that only the study shows

    About the value:

    - ``unit``: the unit that the user expects
    - ``exact``: an old value, which is sent whatever the declared type is
    - ``source``: its row in a file of assignments, for errors
    - ``any_elements``: an export took it from a study, so its elements may be of other kinds than the present ones

    About the file:

    - ``label``: its name in messages
    - ``is_copy``: it is a sheet as CSV, and the label is the workbook
    - ``notation``: the spelling of its cells
    - ``blanks``: all blank cells are missing values
    - ``known``: types of columns that do not follow from the present table
    - ``last_sent``: the table as it was sent before
    - ``notes``: for the plan
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
    last_sent: SentTable | None = None
    notes: tuple[str, ...] = ()
    relative: Relative | None = None
    fault: InputError | None = None
    any_elements: bool = False
    source: str | None = None
    is_copy: bool = False

    def called(self, file: Path, name: str) -> str:
        """Return the name of the file in errors. A file that the user did not write is named with its parameter."""
        if self.label is None:
            return str(file)
        return self.label if self.is_copy else f"{self.label} of {name}"

    def located(self, error: InputError) -> InputError:
        """Return an error with the row of the file in front of its message."""
        return error if self.source is None else error.reworded(f"{self.source}: {error.message}")

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


@dataclass(frozen=True, slots=True)
class ListedRows:
    """The table of ``study load -o FILE``: an assignment per row, also for values that nobody has edited."""

    rows: Sequence[Assignment]


Requested: TypeAlias = Assignment | Table | LoadedValues | ListedRows


def read_assignments(arguments: Sequence[str]) -> list[Assignment]:
    """Read the arguments of a command line: ``KEY=VALUE`` each, or pairs ``KEY VALUE`` if the first has no ``=``.

    A wrong one has a ``fault``.

    Raises
    ------
    UsageError
        No argument is an assignment.

    """
    # The first word decides, because the value of a pair may contain `=`.
    if len(arguments) > 1 and "=" not in arguments[0]:
        if len(arguments) % 2:
            raise UsageError(f"expected pairs of KEY and VALUE, got {len(arguments)} arguments", hint=FORMS)
        # A mixture of both forms is not an error of a single assignment.
        if wrong := next((key for key in arguments[::2] if "=" in key), None):
            raise UsageError(f"expected a KEY, got {wrong!r}", hint=FORMS)
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        return require_some_valid([_read_or_fault(_read_pair, key, text) for key, text in pairs])
    return require_some_valid([_read_or_fault(read_assignment, words) for words in arguments])


def _read_or_fault(read: Callable[..., Assignment], *words: str) -> Assignment:
    try:
        return read(*words)
    except UsageError as error:
        return Assignment("", fault=error)


Read = TypeVar("Read", bound="Assignment | Table")


def require_some_valid(items: list[Read]) -> list[Read]:
    """Return assignments; if all are wrong, raise their errors before the first request."""
    faults = [item.fault for item in items if isinstance(item, Assignment) and item.fault is not None]
    if faults and len(faults) == len(items):
        raise joint_error(faults, INVALID, total=len(items), tried=len(items))
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
        return Assignment(key[:-1].strip(), value=json_value(value, words, example))
    if key.endswith("*"):
        from sostrades_cli.operations.param.relative import multiple

        key = key[:-1].strip()
        return Assignment(key, relative=multiple(value, key))
    return _typed_by_user(key.strip(), value)


def _read_pair(key: str, text: str) -> Assignment:
    if not key.strip():
        raise UsageError(f"expected a KEY, got {key!r}", hint=FORMS)
    return _typed_by_user(key.strip(), text)


def _typed_by_user(key: str, text: str) -> Assignment:
    assignment = of_text(key, text)
    if not text.rstrip().endswith("%"):
        return assignment
    from sostrades_cli.operations.param.relative import percent

    # Only on the command line: a file describes a state, which a second run must not change again.
    return replace(assignment, relative=percent(text))


def file_named(text: str) -> Path | None:
    """Return the file of ``@FILE``, ``None`` for any other text; ``@@text`` is a text that begins with ``@``."""
    return Path(text[1:]) if text.startswith("@") and not text.startswith("@@") else None


def plain_text(text: str) -> str:
    """Return a text without the ``@`` that escapes its own."""
    return text.removeprefix("@") if text.startswith("@@") else text


def of_text(key: str, text: str, beside: Path = HERE, *, typed: bool = False) -> Assignment:
    """Return the assignment of a text or of the file that it names; a ``typed`` text stays a text for any type."""
    # As in curl and httpie, `@` names a file.
    if (file := file_named(text)) is not None:
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
    given = beside / at_home(named)
    # `FILE.xlsx#SHEET` names a sheet. The checks below are for the file alone.
    path = split_sheet(given)[0]
    # The file is read to check it, to plan and to send it, so a pipe would be empty the second time.
    if path.is_dir():
        raise UsageError(f"{path} is a folder (for {key})", hint=f"give a file in it: {key}=@FILE.csv")
    if path.exists() and not path.is_file():
        raise UsageError(
            f"{path} is not a regular file (for {key})", hint="save its content in a file, because it is read twice"
        )
    if not path.is_file():
        raise UsageError(f"the file {shell_quoted(str(path))} does not exist (for {key})", hint=AT_SIGN)
    return Assignment(key, f"@{named}", given)


def json_value(text: str, subject: str, example: str) -> Json:
    """Parse the JSON of an argument or of a file, which messages name as ``subject``; ``example`` is a hint.

    Raises
    ------
    UsageError
        It is not JSON, or the server cannot hold it.

    """
    try:
        return strict_json(text)
    except ValueError as error:
        raise UsageError(f"{subject!s:.200} is not JSON: {error}", hint=example) from error
