"""--safe-csv: no cell of a table can be taken for a formula; without it tables are exact."""

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
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    """What begins with one of OWASP's characters is text for a spreadsheet then."""
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*NUMBERS, "text", "a=1", "2020-01-01", "(-1)"])
def test_numbers_and_other_texts_stay(cell: str) -> None:
    """A negative number is a number, and only the beginning of a text matters."""
    assert safe(cell) == cell


def read(text: str, delimiter: str = ",") -> list[list[str]]:
    """Read a table as a spreadsheet does."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def unsafe(rows: list[list[str]]) -> list[str]:
    """Return the cells that a spreadsheet would compute."""
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
def test_tables_are_safe_where_it_is_asked_for(formulas: User, line: str, form: str) -> None:
    """A printed table has formulas without the option, and none with it; every cell is there still."""
    plain = read(formulas.types(*line.split(), "-F", form).out, "\t" if form == "tsv" else ",")
    safely = read(formulas.types(*line.split(), "-F", form, "--safe-csv").out, "\t" if form == "tsv" else ",")
    assert unsafe(plain)
    assert unsafe(safely) == []
    assert plain == [[cell.removeprefix("'") for cell in row] for row in safely]


def test_a_file_of_the_server_is_exact_unless_it_is_to_be_safe(formulas: User) -> None:
    """`param download`: the server's bytes, or the same table without formulas, in a stream, a file and a folder."""
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
    """`postproc export --as csv --safe-csv`, also over an export that was exact."""
    folder = formulas.folder / "out"
    arguments = ["postproc", "export", "66", "-d", str(folder), "--as", "csv"]
    assert formulas.types(*arguments).code == 0
    tables = lambda: [read(path.read_text("utf-8")) for path in sorted(folder.glob("*.csv"))]  # noqa: E731 - asked twice
    exact = tables()
    assert any(map(unsafe, exact)) or exact
    assert formulas.types(*arguments, "--safe-csv", "--overwrite").code == 0
    assert not any(map(unsafe, tables()))


def test_an_export_is_exact_all_the_same(formulas: User) -> None:
    """`study export` is read back by `study apply`: the option changes nothing in it."""
    for name, options in (("a", []), ("b", ["--safe-csv"])):
        formulas.types("study", "export", "66", str(formulas.folder / name), *options)
    a, b = ({p.name: p.read_bytes() for p in (formulas.folder / n / "data").iterdir()} for n in "ab")
    assert a == b


def test_any_cut_of_a_file_is_the_same_table() -> None:
    """Pieces of the network may end within a character, a quote or a cell; bytes that are no UTF-8 stay."""
    whole = 'n,"=a ""b""\n+c"\r\n1,☃\n-2,\udcff\n'.encode("utf-8", "surrogateescape")
    expected = b"".join(safe_pieces([whole]))
    for cut in range(len(whole) + 1):
        assert b"".join(safe_pieces([whole[:cut], whole[cut:]])) == expected
    assert b"'=a" in expected
    assert b"\xff" in expected


def test_what_is_no_csv_is_an_error(formulas: User) -> None:
    """A file that cannot be read as CSV is exit 7, and leaves no file behind."""
    formulas.world.studies[STUDY].values["T.list"] = ["a\rb"]
    target = formulas.folder / "t.csv"
    done = formulas.types("param", "download", "66", "T.list", "-o", str(target), "--safe-csv")
    assert done.code in {0, 7}
    assert target.exists() is (done.code == 0)
