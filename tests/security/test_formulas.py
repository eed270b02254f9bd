"""Test --safe-csv: no cell can be read as a formula. Without the option, tables are exact."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from security.hostile import STUDY, enter

from server_stub.values import Table
from sostrades_cli.output.csv_injection import safe, safe_pieces

if TYPE_CHECKING:
    from conftest import User

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example";"x")')
NUMBERS = ("-1.5", "+3", "-1e5", "-.5", "-inf", "0", "12", "1e-3", "")


@pytest.mark.parametrize("cell", FORMULAS)
def test_formula_gets_an_apostrophe(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*NUMBERS, "text", "a=1", "2020-01-01", "(-1)"])
def test_numbers_and_other_strings_are_unchanged(cell: str) -> None:
    assert safe(cell) == cell


def read(text: str, delimiter: str = ",") -> list[list[str]]:
    """Parse a table as a spreadsheet does."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def unsafe(rows: list[list[str]]) -> list[str]:
    """Return the cells that a spreadsheet would evaluate."""
    return [cell for row in rows for cell in row if safe(cell) != cell]


@pytest.fixture
def formulas(user: User) -> User:
    """Return a user of a server whose texts are formulas."""
    enter(user.world, name="evil", tricks=FORMULAS)
    rows = tuple(zip(range(len(FORMULAS)), FORMULAS, [-1.5, *range(6)], strict=True))
    user.world.studies[STUDY].values["T.table"] = Table(("n", "=name", "-1"), rows)
    return user


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("line", ["study load 66", "param list 66", "postproc list 66"])
def test_printed_tables_are_safe_only_with_the_option(formulas: User, line: str, form: str) -> None:
    plain = read(formulas.types(*line.split(), "-F", form).out, "\t" if form == "tsv" else ",")
    safely = read(formulas.types(*line.split(), "-F", form, "--safe-csv").out, "\t" if form == "tsv" else ",")
    assert unsafe(plain)
    assert unsafe(safely) == []
    assert plain == [[cell.removeprefix("'") for cell in row] for row in safely]


def test_downloads_are_exact_unless_the_option_is_set(formulas: User) -> None:
    exact = formulas.types("param", "download", "66", "T.table").out
    safely = formulas.types("param", "download", "66", "T.table", "--safe-csv").out
    assert unsafe(read(exact))
    assert [[safe(cell) for cell in row] for row in read(exact)] == read(safely)
    assert "-1.5" in read(safely)[1]
    folder = formulas.folder / "out"
    done = formulas.types("param", "download", "66", "*T.table", "-d", str(folder), "--safe-csv")
    assert done.code == 0
    [file] = [path for path in folder.iterdir() if path.suffix == ".csv"]
    assert file.read_bytes().decode() == safely
    done = formulas.types("param", "download", "66", "T.table", "-o", str(formulas.folder / "t.csv"), "--safe-csv")
    assert (formulas.folder / "t.csv").read_bytes().decode() == safely


def test_charts_are_exported_without_formulas(formulas: User) -> None:
    folder = formulas.folder / "out"
    arguments = ["postproc", "export", "66", "-d", str(folder), "--as", "csv"]
    assert formulas.types(*arguments).code == 0
    tables = lambda: [read(path.read_text("utf-8")) for path in sorted(folder.glob("*.csv"))]  # noqa: E731 - asked twice
    exact = tables()
    assert any(map(unsafe, exact)) or exact
    assert formulas.types(*arguments, "--safe-csv", "--overwrite").code == 0
    assert not any(map(unsafe, tables()))


def test_study_export_is_not_changed_by_the_option(formulas: User) -> None:
    """`study apply` reads it back."""
    for name, options in (("a", []), ("b", ["--safe-csv"])):
        formulas.types("study", "export", "66", str(formulas.folder / name), *options)
    a, b = ({p.name: p.read_bytes() for p in (formulas.folder / n / "data").iterdir()} for n in "ab")
    assert a == b


def test_chunks_of_a_file_do_not_change_its_table() -> None:
    """Chunks may end inside a character, a quote or a cell."""
    whole = 'n,"=a ""b""\n+c"\r\n1,☃\n-2,\udcff\n'.encode("utf-8", "surrogateescape")
    expected = b"".join(safe_pieces([whole]))
    for cut in range(len(whole) + 1):
        assert b"".join(safe_pieces([whole[:cut], whole[cut:]])) == expected
    assert b"'=a" in expected
    assert b"\xff" in expected


def test_invalid_csv_is_exit_7_and_leaves_no_file(formulas: User) -> None:
    formulas.world.studies[STUDY].values["T.list"] = ["a\rb"]
    target = formulas.folder / "t.csv"
    done = formulas.types("param", "download", "66", "T.list", "-o", str(target), "--safe-csv")
    assert done.code in {0, 7}
    assert target.exists() is (done.code == 0)
