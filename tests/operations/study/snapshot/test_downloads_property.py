"""Values and tables in the CSV of the server."""

from __future__ import annotations

import math
from typing import Any

import pytest
from fuzz.effort import effort
from hypothesis import given
from hypothesis import strategies as st
from value_strategies import by_type, numbers, wholes

from server_stub import csv_files
from server_stub.errors import ApiError
from server_stub.values import encode
from sostrades_cli.api.models import TABLE
from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.equality import equal, identical

quickly = effort(45)
KEY = "dice.Macro.x"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["nan", "None", "1", "01", "True", "inf", "-inf", "1e5", ",", '"', "\n", ""]
)
TYPES = by_type(texts, nulls=True)
every_type = pytest.mark.parametrize("kind", sorted(TYPES))


def download(value: object) -> bytes | None:
    """Return the CSV of the server for a value, ``None`` without a layout."""
    try:
        return csv_files.write(value).encode()
    except ApiError:
        return None


@pytest.mark.parametrize("value", [[[], "0"], [[], "a"], [[1.5], []], ["a", []], [[], "ab"]])
def test_download_of_a_mixed_list_matches_it(value: list[Any]) -> None:
    content = download(value)
    assert content is None or downloads.holds(content, value)


@every_type
@quickly
@given(data=st.data())
def test_download_of_a_value_matches_it(kind: str, data: st.DataObject) -> None:
    value = data.draw(TYPES[kind])
    content = download(value)
    if content is not None:
        assert downloads.holds(content, value)


@every_type
@quickly
@given(data=st.data())
def test_download_of_another_value_does_not_match(kind: str, data: st.DataObject) -> None:
    value, other = data.draw(TYPES[kind]), data.draw(TYPES[kind])
    content, another = download(value), download(other)
    if content is not None and another is not None and downloads.holds(content, other):
        assert downloads.value_of(content, kind) == downloads.value_of(another, kind)


@pytest.mark.parametrize("kind", ["float", "int", "bool", "string"])
@quickly
@given(data=st.data())
def test_scalar_is_read_from_its_download(kind: str, data: st.DataObject) -> None:
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
def test_list_is_read_from_its_download(value: list[object]) -> None:
    content = download(value)
    assert content is not None
    assert identical(downloads.value_of(content, "list"), value)


@quickly
@given(st.lists(letters | st.sampled_from(["01", "2", "True", "1e5"]), max_size=5))
def test_list_of_texts_is_read_from_its_download(value: list[str]) -> None:
    """Without a word among them, texts of digits look like numbers."""
    content = download(value)
    assert content is not None
    result = downloads.value_of(content, "list")
    assert result == value or not any(isinstance(element, str) for element in result)


@quickly
@given(st.dictionaries(letters, cells | st.lists(inner_values) | st.dictionaries(letters, inner_values)))
def test_dict_is_read_from_its_download(value: dict[str, object]) -> None:
    content = download(value)
    assert content is not None
    assert equal(downloads.value_of(content, "dict"), value)


infinite = st.sampled_from([math.nan, math.inf, -math.inf])


@pytest.mark.parametrize("kind", ["list", "dict"])
@quickly
@given(data=st.data())
def test_nested_nan_is_null(kind: str, data: st.DataObject) -> None:
    """A load shows it as null, too."""
    item = numbers | infinite | st.lists(numbers | infinite, min_size=1, max_size=2)
    value = data.draw(st.lists(numbers | infinite, max_size=3) if kind == "list" else st.dictionaries(letters, item))
    content = download(value)
    assert content is not None
    assert identical(downloads.value_of(content, kind), encode(value))
    assert downloads.holds(content, encode(value))


def test_table_stays_a_placeholder() -> None:
    for kind in ("dataframe", "array"):
        assert downloads.value_of(b"years,population\n2020,1.0\n", kind) == TABLE
    with pytest.raises(SostradesError):
        downloads.value_of(b"\xff\xfe", "list")
