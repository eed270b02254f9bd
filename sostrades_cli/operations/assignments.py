"""What a user wants to set: words of the command line, or a file of them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from sostrades_cli.documents import from_toml
from sostrades_cli.errors import UsageError
from sostrades_cli.files import at_home
from sostrades_cli.operations.csv_reader import LONGEST_CELL
from sostrades_cli.operations.values import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sostrades_cli.api.models import Json

LAYOUTS: Final = "a .toml or .json file of KEY = VALUE, or a .csv file with the columns key,value[,unit]"
TYPED: Final = object()
DEFAULT: Final = object()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A parameter and what it is to be: a ``text`` to be typed, a ``file``, or a ``value`` that is typed already.

    ``value`` is ``TYPED`` where there is none yet, and ``DEFAULT`` for the declared default. ``unit`` is what the user
    takes the unit to be. ``exact`` values were held before: they are put back whatever is declared. ``original`` is
    the file that ``file`` was made of, and ``label`` what to call it, unless by its name. A ``file`` beside a ``value``
    is the same once more, for an array, which takes files only.
    """

    key: str
    text: str = ""
    file: Path | None = None
    value: Json = TYPED
    unit: str | None = None
    exact: bool = False
    original: Path | None = None
    label: str | None = None


def read_assignment(words: str) -> Assignment:
    """Split ``KEY=VALUE``, ``KEY=@FILE`` or ``KEY:=JSON``.

    Raises
    ------
    UsageError
        There is no ``=``, no key, no such file, or no JSON.

    """
    key, equals, value = words.partition("=")
    if not equals or not key.strip(" :"):
        raise UsageError(f"{words!r} is no assignment", hint="KEY=VALUE, KEY=@FILE.csv or KEY:=JSON")
    if key.endswith(":"):
        return Assignment(key[:-1].strip(), value=_json(value, key[:-1]))
    if not value.startswith("@"):
        return Assignment(key.strip(), value)
    return from_file(key.strip(), Path(value[1:]))


def from_file(key: str, named: Path) -> Assignment:
    """Return the assignment of a file of the user's.

    Raises
    ------
    UsageError
        There is no such file, or it cannot be read twice.

    """
    path = at_home(named)
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no regular file (for {key})", hint="save it as a file: it is read more than once")
    if not path.is_file():
        raise UsageError(f"there is no file {path} (for {key})", hint="""a text that begins with @: KEY:='"@text"'""")
    return Assignment(key, f"@{named}", path)


def read_file(path: Path, stdin: TextIO) -> list[Assignment]:
    """Read a file of assignments; ``-`` is standard input, in any of the layouts.

    Raises
    ------
    UsageError
        It cannot be read, or is none of the layouts.

    """
    try:
        text = stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=LAYOUTS) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8", hint=LAYOUTS) from error
    layout = path.suffix.lower() if str(path) != "-" else _guessed_layout(text)
    if layout == ".csv":
        return list(_from_csv(text, path))
    if layout not in {".toml", ".json"}:
        raise UsageError(f"{path} is of no layout that is known", hint=LAYOUTS)
    tree = _toml(text, path) if layout == ".toml" else _json(text, str(path))
    if not isinstance(tree, dict):
        raise UsageError(f"{path} is no object of KEY: VALUE", hint=LAYOUTS)
    return list(_from_tree(tree))


def _guessed_layout(text: str) -> str:
    if text.lstrip().startswith("{"):
        return ".json"
    return ".csv" if text.startswith("key,value") else ".toml"


def _from_csv(text: str, path: Path) -> Iterator[Assignment]:
    csv.field_size_limit(LONGEST_CELL)
    table = csv.DictReader(io.StringIO(text, newline=""))
    if table.fieldnames is None or not {"key", "value"} <= set(table.fieldnames):
        raise UsageError(f"{path} has no columns key and value", hint=LAYOUTS)
    for row in table:
        if row["key"] is None or row["value"] is None:
            raise UsageError(f"{path}, line {table.line_num}: a key and a value are wanted", hint=LAYOUTS)
        yield Assignment(row["key"].strip(), row["value"], unit=row.get("unit") or None)


def _from_tree(tree: Mapping[str, Any], prefix: str = "") -> Iterator[Assignment]:
    """Yield what a tree holds: a table under a plain key is a part of names, under a key with a dot a value."""
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and "." not in key:
            yield from _from_tree(value, f"{name}.")
        else:
            yield Assignment(name, value=value)


def _json(text: str, what: str) -> Json:
    try:
        return strict_json(text)
    except ValueError as error:
        raise UsageError(f"{what}: no JSON that the server can hold: {error}", hint="for example [1.0, 2.0]") from error


def _toml(text: str, path: Path) -> dict[str, Any]:
    try:
        tree = from_toml(text)
    except ValueError as error:
        raise UsageError(f"{path} is no TOML: {error}", hint=LAYOUTS) from error
    try:
        json.dumps(tree, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path} holds what the server cannot: {error}", hint="no dates, no nan, no inf") from error
    return tree
