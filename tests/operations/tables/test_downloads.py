"""Test the server's CSV with recorded downloads."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.operations.tables import downloads

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings" / "exchanges.jsonl"
EXCHANGES = [json.loads(line) for line in RECORDINGS.read_text(encoding="utf-8").splitlines()]
quickly = settings(deadline=None, max_examples=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
# What a list on the server holds: text, as pandas writes it without quotes of its own.
items = (
    st.integers(-(10**15), 10**15)
    | finite
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
)


def recorded(name: str) -> bytes:
    """Return a recorded download."""
    [exchange] = [e for e in EXCHANGES if e["name"] == name and e["response"]["status"] == 200]
    body: str = exchange["response"]["body"]
    return body.encode()


def written(rows: list[list[object]]) -> bytes:
    """Return rows as the server writes them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dl-f", "202.0"),
        ("dl-s", "r3"),
        ("dl-locked", "9.0"),
        ("dl-out-y", "20806.0"),
        ("dl-f_nan", ""),
        ("dl-out-nan_out", ""),
    ],
)
def test_recorded_scalar_has_one_cell(name: str, text: str) -> None:
    assert downloads.scalar_text(recorded(name)) == text


@pytest.mark.parametrize("name", ["dl-df", "dl-dct", "dl-lst", "dl-arr", "up-dct-df-dl", "df-download-after-json"])
def test_recorded_table_is_not_a_scalar(name: str) -> None:
    assert downloads.scalar_text(recorded(name)) is None
    assert len(downloads.rows(recorded(name))) > 1


@pytest.mark.parametrize("content", [b"", b"value\n", b"value,more\n1,2\n", b"other\n1\n", b"value\n1\n2\n"])
def test_only_one_value_under_its_header_is_a_scalar(content: bytes) -> None:
    assert downloads.scalar_text(content) is None


def test_invalid_utf_8_is_an_invalid_answer() -> None:
    with pytest.raises(UnusableAnswer):
        downloads.rows(b"value\n\xff\n")


def test_long_nested_value_is_read() -> None:
    """A cell may have 200,000 characters."""
    value = {"A": [1.5] * 40_000}
    assert downloads.holds(written([["variable", "value"], ["A", str(value["A"])]]), value)


# Does a download show what was sent? -----------------------------------------------------------------


@quickly
@given(st.lists(items, max_size=6))
def test_list_equals_its_own_download_only(value: list[object]) -> None:
    assert downloads.holds(written([["value"], *([item] for item in value)]), value)
    assert not downloads.holds(written([["value"], *([item] for item in value), [7]]), value)


@quickly
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), items, max_size=6))
def test_dict_equals_its_own_download_only(value: dict[str, object]) -> None:
    rows = [[key, item] for key, item in value.items()]
    assert downloads.holds(written([["variable", "value"], *rows[::-1]]), value)
    assert not downloads.holds(written([["variable", "value"], *rows, ["one more", 1]]), value)


@quickly
@given(items)
def test_scalar_equals_its_own_download(value: object) -> None:
    assert downloads.holds(written([["value"], [value]]), value)


@pytest.mark.parametrize(
    ("content", "value", "expected"),
    [
        (b"value\n202.0\n", 202.0, True),
        (b"value\n202\n", 202, True),
        (b"value\n202.0\n", 202, False),
        (b"value\n202\n", 202.0, False),
        (b"value\n202.0\n", 203.0, False),
        (b"value\n1e-06\n", 0.000001, True),
        (b"value\nTrue\n", True, True),
        (b"value\nTrue\n", 1, False),
        (b"value\n1\n", True, False),
        (b"value\nTrue\n", False, False),
        (b'value\n""\n', None, True),
        (b"value\n0.0\n", None, False),
        (b'value\n"007"\n', "007", True),
        (b"value\n7\n", "007", False),
        (b'value\n" x"\n', " x", True),
        (b"value\nx\n", " x", False),
        (b'value\n"a,b\nc"\n', "a,b\nc", True),
        (b"value\n", [], True),
        (b"value\n1\n", [], False),
        (b"value\n1.0\n2.0\n", [1, 2], False),
        (b"value\n1.0\n2.0\n", [1, 2.0], True),
        (b"value\n1.0\n2.0\n", [2.0, 1.0], False),
        (b"value\n1.0\n", [[1.0]], True),
        (b"value\n1.0\n\n", [1, None], True),
        (b"variable,value\n", {}, True),
        (b"variable,value\nk1,1.0\nk2,x\n", {"k2": "x", "k1": 1.0}, True),
        (b"variable,value\nk1,1.0\n", {"k1": 2}, False),
        (b"variable,value\nk1,1.0\n", {"k2": 1}, False),
        (b"variable,value\nk1,1.0\n", {}, False),
        (b"years,q\n2020,1.0\n", 1.0, False),
        (b"years,q\n2020,1.0\n", [1.0], False),
        (b"variable,value\nA,\"{'x': 1.0, 'y': [1, 2]}\"\n", {"A": {"x": 1, "y": [1, 2]}}, True),
        (b"variable,value\nA,\"{'x': 1.0}\"\n", {"A": {"x": 2}}, False),
        (b"value\n9007199254740993\n", 9007199254740992, False),
    ],
)
def test_download_is_compared_by_value(content: bytes, value: object, expected: bool) -> None:
    """Numbers as numbers, strings as strings, and `True` is not 1."""
    assert downloads.holds(content, value) is expected


def test_nested_true_does_not_equal_one() -> None:
    assert not downloads.holds(b"variable,value\nA,\"{'x': True}\"\n", {"A": {"x": 1}})


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'value\n"[[1, nan]"\n', [[[1, None]]]),
        (b'variable,value\nA,"{1, ...}"\n', {"A": {"x": 1}}),
        (b"variable,a,b\n0,1\n", [{"a": 1, "b": 2}]),
        (b"variable,a\n0,1,2\n", [{"a": 1}]),
        (b"variable\n0\n", [{"a": 1}]),
        (b"", [{"a": 1}]),
    ],
)
def test_download_of_another_shape_does_not_match(content: bytes, value: object) -> None:
    assert not downloads.holds(content, value)


@pytest.mark.parametrize(
    ("value", "expected"), [([{"a": 1, "b": "x"}, {"a": 2, "b": None}], True), ([{"a": 1, "b": "x"}], False)]
)
def test_list_of_dicts_equals_its_table(value: object, expected: bool) -> None:
    """The table has the index in front."""
    assert downloads.holds(b"variable,a,b\n0,1,x\n1,2,\n", value) is expected


# Reading a value out of a download ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "declared", "value"),
    [
        ("dl-lst", "list", list),
        ("dl-dct", "dict", dict),
        ("dl-s", "string", str),
        ("dl-df", "dataframe", "://dataframe"),
        ("dl-arr", "array", "://dataframe"),
    ],
)
def test_recorded_download_equals_the_value_of_a_load(name: str, declared: str, value: object) -> None:
    read = downloads.value_of(recorded(name), declared)
    assert read == value if isinstance(value, str) else isinstance(read, value)  # type: ignore[arg-type]
