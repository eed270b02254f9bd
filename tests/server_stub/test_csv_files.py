"""CSV as pandas and the server would write and read it."""

from typing import Any

import pytest

from server_stub.csv_files import read, write
from server_stub.errors import ApiError
from server_stub.values import Array, Table


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n1,x\n", ("a", "b"), ((1, "x"),)),
        ("a\n007\n5\n", ("a",), ((7,), (5,))),
        ("a\n007\nx\nTrue\n5\n", ("a",), (("007",), ("x",), (True,), (5,))),
        ("a,b\n1,\n2,3\n", ("a", "b"), ((1, ""), (2, 3))),
        ("a\nNaN\n1.5\n", ("a",), (("NaN",), (1.5,))),
        ("a\nNone\nx\n", ("a",), ((None,), ("x",))),
        ("a;b\n1;2,5\n", ("a;b",), ((5,),)),
        (",a\n0,1.5\n", ("Unnamed: 0", "a"), ((0, 1.5),)),
        ("\ufeffa,b\r\n1,é\r\n", ("a", "b"), ((1, "é"),)),
        ("a,b\n", ("a", "b"), ()),
        ("a\n1\n2.5\n", ("a",), ((1.0,), (2.5,))),
    ],
)
def test_a_file_becomes_a_table(text: str, columns: tuple[str, ...], rows: Any) -> None:
    """Columns of numbers are numbers, other cells are read one by one as Python literals."""
    assert repr(read(text.encode(), "dataframe")) == repr(Table(columns, rows))


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ("list", "value\n4.0\n5.5\n", [4.0, 5.5]),
        ("array", "value\n7\n8\n", Array([7, 8])),
        ("dict", "variable,value\nk1,9.0\nk9,1\n", {"k1": 9.0, "k9": 1.0}),
        ("float", "value\n6.25\n", Table(("value",), ((6.25,),))),
    ],
)
def test_a_file_is_read_by_the_declared_type(declared: str, text: str, value: Any) -> None:
    """Lists and arrays take the first column, dicts need `variable`, a scalar becomes a table."""
    assert repr(read(text.encode(), declared)) == repr(value)


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        (b"", "dataframe", "No columns to parse from file"),
        (b"a,b\n1,\xe9\n", "dataframe", "'utf-8' codec can't decode byte 0xe9"),
        (b"a,b\n1,2\n", "dict", "'DataFrame' object has no attribute 'variable'"),
        (b"a,b\n1,2\n1,2,3\n", "dataframe", "Error tokenizing data. C error: Expected 2 fields in line 3, saw 3"),
    ],
)
def test_a_bad_file_is_refused_in_the_words_of_pandas(content: bytes, declared: str, text: str) -> None:
    """The exception's text goes to the client."""
    with pytest.raises((ValueError, AttributeError)) as error:
        read(content, declared)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "value\n"),
        (Array([]), "value\n"),
        (Table(("a", "b"), ()), "a,b\n"),
        ("", 'value\n""\n'),
        ('a "quoted", text', 'value\n"a ""quoted"", text"\n'),
        ([{"a": 1}, {"b": 2}], "variable,a,b\n0,1,\n1,,2\n"),
    ],
)
def test_a_value_becomes_a_file(value: Any, text: str) -> None:
    """Kinds of values that no recording has."""
    assert write(value) == text


@pytest.mark.parametrize("value", [None, [[1, 2], [3, 4]], Array([[1, 2], [3, 4]])])
def test_some_values_have_no_file(value: Any) -> None:
    """No value, lists of lists, matrices."""
    with pytest.raises(ApiError):
        write(value)
