"""Test downloaded tables as typed columns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.operations.tables.dataframe import read_cells


def objects(content: bytes) -> list[dict[str, object]]:
    """Return a table as the objects of `-F json`, and check that they are strict JSON."""
    columns, rows = read_cells(content)
    result = [dict(zip(columns, row, strict=True)) for row in rows]
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    return result


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_exact(numbers: list[float]) -> None:
    content = "q\n" + "".join(f"{number!r}\n" for number in numbers)
    assert [row["q"] for row in objects(content.encode())] == numbers


def test_column_has_a_type() -> None:
    content = "years,q,on,name\n2020,1.0,True,é\n2021,,False,b\n".encode()
    assert objects(content) == [
        {"years": 2020, "q": 1.0, "on": True, "name": "é"},
        {"years": 2021, "q": None, "on": False, "name": "b"},
    ]


def test_integers_beside_a_blank_stay_integers() -> None:
    assert [repr(row["n"]) for row in objects(b"n,m\n2020,1\n,2\n")] == ["2020", "None"]


@pytest.mark.parametrize("cell", [b"inf", b"-inf"])
def test_infinity_is_a_string_in_json(cell: bytes) -> None:
    assert objects(b"q,m\n" + cell + b",1\n2.5,1\n")[0]["q"] == cell.decode()


@pytest.mark.parametrize("text", ["NA", "null", "n/a", "NaN"])
def test_string_na_stays_a_string(text: str) -> None:
    """Only a blank is a missing value."""
    assert [row["name"] for row in objects(f"name,q\n{text},1\nRome,2\n".encode())] == [text, "Rome"]


def test_table_without_rows_has_its_columns() -> None:
    assert read_cells(b"years,q\n") == (("years", "q"), [])


def test_columns_with_equal_names_are_kept() -> None:
    columns, _ = read_cells(b"q,q\n1,2\n")
    assert (columns[0], len(columns)) == ("q", 2)


@pytest.mark.parametrize(
    "content", [b'a\n"1\n', b"a\n1\n2,3\n", b"", b"a\n\xff\n"], ids=["quote", "wide", "empty", "no text"]
)
def test_invalid_csv_is_an_invalid_answer(content: bytes) -> None:
    with pytest.raises(UnusableAnswer, match="cannot be read"):
        read_cells(content)
