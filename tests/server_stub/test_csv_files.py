"""CSV like on the server. `tests/pinned` compares with its own versions of pandas and numpy."""

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest

from server_stub.csv_files import read, write
from server_stub.errors import ApiError
from server_stub.values import Array, Table

NAN = math.nan
TABLES = {"dict": "dataframe"}
RECORDINGS = Path(__file__).parents[1] / "recordings" / "exchanges-2.jsonl"
# The types of the inputs that are uploaded in the recordings and are not dataframes.
LISTS = {"shares", "site_ids", "site_names", "empty_list", "list_of_dict", "weather_list"}
ARRAYS = {"vec", "int_vec", "x", "y_1", "y_2", "z"}
DICTS = {"coeffs", "nested", "by_year", "dict_lists", "dict_arr", "dict_df"}


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
        ("a,b\n0.00010851507476509749,1\n", ("a", "b"), ((0.000108515074765, 1),)),
        ("a\n0.30000000000000004\n(0.30000000000000004)\n", ("a",), ((0.30000000000000004,), (0.30000000000000004,))),
        ("a\n9007199254740993\n2.5\n", ("a",), ((9007199254740992.0,), (2.5,))),
        ("a\n1e309\n1\n", ("a",), ((math.inf,), (1.0,))),
        ("a\ninf\n-Infinity\n", ("a",), ((math.inf,), (-math.inf,))),
        ("a\n18446744073709551615\n", ("a",), ((18446744073709551615,),)),
        ("a\n18446744073709551616\n'x'\n", ("a",), ((18446744073709551616,), ("x",))),
        ("a,b\n1,True\nNone,None\n", ("a", "b"), ((1.0, True), (NAN, None))),
        ("a\ntRUE\nFALSE\n", ("a",), ((True,), (False,))),
        ("a\n1\u00a0\n2\n", ("a",), (("1\u00a0",), (2,))),
        ("a\n 1 \n\t2\n", ("a",), ((1,), (2,))),
        ("a\n2+3j\n1\n", ("a",), ((2 + 3j,), (1 + 0j,))),
        ("a\n...\n'5'\n007\n", ("a",), ((...,), ("5",), ("007",))),
        ('a\n[1. 2.]\n"[1, 2]"\n', ("a",), ((Array([1.0, 2.0]),), ([1, 2],))),
        ('a\n"[array([1, 2]), array([3, 4])]"\n', ("a",), (([Array([1, 2]), Array([3, 4])],),)),
        ('a\n"array([1.0, 2.5])"\n[1. nan]\n', ("a",), (("array([1.0, 2.5])",), ("[1. nan]",))),
        ("a,a,,a.1\n1,2,3,4\n", ("a", "a.2", "Unnamed: 2", "a.1"), ((1, 2, 3, 4),)),
        ("a,b\n1\n\n  \n2,3\n", ("a", "b"), ((1, ""), (2, 3))),
        ("a,b\r1,2\r3,4\r", ("a", "b"), ((1, 2), (3, 4))),
        ("a,b\n1,2,3\n", ("a", "b"), ((2, 3),)),
        ('a\n"x""y\nz"w\n', ("a",), (('x"y\nzw',),)),
    ],
)
def test_file_becomes_a_table(text: str, columns: tuple[str, ...], rows: Any) -> None:
    """Columns of numbers are numbers. Other cells are Python literals."""
    assert repr(read(text.encode(), "dataframe")) == repr(Table(columns, rows))


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ("list", "value\n4.0\n5.5\n", [4.0, 5.5]),
        ("array", "value\n7\n8\n", Array([7, 8])),
        ("dict", "variable,value\nk1,9.0\nk9,1\n", {"k1": 9.0, "k9": 1.0}),
        ("dict", "variable,value\n2020,[1. 2.]\n2030,x\n", {2020: Array([1.0, 2.0]), 2030: "x"}),
        ("float", "value\n6.25\n", Table(("value",), ((6.25,),))),
    ],
)
def test_file_is_read_by_the_declared_type(declared: str, text: str, value: Any) -> None:
    assert repr(read(text.encode(), declared)) == repr(value)


def test_dict_of_tables_loses_the_order_of_its_keys() -> None:
    content = b"variable,q\nA,1\nB,2\n"
    stored = read(content, "dict", subtype=TABLES)
    assert repr(stored) == repr({"B": Table(("q",), ((2,),)), "A": Table(("q",), ((1,),))})
    with pytest.raises(KeyError):
        read(content, "dict")


def test_column_declared_as_arrays_has_arrays() -> None:
    stored = read(
        b'a,b\n"[1, 2]","[1, 2]"\n', "dataframe", descriptor={"a": ["array", None, True], "b": ["list", None, True]}
    )
    assert stored == Table(("a", "b"), ((Array([1, 2]), [1, 2]),))


@pytest.mark.slow
def test_long_column_is_typed_in_parts() -> None:
    stored = read(b"a\n" + b"0.00010851507476509749\n" * 2**19 + b"(0.00010851507476509749)\n", "list")
    assert set(stored[:-1]) == {0.000108515074765}
    assert stored[-1] == 0.00010851507476509749


@pytest.mark.parametrize(
    ("content", "error", "text"),
    [
        (b"a\n{[]: 1}\n", TypeError, "unhashable type: 'list'"),
        (b"a\nNone\n1" + b"0" * 400, OverflowError, "int too large to convert to float"),
        (b'a\n1\n"x\n', ValueError, "Error tokenizing data. C error: EOF inside string starting at row 2"),
    ],
)
def test_cell_can_end_the_request(content: bytes, error: type[Exception], text: str) -> None:
    """The client gets the text of the exception."""
    with pytest.raises(error) as result:
        read(content, "dataframe")
    assert str(result.value) == text


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        (b"", "dataframe", "No columns to parse from file"),
        (b"a,b\n1,\xe9\n", "dataframe", "'utf-8' codec can't decode byte 0xe9"),
        (b"a,b\n1,2\n", "dict", "'DataFrame' object has no attribute 'variable'"),
        (b"a,b\n1,2\n1,2,3\n", "dataframe", "Error tokenizing data. C error: Expected 2 fields in line 3, saw 3"),
    ],
)
def test_invalid_file_has_the_message_of_pandas(content: bytes, declared: str, text: str) -> None:
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
        ([[1.0], [2]], "value\n1.0\n2.0\n"),
        ([1, None], 'value\n1.0\n""\n'),
        (14.326621574318912 + 0j, "value\n(14.326621574318912+0j)\n"),
        (NAN, 'value\n""\n'),
        (Table(("a", "b"), (("x\ry", 1), ("x\ny", None))), 'a,b\nx\ry,1\n"x\ny",\n'),
        ({"u": Array([1.25, 2.0])}, "variable,value\nu,[1.25 2.  ]\n"),
        ({"u": Array([1 / 3, 2.0])}, "variable,value\nu,[0.33333333 2.        ]\n"),
        ({"u": Array(list(range(1001)))}, "variable,value\nu,[   0    1    2 ...  998  999 1000]\n"),
        ({"u": [Array([1.0])], "v": {"w": 0.5}}, "variable,value\nu,[array([1.])]\nv,{'w': 0.5}\n"),
        ({"A": Table(("y", "q"), ((1, 2.0),)), "B": Table(("q", "z"), ((3, 4),))}, "variable,y,q\nA,1,2.0\nB,,3\n"),
    ],
)
def test_value_becomes_a_file(value: Any, text: str) -> None:
    assert write(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "expected str, bytes or os.PathLike object, not NoneType"),
        ([[1, 2], [3, 4]], "1 columns passed, passed data had 2 columns"),
        (Array([[1, 2], [3, 4]]), "Shape of passed values is (2, 2), indices imply (2, 1)"),
    ],
)
def test_some_values_have_no_file(value: Any, text: str) -> None:
    with pytest.raises(ApiError) as error:
        write(value, "a.b")
    file = "InvalidFile(The following file a.b.csv raise this error while trying to read it : "
    assert error.value.description == (text if value is None else f"{file}{text})")


def recorded_round_trips() -> list[Any]:
    """Return each recorded upload with the next download of the same parameter."""
    entries = [json.loads(line) for line in RECORDINGS.read_text(encoding="utf-8").splitlines()]
    trips = []
    for index, entry in enumerate(entries):
        if "-up" not in entry["name"] or entry["response"]["status"] != 200:
            continue
        for key, content in _parts(entry["request"]):
            download = _next_download(entries[index + 1 :], entry, key)
            if download is not None:
                trips.append(pytest.param(key, content, download, id=f"{entry['name']}:{key}"))
    return trips


def _parts(request: dict[str, Any]) -> list[tuple[str, bytes]]:
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    parts = [part.partition(b"\r\n\r\n") for part in body.split(b"--BOUNDARY")[1:-1]]
    return [(head.partition(b'name="')[2].partition(b'"')[0].decode(), text[:-2]) for head, _, text in parts]


def _next_download(entries: list[Any], upload: dict[str, Any], key: str) -> str | None:
    """Return the first download of a parameter before the next change or run."""
    study = upload["request"]["path"].split("/")[4]
    for entry in entries:
        path = entry["request"]["path"]
        if entry["server"] != upload["server"] or f"/{study}" not in path:
            continue
        if path.endswith("/parameters") or "/execute/" in path:
            return None
        if path.endswith("/download") and json.loads(entry["request"]["body"])["parameter_key"] == key:
            return str(entry["response"]["body"])
    return None


@pytest.mark.parametrize(("key", "content", "download"), recorded_round_trips())
def test_upload_is_read_back_as_recorded(key: str, content: bytes, download: str) -> None:
    name = key.rpartition(".")[2]
    kinds = [kind for kind, names in {"list": LISTS, "array": ARRAYS, "dict": DICTS}.items() if name in names]
    stored = read(content, kinds[0] if kinds else "dataframe", subtype=TABLES if name == "dict_df" else None)
    # The server adds columns to a design space.
    if name == "design_space":
        assert write(stored).partition("\n")[0] in download
    else:
        assert write(stored) == download
