"""Test CSV files whose first lines show another separator or another kind of file."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow, slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

TABLE = [["years", "population"], ["2020", "8000.5"], ["2021", "8100.0"]]
CASES = [["case", "Macro.gamma"], ["a", "0.5"], ["b", "0.25"]]
PAIRS = [["key", "value"], ["Macro.gamma", "0.5"], ["Macro.periods", "3"]]
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def written(rows: list[list[str]], separator: str, *, quoted: bool = False, decimal: str = ".") -> str:
    """Return rows with another separator."""
    lines = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(lines, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([cell.replace(".", decimal) if cell[0].isdigit() else cell for cell in row] for row in rows[1:])
    return lines.getvalue()


def table(user: User, content: str) -> list[str]:
    """Return the arguments that set a table."""
    (user.folder / "t.csv").write_text(content)
    return ["param", "set", "21", f"Macro.population=@{user.folder / 't.csv'}"]


def array(user: User, content: str) -> list[str]:
    """Return the arguments that set an array."""
    (user.folder / "t.csv").write_text(content)
    return ["param", "set", "21", f"Macro.weights=@{user.folder / 't.csv'}"]


def pairs(user: User, content: str) -> list[str]:
    """Return the arguments that set values from a file."""
    (user.folder / "t.csv").write_text(content)
    return ["param", "set", "21", "--from", str(user.folder / "t.csv")]


def cases(user: User, content: str) -> list[str]:
    """Return the arguments of a sweep over cases."""
    (user.folder / "t.csv").write_text(content)
    results = str(user.folder / "results.csv")
    return ["calc", "sweep", "21", str(user.folder / "t.csv"), "--collect", "Macro.output", "-o", results]


def swept_table(user: User, content: str) -> list[str]:
    """Return the arguments of a sweep over a table."""
    (user.folder / "swept.csv").write_text(content)
    return cases(user, "case,Macro.population\na,@swept.csv\n")


def exported(user: User, content: str) -> list[str]:
    """Return the arguments that apply an export with a replaced table."""
    assert user.types("study", "export", "21", str(user.folder / "e")).code == 0
    (user.folder / "e" / "data" / "Macro.population.csv").write_text(content)
    return ["study", "apply", str(user.folder / "e"), "21", "--yes"]


def refused(user: User, words: list[str]) -> str:
    """Return the error of a command that is rejected without a change."""
    done = user.types(*words)
    assert done.code == 2, done.err
    assert not [asked for asked in user.requests if "POST" in asked and ("/parameters" in asked or "/execute" in asked)]
    return done.err


@pytest.mark.parametrize("quoted", [False, slow(True)])  # noqa: FBT003 - a value of a parameter
@pytest.mark.parametrize("decimal", [slow("."), ","])
@pytest.mark.parametrize("separator", mostly_slow(SEPARATORS, 2))
@pytest.mark.parametrize(
    ("words", "rows"), [(table, TABLE), slow(array, TABLE), (pairs, PAIRS), (cases, CASES), slow(swept_table, TABLE)]
)
def test_other_separator_is_reported_before_cells_and_quotes(
    user: User,
    words: Callable[[User, str], list[str]],
    rows: list[list[str]],
    separator: str,
    decimal: str,
    quoted: bool,
) -> None:
    error = refused(user, words(user, written(rows, separator, quoted=quoted, decimal=decimal)))
    assert SEPARATORS[separator] in error
    if words is not array:
        assert user.types(*words(user, written(rows, ","))).code in {0, 3}


def test_columns_aligned_with_blanks_are_reported(user: User) -> None:
    """Fortran programs and data loggers write these."""
    error = refused(user, table(user, "  years   population\n   2020   8.0E+03\n   2021   8.1E+03\n"))
    assert "separated by blanks" in error
    assert user.types(*table(user, "years,population\n2020,8.0E+03\n2021,8.1E+03\n")).code == 0


@pytest.mark.parametrize("content", ["sep=;\nyears;population\n2020;1,0\n", "sep=,\nyears,population\n2020,1.0\n"])
def test_separator_line_for_excel_is_reported(user: User, content: str) -> None:
    assert "Excel" in refused(user, table(user, content)) or "semicolons" in refused(user, table(user, content))


def test_assignments_on_stdin_may_be_quoted_or_separated_by_semicolons(user: User) -> None:
    assert user.types("param", "set", "21", "--from", "-", stdin=written(PAIRS, ",", quoted=True).encode()).code == 0
    done = user.types("param", "set", "21", "--from", "-", stdin=written(PAIRS, ";").encode())
    assert (done.code, "semicolons" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (table, "years,population,\n2020,1.0,\n2021,2.0,\n"),
        slow(table, "years,,population\n2020,,1.0\n"),
        (table, ",years,population\n,2020,1.0\n"),
        slow(table, "years,population,\n2020,1.0\n"),
        (array, "weights,\n1.0,\n2.0,\n"),
        (cases, "case,Macro.gamma,\na,1.0,\n"),
        slow(swept_table, "years,population,\n2020,1.0,\n"),
    ],
)
def test_empty_unnamed_column_is_reported_to_be_removed(
    user: User, words: Callable[[User, str], list[str]], content: str
) -> None:
    """Spreadsheets add such a column on the right."""
    assert re.search("remove the (empty )?column", refused(user, words(user, content)))


def test_unnamed_column_with_values_needs_a_name_unless_it_is_an_index(user: User) -> None:
    assert "has no name" in refused(user, table(user, "years,population,\n2020,1.0,5\n"))
    assert "index" in refused(user, table(user, ",years,population\n0,2020,1.0\n"))


@pytest.mark.parametrize(
    ("content", "way_out"),
    [
        slow("years,population\n2020,1.0,\n", "remove the comma"),
        ("# made by R\nyears,population\n2020,1.0\n", "begin with #"),
        slow("years,population\n# a comment\n2020,1.0\n", "begin with #"),
        ("years,population\n2020,1,5\n", "write 1.5, not 1,5"),
    ],
)
def test_row_of_another_length_is_rejected_with_a_remedy(user: User, content: str, way_out: str) -> None:
    """Trailing commas, comments and decimal commas differ in their remedy."""
    assert way_out in refused(user, table(user, content))
    assert "write 1.5" in refused(user, array(user, "w\n1,5\n"))
