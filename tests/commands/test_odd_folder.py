"""Test a folder of unusual CSV files: accepted ones are stored as intended, rejected ones name an accepted form."""

from __future__ import annotations

import ast
import csv
import io
import math
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from conftest import mostly_slow

from server_stub.values import Array, Table, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

NAMES: Final = ("years", "population")
ROWS: Final = "years,population\n2020,8000.5\n2021,{}\n"
# Cells of a column of numbers: what a spreadsheet, R, Julia, pandas, Fortran or a logger writes.
CELLS: Final = {
    "r-na": "NA",
    "pandas-nan": "nan",
    "matlab-nan": "NaN",
    "excel-error": "#N/A",
    "excel-division": "#DIV/0!",
    "sql-null": "NULL",
    "python-none": "None",
    "julia-missing": "missing",
    "dash": "-",
    "dots": "..",
    "blank": "",
    "padded": "  8100.5 ",
    "tab-padded": "\t8100.5\t",
    "fortran-exponent": "8.1D+03",
    "fortran-point": "8100.",
    "fortran-zero": ".5",
    "fortran-overflow": "*******",
    "exponent": "8.1E+03",
    "whole": "8100",
    "full-precision": "8100.500000000000123",
    "one-third": "0.3333333333333333",
    "smallest": "5e-324",
    "too-small": "1e-400",
    "too-large": "1e400",
    "thousands": '"8,100"',
    "thousands-and-decimals": '"8,100.5"',
    "german-thousands": '"8.100,5"',
    "decimal-comma": '"8100,5"',
    "millions": '"8,100,000"',
    "blank-thousands": "8 100",
    "no-break-thousands": "8\u202f100",
    "no-break-before": "\xa08100.5",
    "thin-space-behind": "8100.5\u2009",
    "zero-width": "8100.5\u200b",
    "apostrophe-thousands": "8'100",
    "python-underscores": "8_100",
    "plus": "+8100.5",
    "leading-zeros": "0008100",
    "leading-zeros-float": "0008100.5",
    "minus-sign": "\u22128100.5",
    "fullwidth": "\uff18\uff11",
    "hexadecimal": "0x1FA4",
    "complex": "(1+2j)",
    "bare-complex": "1+2j",
    "infinity": "inf",
    "minus-infinity": "-Infinity",
    "capital-infinity": "INF",
    "infinity-sign": "\u221e",
    "percent": "81.5 %",
    "dollar": "$8100.50",
    "euro": "8100.50 \u20ac",
    "unit": "8100 M",
    "excel-true": "TRUE",
    "python-true": "True",
    "yes": "yes",
    "iso-date": "2021-01-01",
    "iso-time": "2021-01-01T12:30:00Z",
    "german-date": "01.02.2021",
    "clock": "12:30",
    "long-integer": "123456789012345678901234567890",
    "beside-64-bits": "9223372036854775808",
    "array": "[1. 2.]",
    "list": '"[1.0, 2.0]"',
    "quoted-number": '"8100.5"',
    "text-in-quotes": "'8100'",
    "bracketed": "(8100.5)",
    "accounting": '"(8,100)"',
    "all-complex": "(1+2j)\n2022,(2-1j)",
    "formula": "=A1+1",
    "latex": "$8.1\\times10^3$",
    "note": '8100.5 "estimated"',
}
# Layouts: byte order marks, line ends, encodings, separators, comments, headers.
LAYOUTS: Final = {
    "plain": "years,population\n2020,8000.5\n2021,8100.5\n",
    "byte-order-mark": "\ufeffyears,population\n2020,8000.5\n",
    "windows": "years,population\r\n2020,8000.5\r\n2021,8100.5\r\n",
    "old-mac": "years,population\r2020,8000.5\r2021,8100.5\r",
    "no-last-line-end": "years,population\n2020,8000.5",
    "blank-lines": "\nyears,population\n\n2020,8000.5\n\n\n",
    "quoted-header": '"years","population"\n2020,8000.5\n',
    "all-quoted": '"years","population"\n"2020","8000.5"\n',
    "utf-16": "years,population\n2020,8000.5\n".encode("utf-16"),
    "latin-1": "years,population,Région\n2020,8000.5,Orléans\n".encode("latin-1"),
    "german-excel": "years;population\n2020;8000,5\n2021;8100,5\n",
    "german-excel-quoted": '"years";"population"\n"2020";"8000,5"\n',
    "excel-line": "sep=,\nyears,population\n2020,8000.5\n",
    "tabs": "years\tpopulation\n2020\t8000.5\n",
    "bars": "years|population\n2020|8000.5\n",
    "aligned": "  years  population\n   2020     8000.5\n",
    "comment-above": "# written by a logger\nyears,population\n2020,8000.5\n",
    "comment-below": "years,population\n# a comment\n2020,8000.5\n",
    "units-line": "years,population\n[-],[M]\n2020,8000.5\n",
    "trailing-commas": "years,population,\n2020,8000.5,\n2021,8100.5,\n",
    "trailing-comma-in-a-row": "years,population\n2020,8000.5,\n",
    "trailing-comma-in-header": "years,population,\n2020,8000.5\n",
    "empty-column-within": "years,,population\n2020,,8000.5\n",
    "pandas-index": ",years,population\n0,2020,8000.5\n1,2021,8100.5\n",
    "r-row-names": '"","years","population"\n"1",2020,8000.5\n',
    "unnamed": "Unnamed: 0,years,population\n0,2020,8000.5\n",
    "twice": "years,population,population\n2020,8000.5,1.5\n",
    "long-row": "years,population\n2020,8000.5\n2021,8100.5,7\n",
    "short-row": "years,population\n2020,8000.5\n2021\n",
    "decimal-commas-unquoted": "years,population\n2020,8000,5\n",
    "no-header": "2020,8000.5\n2021,8100.5\n",
    "no-rows": "years,population\n",
    "nothing": "",
    "upcast-years": "years,population\n2020.0,8000.5\n2021.0,8100.5\n",
    "fractional-years": "years,population\n2020.5,8000.5\n",
    "unclosed": 'years,population\n2020,"8000.5\n',
    "behind-the-quote": 'years,population\n2020,"8000.5"M\n',
    "nul": "years,population\n2020,8000.5\0\n",
    "control-z": "years,population\n2020,8000.5\n\x1a",
    "web-page": "<!DOCTYPE html>\n<html></html>\n",
}
# These have no spelling that could be derived: whoever wrote them has to say what they mean.
NO_WAY: Final = {"nothing", "no-header", "no-rows", "twice", "short-row", "long-row", "web-page", "unclosed"}
NO_WAY |= {"behind-the-quote", "nul", "control-z", "too-small", "too-large", "note", "decimal-commas-unquoted"}
# Only the user knows the number, or whether the row belongs to the table.
NO_WAY |= {"iso-time", "iso-date", "german-date", "dollar", "euro", "unit", "units-line", "all-complex"}
FILES: Final = {name: (ROWS.format(cell)).encode() for name, cell in CELLS.items()} | {
    name: content.encode() if isinstance(content, str) else content for name, content in LAYOUTS.items()
}
# What is accepted for a table whose columns are declared as whole numbers and floats.
ACCEPTED: Final = {
    *("python-none", "padded", "tab-padded", "fortran-point", "fortran-zero", "exponent", "whole", "full-precision"),
    *("one-third", "smallest", "plus", "leading-zeros-float", "infinity", "minus-infinity", "capital-infinity"),
    *("long-integer", "beside-64-bits", "quoted-number", "bracketed", "plain", "byte-order-mark", "windows"),
    *("old-mac", "no-last-line-end", "blank-lines", "quoted-header", "all-quoted", "upcast-years"),
}
SEPARATORS: Final = {"semicolons": ";", "tabs": "\t", "bars": "|"}
MOST_REPAIRS: Final = 5


def cells_of(content: bytes) -> list[list[str]]:
    """Parse a file with the csv module."""
    return [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if row]


def written(rows: list[list[str]]) -> bytes:
    """Return rows as the content of a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def meaning(column: list[str]) -> list[Any]:
    """Return the expected values of a column without a declared type. One string makes a column of strings."""
    stripped = [cell.strip(" \t") for cell in column]
    if all(re.fullmatch(r"[+-]?\d+", cell, re.ASCII) for cell in stripped):
        return [int(cell) for cell in stripped]
    if all(map(is_number, stripped)):
        return [math.nan if cell == "None" else float(cell.strip("()")) for cell in stripped]
    if all(cell.lower() in {"true", "false"} for cell in column):
        return [cell.lower() == "true" for cell in column]
    values = list(map(literal, column))
    if any(type(value) is str for value in values):
        none = {"None": None}
        pairs = zip(column, values, strict=True)
        return [value if quoted(cell) else none.get(cell, cell) for cell, value in pairs]
    return values


def is_number(cell: str) -> bool:
    """Return whether a cell is a number (including infinity) or a missing value."""
    number = r"\(?[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\)?|[+-]?inf(inity)?|None"
    return re.fullmatch(number, cell, re.ASCII | re.IGNORECASE) is not None


def quoted(cell: str) -> bool:
    """Return whether a quoted cell is a string."""
    return cell[:1] == cell[-1:] == "'"


def literal(cell: str) -> Any:
    """Return the value of a single cell."""
    if re.fullmatch(r"\[[\d. ]+\]", cell, re.ASCII):
        return Array([float(item) for item in cell[1:-1].split()])
    if cell.lower() in {"true", "false"}:
        return cell.lower() == "true"
    if not (is_number(cell) or cell[:1] in {"[", "(", "{", "'"}):
        return cell
    try:
        return ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError):
        return cell


def declared(rows: list[list[str]]) -> list[list[Any]]:
    """Return the expected columns of the declared table: int years, float populations."""
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    years, people = (
        [math.nan if cell == "None" else float(cell.strip(" \t()")) for cell in columns[name]] for name in NAMES
    )
    missing = [None] * len(years) if all(map(math.isnan, years)) else years
    whole = missing if any(map(math.isnan, years)) else list(map(int, years))
    return [whole, people, *(list(column) for name, column in columns.items() if name not in NAMES)]


def stored_columns(user: User, study: str, name: str) -> list[list[Any]]:
    """Return the columns of a stored table."""
    result = user.world.studies[int(study)]
    result.settle()
    table = result.values[name]
    assert isinstance(table, Table)
    return [table.column(column) for column in table.columns]


def with_commas(content: bytes, match: re.Match[str]) -> bytes:
    """Replace the separator with commas and decimal commas with points."""
    lines = content.decode().splitlines()
    blanks = match[1] == "blanks"
    rows = [line.split() for line in lines] if blanks else csv.reader(lines, delimiter=SEPARATORS[match[1]])
    return written([[re.sub(r"^(\d+),(\d+)$", r"\1.\2", cell) for cell in row] for row in rows])


def without_empty_column(content: bytes, _: re.Match[str]) -> bytes:
    """Remove the unnamed column."""
    rows = cells_of(content)
    empty = rows[0].index("")
    return written([row[:empty] + row[empty + 1 :] for row in rows])


# What the hints of files say, as it is done.
REPAIRS: Final[dict[str, Callable[[bytes, re.Match[str]], bytes]]] = {
    r"iconv -f (\S+)": lambda content, match: content.decode(match[1]).encode(),
    "is separated by (semicolons|tabs|bars|blanks)": with_commas,
    "begin with #": lambda content, _: re.sub(rb"(?m)^#.*\n", b"", content),
    "remove the first line": lambda content, _: content.partition(b"\n")[2],
    "remove the empty column": without_empty_column,
    "remove the column. In pandas": lambda content, _: written([row[1:] for row in cells_of(content)]),
    "remove the comma": lambda content, _: re.sub(rb"(?m),$", b"", content),
}


def repaired(content: bytes, error: str) -> bytes | None:
    """Repair a file as the hint says. Return ``None`` if the hint leaves the repair to the user."""
    for pattern, repair in REPAIRS.items():
        if result := re.search(pattern, error):
            return repair(content, result)
    return respelled(content, error, error.partition("try: ")[2])


def respelled(content: bytes, error: str, hint: str) -> bytes | None:
    """Rewrite the cell that the error names as its hint says."""
    position = re.search(r"\.csv, line (\d+), column (\w+): ", error)
    spelling = re.search(r"write (?:\S+ or )?(\S+?)(?:;.*)?$|or (None) for a missing value", hint.splitlines()[0])
    if position is None:
        return None
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    row, number = rows[int(position[1]) - 1], rows[0].index(position[2])
    if "None for a missing value" in hint:
        row[number] = "None"
    elif plain := re.search(r"write (\S+) without quotes", hint):
        row[number] = plain[1]
    elif "beside complex numbers" in error:
        row[number] = f"({row[number]}+0j)"
    elif spelling is not None:
        row[number] = spelling[1]
    return written(rows)


@pytest.mark.parametrize("name", mostly_slow(FILES, 20))
def test_file_for_a_declared_table_is_stored_or_repaired(user: User, name: str) -> None:
    content = FILES[name]
    done = send(user, content, "21", "Macro.population")
    assert (done.code == 0) == (name in ACCEPTED), done.err
    repairs = 0
    while done.code:
        assert done.code == 2, done.err
        assert "t.csv" in done.err
        later = repaired(content, done.err)
        if later is None or name in NO_WAY:
            assert name in NO_WAY, done.err
            return
        repairs += 1
        assert later != content, done.err
        assert repairs < MOST_REPAIRS, done.err
        content = later
        done = send(user, content, "21", "Macro.population")
    assert same(stored_columns(user, "21", "Macro.population"), declared(cells_of(content)))


@pytest.mark.parametrize("name", mostly_slow([name for name in FILES if name not in NO_WAY], 20))
def test_file_for_a_table_without_declared_columns_is_stored_or_repaired(
    user_of: Callable[..., User], name: str
) -> None:
    user, content = user_of("documented", "realistic"), FILES[name]
    done = send(user, content, "37", "Mixed.df_free", "--force")
    for _ in range(MOST_REPAIRS):
        if done.code == 0:
            break
        assert (done.code, "t.csv" in done.err) == (2, True), done.err
        later = repaired(content, done.err)
        assert later is not None, done.err
        content = later
        done = send(user, content, "37", "Mixed.df_free", "--force")
    assert done.code == 0, done.err
    rows = cells_of(content)
    expected = [meaning(list(column)) for column in zip(*rows[1:], strict=True)]
    assert same(stored_columns(user, "37", "Mixed.df_free"), expected), (
        stored_columns(user, "37", "Mixed.df_free"),
        expected,
    )


def send(user: User, content: bytes, study: str, key: str, *options: str) -> Any:
    """Set a table from a file with this content."""
    (user.folder / "t.csv").write_bytes(content)
    return user.types("param", "set", study, f"{key}=@{user.folder / 't.csv'}", *options)


def test_folder_has_every_kind_of_file() -> None:
    assert len(FILES) == len(CELLS) + len(LAYOUTS)
    assert len(FILES) > 100
    assert FILES.keys() > ACCEPTED
