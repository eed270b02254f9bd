"""Downloaded tables as typed columns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.operations.tables.dataframe import read_cells


def objects(content: bytes) -> list[dict[str, object]]:
    """Return a table as the objects that `-F json` prints, and prove that they are JSON in the strict sense."""
    columns, rows = read_cells(content)
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_read_to_the_last_bit(numbers: list[float]) -> None:
    """A column of numbers holds the numbers that were written."""
    content = "q\n" + "".join(f"{number!r}\n" for number in numbers)
    assert [row["q"] for row in objects(content.encode())] == numbers


def test_a_column_has_a_type() -> None:
    """Whole numbers stay whole, bools are bools, text is text, and a blank is no value."""
    content = "years,q,on,name\n2020,1.0,True,é\n2021,,False,b\n".encode()
    assert objects(content) == [
        {"years": 2020, "q": 1.0, "on": True, "name": "é"},
        {"years": 2021, "q": None, "on": False, "name": "b"},
    ]


def test_whole_numbers_beside_a_blank_stay_whole() -> None:
    """A blank in a column of whole numbers does not make floats of them."""
    assert [repr(row["n"]) for row in objects(b"n,m\n2020,1\n,2\n")] == ["2020", "None"]


@pytest.mark.parametrize("cell", [b"inf", b"-inf"])
def test_an_infinite_number_is_json_too(cell: bytes) -> None:
    """An infinite number, for which JSON has no number, is the text that the server writes."""
    assert objects(b"q,m\n" + cell + b",1\n2.5,1\n")[0]["q"] == cell.decode()


@pytest.mark.parametrize("text", ["NA", "null", "n/a", "NaN"])
def test_a_text_that_looks_like_nothing_stays_text(text: str) -> None:
    """In a column of names `NA` is a name: only a blank is no value."""
    assert [row["name"] for row in objects(f"name,q\n{text},1\nRome,2\n".encode())] == [text, "Rome"]


def test_a_table_without_rows_has_its_columns() -> None:
    """A header alone is a table of no rows."""
    assert read_cells(b"years,q\n") == (("years", "q"), [])


def test_columns_of_the_same_name_are_kept() -> None:
    """A name in the header is the name of the column, though it stands there twice."""
    columns, _ = read_cells(b"q,q\n1,2\n")
    assert (columns[0], len(columns)) == ("q", 2)


@pytest.mark.parametrize(
    "content", [b'a\n"1\n', b"a\n1\n2,3\n", b"", b"a\n\xff\n"], ids=["quote", "wide", "empty", "no text"]
)
def test_what_is_no_csv_cannot_be_used(content: bytes) -> None:
    """A file that the server spoilt is an answer that cannot be used, not an error of the library that reads it."""
    with pytest.raises(UnusableAnswer, match="cannot be read"):
        read_cells(content)
