"""Test that any table of typed values arrives exactly at the server's reader, as implemented in the stub."""

from __future__ import annotations

import itertools
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from fuzz.effort import effort
from hypothesis import given
from hypothesis import strategies as st

from server_stub import csv_files
from server_stub.values import Array, Table
from sostrades_cli.library.python_values import typed_cell
from sostrades_cli.operations.tables import upload
from sostrades_cli.operations.tables.layout import ANY
from sostrades_cli.operations.tables.match import match
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.rows import lines
from sostrades_cli.operations.tables.stored_table import StoredTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.operations.tables.codec import Encoded

HOSTILE = "0123456789+-.eEinfatyNTruesl \t\n\r'\"[](),_xb\\#{}:\xa0é\u2028\0\x1a\x1f"
floats = st.floats(allow_nan=False) | st.sampled_from([0.1, 5e-324, 1e22, -0.0, math.inf, -math.inf])
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.sampled_from(HOSTILE), max_size=6) | st.text(st.characters(codec="utf-8"), max_size=6)
texts |= st.sampled_from(["01", "2", "1e5", "True", "None", "nan", "2020-01-01", "[1. 2.]", "{'a': 1}", "(1)", "inf"])
integers = st.integers(-(2**70), 2**70) | st.integers(-5, 5)
small = st.integers(-(2**53), 2**53)
arrays = st.lists(finite, min_size=2, max_size=4).map(np.array)
plain = st.integers(-9, 9) | finite | texts | st.booleans() | st.none()
nested = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
).filter(lambda value: isinstance(value, (list, dict)))
KINDS: list[st.SearchStrategy[Any]] = [
    floats,
    floats | st.none(),
    integers,
    small | st.none(),
    small | finite,
    st.booleans(),
    st.booleans() | st.none(),
    texts,
    texts | st.none(),
    arrays,
    nested,
    texts | integers | floats | st.booleans() | st.none(),
]


@st.composite
def tables(draw: st.DrawFn) -> list[list[Any]]:
    """Draw a table with columns of different types."""
    length, width = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    columns = (st.lists(draw(st.sampled_from(KINDS)), min_size=length, max_size=length) for _ in range(width))
    return [draw(column.filter(is_storable)) for column in columns]


def is_storable(column: list[Any]) -> bool:
    """Return whether the server can store a column. Integers beside a missing value become floats."""
    integers = [item for item in column if type(item) is int]
    return set(map(type, column)) != {int, type(None)} or max(map(abs, integers)) <= 2**53


def storable(column: list[Any]) -> list[Any]:
    """Return a column as the server stores it. Numbers beside floats or missing values are floats."""
    kinds = set(map(type, column))
    if kinds <= {int, float, type(None)} and kinds not in ({int}, {type(None)}):
        return [math.nan if item is None else float(item) for item in column]
    return column


def exact(value: Any) -> object:
    """Return a value in which types, signs and nan are distinguished."""
    if isinstance(value, Array | np.ndarray):
        items = value.data if isinstance(value, Array) else value.tolist()
        return "array", list(map(repr, items))
    return type(value), repr(value)


def encoded(columns: list[list[Any]], folder: Path) -> Encoded:
    """Encode a table as the library does."""
    path, names = folder / "given.csv", itertools.count()
    cells = [[f"c{number}", *(typed_cell(item, "it") for item in column)] for number, column in enumerate(columns)]
    path.write_bytes(lines(cells).encode())
    position: Callable[[], Path] = lambda: folder / f"{next(names)}.csv"  # noqa: E731 - a callable is what is wanted
    return upload.encode(upload.UploadSource(path, "it", ANY, Notation.TYPED), "x", position)


@effort(100)
@given(tables())
def test_server_reads_the_original_values(columns: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        table = encoded(columns, Path(name))
        stored = csv_files.read(table.sent.read_bytes(), "dataframe")
        assert isinstance(stored, Table)
        for number, column in enumerate(columns):
            assert list(map(exact, stored.column(f"c{number}"))) == list(map(exact, storable(column)))
        download = Path(name, "download.csv")
        download.write_bytes(csv_files.write(stored).encode())
        assert match(table, StoredTable(download, ""), "dataframe").same


@effort(100)
@given(tables(), st.data())
def test_difference_in_the_last_digit_is_detected(columns: list[list[Any]], data: st.DataObject) -> None:
    length = len(columns[0])
    numbers = data.draw(st.lists(finite, min_size=length, max_size=length))
    row = data.draw(st.integers(0, length - 1))
    others = [*numbers[:row], math.nextafter(numbers[row], 0.0 if numbers[row] else 1.0), *numbers[row + 1 :]]
    with tempfile.TemporaryDirectory() as item, tempfile.TemporaryDirectory() as other:
        table = encoded([*columns, numbers], Path(item))
        stored = csv_files.read(encoded([*columns, others], Path(other)).sent.read_bytes(), "dataframe")
        download = Path(item, "download.csv")
        download.write_bytes(csv_files.write(stored).encode())
        result = match(table, StoredTable(download, ""), "dataframe")
        assert not result.same
        assert result.difference is not None
        [cell] = result.difference.first
        assert (cell.row, cell.column) == (row + 1, f"c{len(columns)}")
