"""What the server's CSV tells of values and tables, and where it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from fuzz.effort import effort
from hypothesis import given
from hypothesis import strategies as st

from server_stub import csv_files
from server_stub.errors import ApiError
from server_stub.values import encode
from sostrades_cli.api.models import TABLE
from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.equality import equal, identical

quickly = effort(75)
KEY = "dice.Macro.x"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["nan", "None", "1", "01", "True", "inf", "-inf", "1e5", ",", '"', "\n", ""]
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
wholes = st.integers() | st.integers(-(10**30), 10**30)
plain = st.booleans() | wholes | numbers | texts
nested = st.recursive(
    plain | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "float": numbers,
    "int": wholes,
    "bool": st.booleans(),
    "string": texts,
    "list": st.lists(nested, max_size=4),
    "dict": st.dictionaries(texts, nested, max_size=4),
}
every_type = pytest.mark.parametrize("kind", sorted(TYPES))


def download(value: object) -> bytes | None:
    """Return the server's CSV of a value, ``None`` where it has no layout for it, as for lists of lists."""
    try:
        return csv_files.write(value).encode()
    except ApiError:
        return None


@every_type
@quickly
@given(data=st.data())
def test_the_servers_csv_shows_what_was_sent(kind: str, data: st.DataObject) -> None:
    """After a value was sent its download is recognised as that value, whatever it is."""
    value = data.draw(TYPES[kind])
    content = download(value)
    if content is not None:
        assert downloads.holds(content, value)


@every_type
@quickly
@given(data=st.data())
def test_the_servers_csv_is_not_taken_for_another_value(kind: str, data: st.DataObject) -> None:
    """A download that is not a value's is not recognised as it, as far as CSV tells them apart."""
    value, other = data.draw(TYPES[kind]), data.draw(TYPES[kind])
    content, another = download(value), download(other)
    if content is not None and another is not None and downloads.holds(content, other):
        assert downloads.value_of(content, kind) == downloads.value_of(another, kind)


@pytest.mark.parametrize("kind", ["float", "int", "bool", "string"])
@quickly
@given(data=st.data())
def test_a_scalar_through_the_servers_csv_and_back(kind: str, data: st.DataObject) -> None:
    """A number, a bool or a text is read from its download as it is, type included."""
    value = data.draw(TYPES[kind])
    content = download(value)
    assert content is None or identical(downloads.value_of(content, kind), value)


letters = st.text("abcxyz ☃é,\"'\n;", min_size=1, max_size=5).filter(lambda text: text.strip() == text)
cells = numbers | wholes | st.booleans() | letters | st.none()
inner_values = st.recursive(
    cells | st.sampled_from(["nan", "1", "True", "None", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
    max_leaves=6,
)


@quickly
@given(st.lists(numbers, max_size=5) | st.lists(wholes, max_size=5) | st.lists(st.booleans() | st.none()))
def test_a_list_through_the_servers_csv_and_back(value: list[object]) -> None:
    """A list of numbers, or of bools and nothings, is read from its download as it is, types included."""
    content = download(value)
    assert content is not None
    assert identical(downloads.value_of(content, "list"), value)


@quickly
@given(st.lists(letters | st.sampled_from(["01", "2", "True", "1e5"]), max_size=5))
def test_a_list_of_texts_through_the_servers_csv_and_back(value: list[str]) -> None:
    """One word makes texts of all items of a list; without any, a download does not tell them from numbers."""
    content = download(value)
    assert content is not None
    found = downloads.value_of(content, "list")
    assert found == value or not any(isinstance(one, str) for one in found)


@quickly
@given(st.dictionaries(letters, cells | st.lists(inner_values) | st.dictionaries(letters, inner_values)))
def test_a_dict_through_the_servers_csv_and_back(value: dict[str, object]) -> None:
    """A dict of single values, lists and dicts is read from its download as it is, whatever is in them."""
    content = download(value)
    assert content is not None
    assert equal(downloads.value_of(content, "dict"), value)


infinite = st.sampled_from([math.nan, math.inf, -math.inf])


@pytest.mark.parametrize("kind", ["list", "dict"])
@quickly
@given(data=st.data())
def test_what_json_has_no_word_for_is_no_value(kind: str, data: st.DataObject) -> None:
    """Nan and the infinite inside a value are no value in a load, and so they are read from a download."""
    item = numbers | infinite | st.lists(numbers | infinite, min_size=1, max_size=2)
    value = data.draw(st.lists(numbers | infinite, max_size=3) if kind == "list" else st.dictionaries(letters, item))
    content = download(value)
    assert content is not None
    assert identical(downloads.value_of(content, kind), encode(value))
    assert downloads.holds(content, encode(value))


def test_a_table_stays_a_placeholder() -> None:
    """The content of a table is not read as a value."""
    for kind in ("dataframe", "array"):
        assert downloads.value_of(b"years,population\n2020,1.0\n", kind) == TABLE
    with pytest.raises(SostradesError):
        downloads.value_of(b"\xff\xfe", "list")
