"""Read downloaded tables into columns with types."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd


def read_table(content: bytes) -> pd.DataFrame:
    """Read a downloaded CSV into a DataFrame with nullable types. Only a blank cell is a missing value.

    Raises
    ------
    UnusableAnswer
        The download is not CSV.

    """
    import pandas as pd

    try:
        # By default, pandas would read the texts NA and null as missing, and integers beside missing values as floats.
        return pd.read_csv(
            io.BytesIO(content),
            keep_default_na=False,
            na_values=[""],
            dtype_backend="numpy_nullable",
            encoding="utf-8",
            # Until 3.1, pandas reads the last digits of a number inexactly by default.
            float_precision="round_trip" if _version(pd) < (3, 1) else None,
        )
    except (ValueError, OverflowError) as error:  # includes those of pandas, and bytes that are not UTF-8
        raise unusable("a CSV file that cannot be read") from error


def read_cells(content: bytes) -> tuple[tuple[str, ...], list[list[object]]]:
    """Read a downloaded CSV. Return the names of its columns and its rows, with ``None`` for blank cells."""
    frame = read_table(content)
    cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return tuple(map(str, frame.columns)), [[_finite(cell) for cell in row] for row in cells]


def _version(pandas: ModuleType) -> tuple[int, ...]:
    return tuple(map(int, pandas.__version__.split(".")[:2]))


def _finite(cell: object) -> object:
    """Return a value, or its text if it is infinite, because JSON cannot represent infinity."""
    return str(cell) if isinstance(cell, float) and math.isinf(cell) else cell
