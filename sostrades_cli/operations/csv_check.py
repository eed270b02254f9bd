"""Checking a CSV file before it is sent: the server answers 200 to files that it then reads wrongly.

The server reads comma-separated UTF-8 with a header line and no index column, and tries each cell as a Python
literal. What that turns into something else without a word is refused here, with line and column.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.documents import LONGEST_SHOWN, NoDoubleError, double
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.csv_reader import QUOTES, BrokenRowError, numbered_rows
from sostrades_cli.operations.encodings import not_utf8
from sostrades_cli.output.text import counted, with_article

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_NUMBER: Final = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")
_ZERO: Final = ("0", "-0", "+0")
_LEADING_ZERO: Final = re.compile(r"\s*[+-]?0[0-9]+\s*")
_CONTROLS: Final = {"\0": "a NUL byte", "\x1a": "a Ctrl-Z"}
_CONTROL: Final = re.compile("[\0\x1a]")
_NOT_A_NUMBER: Final = frozenset({"nan", "inf", "-inf", "infinity", "-infinity", "na", "n/a", "null"})


@dataclass(slots=True)
class _Column:
    """What was seen of a column, and on which line first; ``numbers`` says that the study holds nothing else there."""

    name: str
    text: int | None = None
    blank: int | None = None
    numbers: bool = False
    special: tuple[int, str] | None = None
    leading_zero: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that the server will read as it is meant."""

    columns: tuple[str, ...]
    rows: int


def read(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file with their line numbers, header first, as the server would see them.

    Raises
    ------
    UsageError
        It cannot be read, is not UTF-8, or a quote in it is never closed.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # Blank lines are no rows, neither here nor on the server.
            yield from (numbered for numbered in numbered_rows(file) if numbered[1])
    except BrokenRowError as error:
        raise UsageError(f"{path}, {error}", hint=QUOTES) from error
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="look at its name and permissions") from error


def refuse_control(cell: str, where: str) -> None:
    """Refuse a NUL and what editors of old end a file with: no text has them, and readers differ on what they mean.

    Raises
    ------
    UsageError
        There is one.

    """
    if found := _CONTROL.search(cell):
        raise UsageError(f"{where}: {_CONTROLS[found.group()]} stands in it", hint="is it a text file, saved as UTF-8?")


def check(
    path: Path,
    *,
    key: str,
    columns: str = "any",
    label: str | None = None,
    blanks: bool = False,
    numbers: Collection[str] = (),
) -> Checked:
    """Check a file against what the server does with it.

    ``columns`` says what the parameter's type asks of the header: ``any``, ``one`` (lists and arrays) or
    ``variable`` (dicts of tables); ``label`` is what to call the file in an error, unless by its name.
    ``blanks`` says that the file is a download, in which texts may hold anything, and that blank cells will be sent
    as empty values. ``numbers`` are the columns in which the study holds numbers only: text there would be taken,
    and the next run would fail. Of a list or an array the name of the column does not matter.

    Raises
    ------
    UsageError
        The server would refuse it, or store something else; the message has line and column.

    """
    table, called = read(path), label or str(path)
    _, header = next(table, (0, []))
    if not header:
        raise UsageError(f"{called} is empty", hint="a CSV file starts with a header line")
    seen = [_Column(name, numbers=name in numbers or (columns == "one" and bool(numbers))) for name in header]
    if not blanks:
        refuse_control("".join(header), f"{called}, line 1")
    _check_header(header, called, key, columns)
    rows = 0
    for line, row in table:
        rows += 1
        _look_at_row(seen, row, line, called, exact=blanks)
    for column in seen:
        column.blank = None if blanks else column.blank
        _judge(column, called)
    return Checked(tuple(header), rows)


def _look_at_row(seen: list[_Column], row: list[str], line: int, path: str, *, exact: bool) -> None:
    # Where a cell stands is put into words for those only that are refused: there may be a hundred million.
    if len(row) != len(seen):
        raise UsageError(
            f"{path}, line {line}: {counted(len(row), 'cell')}, the header has {len(seen)}",
            hint='quote cells with a comma: "a,b"',
        )
    if not exact and _CONTROL.search("".join(row)):
        for column, cell in zip(seen, row, strict=True):
            refuse_control(cell, f"{path}, line {line}, column {column.name}")
    for column, cell in zip(seen, row, strict=True):
        _look(column, cell, line, path)


def _check_header(header: list[str], path: str, key: str, columns: str) -> None:
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and separator in header[0]:
            raise UsageError(
                f"{path} is separated by {name}; the server would read one column {header[0]!r}",
                hint="save it with commas, and numbers with a point",
            )
    if not header[0].strip() or header[0].startswith("Unnamed:"):
        raise UsageError(
            f"{path} begins with an index column; the server would store it as a column 'Unnamed: 0'",
            hint="drop it: pandas writes none with to_csv(index=False)",
        )
    blank = [number for number, name in enumerate(header, 1) if not name.strip()]
    if blank:
        raise UsageError(f"{path}: column {blank[0]} has no name", hint="name it in the first line")
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        raise UsageError(f"{path}: two columns are called {double[0]!r}", hint="the server would rename one of them")
    if all(_NUMBER.fullmatch(name) for name in header):
        raise UsageError(
            f"{path}: the first line holds numbers only; the server would take it as names", hint="add a header line"
        )
    _check_layout(header, path, key, columns)


def _check_layout(header: list[str], path: str, key: str, columns: str) -> None:
    if columns == "one" and len(header) > 1:
        raise UsageError(
            f"{path} has {len(header)} columns; of a list or array the server takes the first and drops the rest",
            hint=f"{key} takes one column, any header",
        )
    if columns == "one" and header[0] == "variable":
        raise UsageError(
            f"{path} has a column 'variable', as the download of a list of objects, which no file gives back",
            hint=f"{key}:='[...]' with JSON",
        )
    if columns == "variable" and header[0] != "variable":
        raise UsageError(
            f"{path}: the first column is {header[0]!r}", hint=f"{key} is a dict: its first column is called variable"
        )


def _look(column: _Column, cell: str, line: int, path: str) -> None:
    plain = cell.strip()
    if not plain:
        column.blank = column.blank or line
    elif plain.lower() in _NOT_A_NUMBER:
        column.special = column.special or (line, plain)
    elif _DECIMAL_COMMA.fullmatch(cell):
        raise UsageError(
            f"{path}, line {line}, column {column.name}: {cell!r} has a decimal comma, which the server would misread",
            hint=f"write {plain.replace(',', '.')}",
        )
    elif _NUMBER.fullmatch(cell):
        if plain.startswith(_ZERO) or not 0 < abs(float(cell)) < math.inf:
            _look_at_number(column, cell, line, path)
    elif plain != "None":
        _look_at_text(column, plain, line, f"{path}, line {line}, column {column.name}")


def _look_at_number(column: _Column, cell: str, line: int, path: str) -> None:
    try:
        double(cell)
    except NoDoubleError as error:
        where = f"{path}, line {line}, column {column.name}"
        raise UsageError(f"{where}: {error}", hint="write a number that a double holds") from error
    if _LEADING_ZERO.fullmatch(cell):
        column.leading_zero = column.leading_zero or (line, cell.strip())


def _look_at_text(column: _Column, text: str, line: int, where: str) -> None:
    _refuse_literal(text, where)
    if column.numbers:
        raise UsageError(
            f"{where}: {text[:LONGEST_SHOWN]!r} is no number, and the column would no longer hold numbers as it does "
            "in the study",
            hint="write a number such as 1000.5, or None for an empty value",
        )
    column.text = column.text or line


def _refuse_literal(text: str, where: str) -> None:
    """Refuse a text that the server would read as something else: quotes, 0x10, 1_000, (), b''."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    if not isinstance(value, bool | list | dict):
        raise UsageError(
            f"{where}: the server would read {text} as {value!r}, {with_article(type(value).__name__)}",
            hint="write it differently",
        )


def _judge(column: _Column, path: str) -> None:
    """Refuse what is wrong in a column of numbers; in a column of text a blank or ``007`` is what it says."""
    if column.text is not None:
        return
    if column.blank is not None:
        raise UsageError(
            f"{path}, line {column.blank}, column {column.name}: a blank cell; the server would store the text '' "
            "and the column would no longer hold numbers",
            hint="write None for an empty value",
        )
    if column.special is not None:
        line, text = column.special
        raise UsageError(
            f"{path}, line {line}, column {column.name}: {text!r} stays text on the server, and the column would no "
            "longer hold numbers",
            hint="write None for an empty value",
        )
    if column.leading_zero is not None:
        line, text = column.leading_zero
        raise UsageError(
            f"{path}, line {line}, column {column.name}: the server would make {text!r} a number without its zeros",
            hint=f"write {int(text)}",
        )
