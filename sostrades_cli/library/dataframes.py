"""Conversion of columns and dataclasses to pandas DataFrames. Pandas is imported with the first DataFrame."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from _typeshed import DataclassInstance

SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1
# Above this limit, some integers have no exact float.
LARGEST_EXACT: Final = 2**53


def frame_from(
    table: Mapping[str, Sequence[Any]],
    *,
    index: str | None = None,
    objects: Collection[str] = (),
    types: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return columns as a DataFrame.

    Columns in ``objects`` keep their Python objects. Columns in ``types`` get the given dtype. Each other column
    gets the narrowest dtype that keeps every cell exactly.
    """
    import pandas as pd

    columns = {}
    for name, cells in table.items():
        dtype = object if name in objects else _type(cells)
        columns[name] = pd.Series(_strings(cells) if dtype is None else cells, dtype=dtype, name=name)
    # Explicit columns keep their order and names if there are no rows.
    frame = pd.DataFrame(columns, columns=list(table)).astype(types or {})
    return frame if index is None else frame.set_index(index)


def frame_of_items(
    kind: type[DataclassInstance],
    items: Sequence[DataclassInstance],
    *,
    index: str | None = None,
    objects: Collection[str] = (),
    types: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return dataclass instances as a DataFrame with a column per field; options as for ``frame_from``."""
    table = {field.name: [getattr(item, field.name) for item in items] for field in fields(kind)}
    return frame_from(table, index=index, objects=objects, types=types)


def with_notes(frame: pd.DataFrame, notes: Sequence[str]) -> pd.DataFrame:
    """Store notes in ``attrs["note"]`` of a DataFrame."""
    if notes:
        frame.attrs["note"] = "\n".join(notes)
    return frame


def plain_types(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert columns to int64, float64, bool and str; Int64 and boolean remain where values are missing."""
    import pandas as pd

    columns: dict[str, pd.Series[Any]] = {}
    for position, name in enumerate(map(str, frame.columns)):
        column = frame.iloc[:, position]
        dtype, gaps = str(column.dtype), bool(column.isna().any())
        # float64 has NaN for missing values; int64 and bool have nothing.
        if dtype == "Float64":
            columns[name] = column.astype("float64")
        elif dtype == "Int64" and not gaps:
            columns[name] = column.astype("int64")
        elif dtype == "boolean" and not gaps:
            columns[name] = column.astype("bool")
        elif dtype in {"Int64", "boolean"}:
            columns[name] = column
        else:
            cells = column.astype(object).where(column.notna(), None).tolist()
            columns[name] = pd.Series(_strings(cells) if _type(cells) is None else cells, index=frame.index)
    return pd.DataFrame(columns, index=frame.index)


def _type(cells: Sequence[object]) -> str | None:
    """Return the dtype of a column: numbers are kept exactly, and missing values stay missing."""
    # `type` and not `isinstance`, because a bool is an int, too.
    kinds = {type(cell) for cell in cells if cell is not None}
    gaps = any(cell is None for cell in cells)
    if kinds == {bool}:
        return "boolean" if gaps else "bool"
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    if kinds == {int}:
        # Larger integers do not fit int64, and a float would round them.
        fits = all(SMALLEST <= number <= LARGEST for number in numbers)
        return ("Int64" if gaps else "int64") if fits else "object"
    if kinds and kinds <= {int, float}:
        return "float64" if all(_is_double(number) for number in numbers) else "object"
    return None if kinds == {str} else "object"


def _strings(cells: Sequence[object]) -> list[object]:
    """Return strings with NaN where they are missing, as pandas 3 has them; pandas 2 would keep None."""
    return [math.nan if cell is None else cell for cell in cells]


def _is_double(number: float) -> bool:
    """Return whether a number is exactly representable as a float."""
    return not isinstance(number, int) or abs(number) <= LARGEST_EXACT
