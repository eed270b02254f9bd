"""Test the encoding of files as tables: each rule, each error, and unchanged bytes."""

from __future__ import annotations

import csv
import io
import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub import csv_files
from server_stub.values import Array, Table
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.tables import upload
from sostrades_cli.operations.tables.column_types import KnownColumn
from sostrades_cli.operations.tables.layout import ANY, KEYED, ONE
from sostrades_cli.operations.tables.match import match, shows
from sostrades_cli.operations.tables.misfits import ARRAY, BOOL, FLOAT, INT, STRING, Notation
from sostrades_cli.operations.tables.stored_table import StoredTable

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.tables.codec import Encoded

KEY = "dice.Macro.population"


def encoded(folder: Path, content: bytes | str, columns: str = ANY, **options: Any) -> Encoded:
    """Encode a file with this content."""
    file, names = folder / "p.csv", itertools.count()
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = upload.UploadSource(file, str(file), columns, **options)
    return upload.encode(source, KEY, lambda: folder / f"{next(names)}.csv")


def column(folder: Path, *cells: str, known: KnownColumn | None = None, **options: Any) -> tuple[list[str], list[Any]]:
    """Return the cells of a column as sent, and the values read by the server."""
    content = "".join(f'x,"{cell.replace(chr(34), 2 * chr(34))}"\n' for cell in ("c", *cells))
    table = encoded(folder, content, known={"c": known} if known else {}, **options)
    sent = table.sent.read_bytes()
    stored_value = csv_files.read(sent, "dataframe")
    assert isinstance(stored_value, Table)
    (folder / "download.csv").write_bytes(csv_files.write(stored_value).encode())
    assert match(table, StoredTable(folder / "download.csv", ""), "dataframe").same
    return [row[1] for row in csv.reader(io.StringIO(sent.decode(), newline=""))][1:], stored_value.column("c")


def refusal(folder: Path, content: bytes | str, columns: str = ANY, **options: Any) -> UsageError:
    """Return the error for a file with this content. It names the file and has a hint."""
    with pytest.raises(UsageError) as caught:
        encoded(folder, content, columns, **options)
    assert str(folder / "p.csv") in caught.value.message
    assert caught.value.hint
    return caught.value


# What is sent as it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("years,population\n2020,8000.0\n2021,8100.5\n", 2),
        ("years,population\r\n2020,8000.0\r\n", 1),
        ("\ufeffyears,population\n2020,8000.0\n", 1),
        ("years,population\n2020,8000.0", 1),
        ("years,population\n", 0),
        ("years,population\n\n2020,8000.0\n\n", 1),
        ("years,population\n2020,None\n2021,1\n", 2),
        ("years,population\n-1,+2.5\n0,.5\n0.5,5.\n", 3),
        ("years,population\n2020,123456789012345\n", 1),
        ("years,population\n2020,inf\n", 1),
        ('name,comment\nRome,"a, b"\n"say ""hi""",café\n', 2),
        ('name,comment\nRome,"two\nlines"\n', 1),
        ("name,comment\nRome,\nParis,x\n", 2),
        ("name,comment\nRome,nan\nParis,x\n", 2),
        ("name,code\nRome,'01'\nParis,x7\n", 2),
        ("name,active\nRome,True\nParis,False\n", 2),
        ("name,shape\nRome,[1. 2.]\nParis,[3. 4.5]\n", 2),
        ("date,v\n2020-01-01,1.0\n", 1),
        ("a;b,c\n1,2\n", 1),
    ],
)
def test_file_without_encoding_is_sent_byte_for_byte(tmp_path: Path, content: str, rows: int) -> None:
    """BOM, CRLF, quoted cells, a header alone, None, blank lines and short numbers."""
    table = encoded(tmp_path, content)
    assert (table.sent, table.encoded, table.rows) == (tmp_path / "p.csv", False, rows)
    stored_value = csv_files.read(content.encode(), "dataframe")
    (tmp_path / "download.csv").write_text(csv_files.write(stored_value))
    assert match(table, StoredTable(tmp_path / "download.csv", ""), "dataframe").same


# What is encoded --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "sent", "stored"),
    [
        (["0.30000000000000004", "1"], ["(0.30000000000000004)", "(1.0)"], [0.30000000000000004, 1.0]),
        (["1e22", "2.5"], ["(1e+22)", "(2.5)"], [1e22, 2.5]),
        (["0.00010851507476509749"], ["(0.00010851507476509749)"], [0.00010851507476509749]),
        (["inf", "1e22"], ["(1e309)", "(1e+22)"], [math.inf, 1e22]),
        (["-Infinity", "1"], ["(-1e309)", "(1.0)"], [-math.inf, 1.0]),
        (["9007199254740993", "2.5"], ["(9007199254740992.0)", "(2.5)"], [9007199254740992.0, 2.5]),
        (["18446744073709551616", "-5"], ["(18446744073709551616)", "(-5)"], [2**64, -5]),
        (["x", "01", "2"], ["x", "'01'", "'2'"], ["x", "01", "2"]),
        (["x", "'01'", "None"], ["x", "'01'", "None"], ["x", "01", None]),
        (["x", "[1. 2.]", "{'a': 1}"], ["x", "'[1. 2.]'", "\"{'a': 1}\""], ["x", "[1. 2.]", "{'a': 1}"]),
        (["x", "a\rb", "(1, 2)"], ["x", r"'a\rb'", "'(1, 2)'"], ["x", "a\rb", "(1, 2)"]),
        (["True", "None", "false"], ["True", "None", "False"], [True, None, False]),
        (["[1. 2.]", "[3, 4]"], ["[1. 2.]", "[3, 4]"], [Array([1.0, 2.0]), [3, 4]]),
        (["True", "2", "0.5"], ["(True)", "(2)", "(0.5)"], [True, 2, 0.5]),
    ],
)
def test_values_that_the_server_would_change_are_encoded(
    tmp_path: Path, cells: list[str], sent: list[str], stored: list[Any]
) -> None:
    assert column(tmp_path, *cells) == (sent, stored)
    assert list(map(type, column(tmp_path, *cells)[1])) == list(map(type, stored))


def test_integers_beside_missing_values_are_noted_as_floats(tmp_path: Path) -> None:
    """The server stores such a column as floats with nan."""
    table = encoded(tmp_path, "a,i\nx,1\ny,None\n")
    assert table.types["i"] == FLOAT
    assert len(table.notes) == 1
    assert table.expected.read_text() == "a,i\nx,1.0\ny,\n"
    assert "i" in refusal(tmp_path, f"a,i\nx,{2**53 + 1}\ny,None\n").message


def test_number_in_a_string_column_is_noted_as_string(tmp_path: Path) -> None:
    """Without metadata one string makes a column of strings."""
    [note] = encoded(tmp_path, "code,n\n2,1\nx3,2\n").notes
    assert "code" in note


# Types that are known -----------------------------------------------------------------------------------


def test_declared_string_column_accepts_numbers_as_strings(tmp_path: Path) -> None:
    known = KnownColumn(STRING, declared=True)
    assert column(tmp_path, "01", "2", "", "\xa01.5", known=known)[1] == ["01", "2", "", "\xa01.5"]


def test_integers_in_a_float_column_are_sent_as_floats(tmp_path: Path) -> None:
    assert column(tmp_path, "5", "6", known=KnownColumn(FLOAT))[0] == ["(5.0)", "(6.0)"]
    assert column(tmp_path, "5", "6", known=KnownColumn(INT))[1] == [5, 6]
    assert column(tmp_path, "5", "6.5", known=KnownColumn(INT))[1] == [5.0, 6.5]
    assert "'6.5'" in refusal(tmp_path, "i\n5\n6.5\n", known={"i": KnownColumn(INT, declared=True)}).message


def test_blank_cell_is_accepted_if_the_column_has_missing_values(tmp_path: Path) -> None:
    stored_value = column(tmp_path, "1.5", "", known=KnownColumn(FLOAT, blanks=True))[1]
    assert stored_value[0] == 1.5
    assert math.isnan(stored_value[1])
    assert column(tmp_path, "x", "", known=KnownColumn(STRING, blanks=True))[1] == ["x", None]
    assert column(tmp_path, "x", "", known=KnownColumn(STRING))[1] == ["x", ""]
    assert "line 2, column q" in refusal(tmp_path, "x,q\na,\nb,1\n", known={"q": KnownColumn(FLOAT)}).message


def test_literal_like_string_of_the_study_is_kept(tmp_path: Path) -> None:
    """The string 'q' with its quotes, or None, comes from an edited download."""
    known = KnownColumn(STRING, odd={"'q'", "None"})
    assert column(tmp_path, "'q'", "None", "'r'", known=known)[1] == ["'q'", "None", "r"]


def test_lists_are_rejected_in_a_column_of_arrays(tmp_path: Path) -> None:
    """The server would keep lists, and the next run would fail, unless the model converts them."""
    assert "line 2" in refusal(tmp_path, 'a,b\nx,"[1.0, 2.0]"\n', known={"b": KnownColumn(ARRAY)}).message
    table = encoded(tmp_path, 'a,b\nx,"[1.0, 2.0]"\ny,[5.]\n', known={"b": KnownColumn(ARRAY, declared=True)})
    stored_value = csv_files.read(table.sent.read_bytes(), "dataframe", descriptor={"b": ["array", None, True]})
    assert isinstance(stored_value, Table)
    assert stored_value.column("b") == [Array([1.0, 2.0]), Array([5.0])]


@pytest.mark.parametrize("cells", [["2020.0", "2021"], ["2020.", "-1"], ["2.02e3", "007.0"]])
def test_integral_float_becomes_an_int_in_a_declared_column(tmp_path: Path, cells: list[str]) -> None:
    """Ints beside a missing value become floats in pandas."""
    stored_value = column(tmp_path, *cells, known=KnownColumn(INT, declared=True))[1]
    assert stored_value == [int(float(cell)) for cell in cells]
    assert set(map(type, stored_value)) == {int}
    error = refusal(tmp_path, f"i\n{cells[0]}\n2020.5\n", known={"i": KnownColumn(INT, declared=True)})
    assert ("line 3" in error.message, "'2020.5'" in error.message) == (True, True)


@pytest.mark.parametrize("cells", [["1.0", "0.0"], ["1", "0"], ["True", "0.0"], ["1.0", "None"]])
def test_zero_and_one_become_booleans_in_a_column_of_booleans(tmp_path: Path, cells: list[str]) -> None:
    """Booleans beside floats become floats in pandas."""
    expected = [{"1": True, "T": True, "0": False, "N": None}[cell[0]] for cell in cells]
    for declared in (True, False):
        stored_value = column(tmp_path, *cells, known=KnownColumn(BOOL, declared=declared))[1]
        assert list(map(repr, stored_value)) == list(map(repr, expected))
    for other in ("2", "0.5", "01"):
        assert "line 2" in refusal(tmp_path, f"b\n{other}\n", known={"b": KnownColumn(BOOL, declared=True)}).message


BLANKS = "\xa0\u2007\u2009\u202f\u3000\u200b\u2060\ufeff\x0c\x85"


@pytest.mark.parametrize("blank", mostly_slow(BLANKS, 4))
@pytest.mark.parametrize(
    "template", ["{}1.5", "1.5{}", "-1{}500", "{}5", "1,5{}", "inf{}", "True{}", "[1.0{}2.0]", "{}[1, 2]"]
)
def test_number_with_a_unicode_space_is_rejected(tmp_path: Path, blank: str, template: str) -> None:
    cell = template.format(blank)
    for known in ({}, {"q": KnownColumn(FLOAT)}, {"q": KnownColumn(ARRAY)}):
        error = refusal(tmp_path, f'x,q\nb,"{cell}"\n', known=known)
        assert "line 2, column q" in error.message
    error = refusal(tmp_path, f'x,q\nb,"{cell}"\n')
    spelled = str(error.hint).removeprefix("write ").partition(";")[0]
    assert encoded(tmp_path, f'x,q\nb,"{spelled}"\n').rows == 1


def test_string_with_a_unicode_space_differs_from_the_number(tmp_path: Path) -> None:
    for text, clean in (("\xa01.5", "1.5"), ("[1.0\xa02.0]", "[1.0 2.0]")):
        table = encoded(tmp_path, f"x,q\na,{clean}\n")
        stored_value = csv_files.write(csv_files.read(f"x,q\na,{text}\n".encode(), "dataframe"))
        (tmp_path / "download.csv").write_text(stored_value)
        stored = StoredTable(tmp_path / "download.csv", "")
        assert not match(table, stored, "dataframe").same
        assert not shows(table, stored, "dataframe")


@pytest.mark.parametrize(
    ("cell", "spelled"),
    [
        ("1,234", "write 1234 or 1.234"),
        ("-12,345", "write -12345 or -12.345"),
        ("1,5", "write 1.5"),
        ("0,125", "write 0.125"),
        ("1,234,567", "write 1234567"),
        ("1,234.5", "write 1234.5"),
        ("1.234,5", "write 1234.5"),
        ("1.D+03", "write 1.e+03"),
        ("1 000", "write 1000"),
        ("1_000", "write 1000"),
        ("\u22125", "write -5"),
        ("007", "write 7"),
        ("5 %", "write 0.05 or 5"),
    ],
)
def test_all_interpretations_of_a_number_are_listed(tmp_path: Path, cell: str, spelled: str) -> None:
    """A comma may separate thousands or decimals."""
    known = {"q": KnownColumn(FLOAT)}
    error = refusal(tmp_path, f'x,q\na,"{cell}"\n', known=known)
    assert (error.hint, "line 2, column q" in error.message) == (spelled, True)
    for item in spelled.removeprefix("write ").split(" or ") if "such as" not in spelled else []:
        assert encoded(tmp_path, f"x,q\na,{item}\n", known=known).types["q"] == FLOAT


# Downloads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "declared"),
    [
        ([1.5, math.nan, 1e300], None),
        ([True, None, False], None),
        (["a", None, "b"], None),
        (["'q'", "None", "x"], None),
        (["01", "2", "x3"], None),
        (["01", "2", ""], STRING),
        ([[1, 2], {"a": None}, [0.1]], None),
        ([Array([1.25, 2.0]), Array([0.1, 1e-9])], None),
        ([1, 2, -(2**70)], None),
        ([(1, 2), (3, 4)], None),
    ],
)
def test_download_is_restored_exactly(tmp_path: Path, values: list[Any], declared: str | None) -> None:
    """As far as a download shows the types."""
    content = csv_files.write(Table(("c",), tuple((value,) for value in values)))
    known = {"c": KnownColumn(declared, declared=True)} if declared else {}
    table = encoded(tmp_path, content, notation=Notation.DOWNLOAD, known=known)
    stored_value = csv_files.read(table.sent.read_bytes(), "dataframe")
    assert isinstance(stored_value, Table)
    assert list(map(repr, stored_value.column("c"))) == list(map(repr, values))


@pytest.mark.parametrize("cell", ["[1. 2. ... 3. 4.]", "{'a': nan}", "[[1. 2.]\n [3. 4.]]"])
def test_ambiguous_download_is_rejected(tmp_path: Path, cell: str) -> None:
    """Shortened arrays, nested nan and 2-D arrays would become strings."""
    refusal(tmp_path, f'a,c\n1,"{cell}"\n', notation=Notation.DOWNLOAD)


# Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("years,q\n2020,1\n2021,\n", "line 3, column q"),
        ("years,q\n2020,1\n2021,NaN\n", "line 3, column q"),
        ("years,q\n2020,1\n2021,007\n", "line 3, column q"),
        ('years,q\n2020,1\n2021,"8100,5"\n', "line 3, column q"),
        ("years,q\n2020,1\n2021,\xa01.5\n", "line 3, column q"),
        ("years,q\n2020,1\n2021,1.5\u2009\n", "line 3, column q"),
        ("years,q\n2020,x\n2021,1\u202f000\n", "line 3, column q"),
        ("years,q\n2020,1e400\n", "line 2, column q"),
        ("years,q\n2020,1e-400\n", "line 2, column q"),
        ("years,q\n2020,1,2\n", "line 2"),
        ('years,q\n2020,"1\n', "line 2"),
        ("years;q\n2020;1\n", "semicolons"),
        (",years\n0,2020\n", "index column"),
        ("2020,1\n2021,2\n", "only numbers"),
        ("years,years\n1,2\n", "years"),
        ("years,q\n2020,a\0\n", "line 2, column q"),
        ("", "empty"),
    ],
)
def test_misread_cells_are_rejected(tmp_path: Path, content: str, where: str) -> None:
    assert where in refusal(tmp_path, content).message


def test_headers_of_lists_and_dicts_are_checked(tmp_path: Path) -> None:
    """A list or array has one column of any name, a dict begins with its keys."""
    assert encoded(tmp_path, "mine\n1.0\n", ONE).expected.read_text() == "value\n1.0\n"
    refusal(tmp_path, "a,b\n1,2\n", ONE)
    refusal(tmp_path, "variable,a\n0,2\n", ONE)
    refusal(tmp_path, "key,value\nu,1\n", KEYED)


def test_integer_keys_stay_integers_unless_quoted(tmp_path: Path) -> None:
    table = encoded(tmp_path, "variable,value\n2020,[1. 2.]\n", KEYED)
    assert csv_files.read(table.sent.read_bytes(), "dict") == {2020: Array([1.0, 2.0])}
    assert table.notes
    table = encoded(tmp_path, "variable,value\n'2020',[1. 2.]\n", KEYED)
    assert csv_files.read(table.sent.read_bytes(), "dict") == {"2020": Array([1.0, 2.0])}
    assert not table.notes


@settings(deadline=None, max_examples=20)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_a_table_or_a_usage_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        encoded(folder, content)
    except UsageError as error:
        assert error.hint  # noqa: PT017 - either is right
