"""Conversion to DataFrames: every number is exact."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from sostrades_cli.library.dataframes import frame_from, plain_types, with_notes
from sostrades_cli.operations.tables.dataframe import read_table


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2], "int64"),
        ([1, None], "Int64"),
        ([2**63, 1], "object"),
        ([1.5, 2], "float64"),
        ([1.5, 2**53 + 1], "object"),
        ([1.5, None, math.inf], "float64"),
        ([True, False], "bool"),
        ([True, None], "boolean"),
        ([True, 1], "object"),
        ([[1], None], "object"),
        ([], "object"),
        ([None, None], "object"),
    ],
)
def test_column_has_the_narrowest_exact_type(cells: list[Any], kind: str) -> None:
    column = frame_from({"one": cells})["one"]
    assert str(column.dtype) == kind
    assert all(
        item is None or (result == item and isinstance(result, bool) is isinstance(item, bool))
        for result, item in zip(column.tolist(), cells, strict=True)
    )


def test_texts_stay_texts() -> None:
    column = frame_from({"one": ["1", None, "nan"]})["one"]
    assert column.isna().tolist() == [False, True, False]
    assert column.dropna().tolist() == ["1", "nan"]


def test_missing_strings_are_nan() -> None:
    """So tables look the same with pandas 2 and 3."""
    assert math.isnan(frame_from({"unit": ["G$", None]})["unit"][1])
    assert math.isnan(plain_types(read_table(b"years,unit\n2020,G$\n2021,\n"))["unit"][1])


def test_objects_index_and_notes_are_kept() -> None:
    """Notes are in `attrs`."""
    table = {"key": ["a", "b"], "value": [[1], 2]}
    result = with_notes(frame_from(table, index="key", objects=["value"]), ["so"])
    assert result["value"].tolist() == [[1], 2]
    assert result.index.tolist() == ["a", "b"]
    assert result.attrs == {"note": "so"}
    assert list(frame_from({"key": [], "value": []}).columns) == ["key", "value"]


def test_table_has_plain_types() -> None:
    content = b"years,q,on,name,n,maybe,none\n2020,0.1,True,a,1,True,\n2021,,False,,,,\n"
    result = plain_types(read_table(content))
    kinds = [str(kind) for kind in result.dtypes]
    assert kinds[:3] == ["int64", "float64", "bool"]
    assert kinds[4:6] == ["Int64", "boolean"]
    assert result["q"][0] == 0.1
    assert result.isna().to_numpy().tolist() == [[False] * 6 + [True], [False, True, False, True, True, True, True]]


def test_empty_table_has_its_columns() -> None:
    result = plain_types(read_table(b"years,q\n"))
    assert (list(result.columns), len(result)) == (["years", "q"], 0)
    assert isinstance(result, pd.DataFrame)
