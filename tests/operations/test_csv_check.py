"""CSV files, looked at before they are sent."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.operations import csv_check

if TYPE_CHECKING:
    from pathlib import Path

KEY = "dice.Macro.population"


def checked(folder: Path, content: bytes | str, columns: str = "any") -> csv_check.Checked:
    """Check a file of that content."""
    file = folder / "p.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return csv_check.check(file, key=KEY, columns=columns)


def refusal(folder: Path, content: bytes | str, columns: str = "any") -> UsageError:
    """Return the error that a file of that content is; it names the file and a way out."""
    with pytest.raises(UsageError) as caught:
        checked(folder, content, columns)
    assert str(folder / "p.csv") in caught.value.message
    assert caught.value.hint
    return caught.value


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
        ("years,population\n-1,+2.5e-3\n0,.5\n0.5,5.\n", 3),
        ('name,comment\nRome,"a, b"\n"say ""hi""",café\n', 2),
        ('name,comment\nRome,"two\nlines"\n', 1),
        ("name,number\nRome,007\nParis,x7\n", 2),
        ("name,comment\nRome,\nParis,x\n", 2),
        ("name,comment\nRome,nan\nParis,x\n", 2),
        ("name,active\nRome,True\nParis,False\n", 2),
        ("a;b,c\n1,2\n", 1),
    ],
)
def test_a_file_that_is_read_as_it_is_meant_passes(tmp_path: Path, content: str, rows: int) -> None:
    """BOM, CRLF, quoted cells, a header alone, None, blank lines, and blanks or zeros in a column of text pass."""
    found = checked(tmp_path, content)
    assert found.rows == rows
    assert len(found.columns) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a;b\n1;2\n", ["semicolons"]),
        ("a;b\n1;2,5\n", ["semicolons"]),
        ("a\tb\n1\t2\n", ["tabs"]),
        ("a|b\n1|2\n", ["bars"]),
        (",a,b\n0,1,2\n", ["index column"]),
        ("Unnamed: 0,a\n0,1\n", ["index column"]),
        ("a, ,b\n1,2,3\n", ["column 2", "no name"]),
        ("a,b,a\n1,2,3\n", ["two columns", "'a'"]),
        ("2020,8000.0\n2021,8100\n", ["first line", "numbers"]),
        ("", ["empty"]),
        ("\n\r\n\n", ["empty"]),
        (b"\xef\xbb\xbf", ["empty"]),
        (b"a,b\n1,caf\xe9\n", ["UTF-8", "0xe9"]),
        (b"\xff\xfea\x00\n\x00", ["UTF-8"]),
        ("a,b\n1,2\n3,4,5\n", ["line 3", "3 cells", "2"]),
        ("a,b\n1\n", ["line 2", "1 cell,"]),
        ('a,b\n1,"2,5"\n', ["line 2", "column b", "2,5", "decimal comma"]),
        ("a,b\n1,2\n3,\n", ["line 3", "column b", "blank"]),
        ("a,b\n1,2\n3,  \n", ["line 3", "column b", "blank"]),
        ("a,b\n1,2\n3,NaN\n", ["line 3", "column b", "NaN"]),
        ("a,b\n1,nan\n", ["line 2", "column b", "nan"]),
        ("a,b\n1,-inf\n", ["line 2", "column b", "-inf"]),
        ("a,b\n1,2\n2,N/A\n", ["line 3", "column b", "N/A"]),
        ("a,b\n1,2\n2,007\n", ["line 3", "column b", "007"]),
    ],
)
def test_a_file_that_the_server_would_misread_is_refused(tmp_path: Path, content: bytes | str, said: list[str]) -> None:
    """Separators, an index column, decimal commas, blanks, nan, zeros in front: refused, with line and column."""
    error = refusal(tmp_path, content)
    for words in said:
        assert words in error.message


def test_the_way_out_of_a_decimal_comma_is_the_number(tmp_path: Path) -> None:
    """A decimal comma and a zero in front are answered with what to write instead."""
    assert "2.5" in str(refusal(tmp_path, 'a,b\n1,"2,5"\n').hint)
    assert "write 7" in str(refusal(tmp_path, "a,b\n1,007\n").hint)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a,b\n\n1,2\n\n3,NaN\n", 5),
        ('a,b\nx,2\n"two\nlines",3\ny,NaN\n', 5),
        ("a,b\n\n\n1,2,3\n", 4),
        ('a,b\n\n1,"2,5"\n', 3),
    ],
)
def test_the_line_is_that_of_the_file(tmp_path: Path, content: str, line: int) -> None:
    """The line in a message is the one an editor shows, also after blank lines and cells of several lines."""
    assert f"line {line}" in refusal(tmp_path, content).message


@pytest.mark.parametrize("header", ["value", "any name", "2020 prices"])
def test_an_array_takes_one_column_of_any_name(tmp_path: Path, header: str) -> None:
    """Of a list or an array the header does not matter."""
    assert checked(tmp_path, f"{header}\n1.5\n2.5\n", "one").rows == 2


def test_an_array_takes_no_second_column(tmp_path: Path) -> None:
    """Of a list or an array the server would drop a second column: refused."""
    error = refusal(tmp_path, "a,b\n1,2\n", "one")
    assert "2 columns" in error.message
    assert KEY in str(error.hint)


def test_a_dict_needs_a_column_called_variable(tmp_path: Path) -> None:
    """A dict is read by its column `variable`, which comes first."""
    assert checked(tmp_path, "variable,years,q\nA,2020,1.0\n", "variable").rows == 1
    assert "'key'" in refusal(tmp_path, "key,value\nA,1\n", "variable").message
    assert "'value'" in refusal(tmp_path, "value,variable\n1,A\n", "variable").message


def test_a_file_that_cannot_be_opened_is_wrong_usage(tmp_path: Path) -> None:
    """A file that is not there, and a folder, are refused with the reason."""
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            csv_check.check(path, key=KEY)


def test_a_long_cell_is_a_cell(tmp_path: Path) -> None:
    """A nested value of 200,000 characters in one cell is read."""
    cell = str([1.5] * 40_000)
    assert checked(tmp_path, f'variable,value\nA,"{cell}"\n', "variable").rows == 1


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
        max_size=8,
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_numbers_as_pandas_and_csv_write_them_pass(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, float]], end: str, bom: bool
) -> None:
    """Whatever numbers a table holds, it passes and is read back cell by cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerows([("years", "population"), *rows])
    folder = tmp_path_factory.mktemp("numbers")
    content = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
    assert checked(folder, content).rows == len(rows)
    cells = [[str(year), str(value)] for year, value in rows]
    assert [row for _, row in csv_check.read(folder / "p.csv")] == [["years", "population"], *cells]
