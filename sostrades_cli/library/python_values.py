"""Conversion of Python values, DataFrames and files to assignments, as the command line parses them from text."""

from __future__ import annotations

import itertools
import math
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.operations.param.assignments import Assignment, from_file
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.rows import lines
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from sostrades_cli.api.models import Json

MOST_AT_ONCE: Final = 8
_NONE: Final = "None"
# Python refuses to write integers with more than 4300 digits.
_MOST_BITS: Final = 14_000
# The types of pd.NA and pd.NaT, which is also a date.
_MISSING_TYPES: Final = frozenset({"NAType", "NaTType"})
_DOUBLE: Final = 8  # bytes
_FLAT: Final = (bool, int, float, str, type(None))


def at_once(jobs: int) -> int:
    """Return the number of parallel requests.

    Raises
    ------
    UsageError
        The number is not between 1 and ``MOST_AT_ONCE``.

    """
    if jobs not in range(1, MOST_AT_ONCE + 1):
        raise UsageError(f"expected 1 to {MOST_AT_ONCE} jobs, got {jobs}", hint=f"for example jobs={MOST_AT_ONCE}")
    return jobs


def given(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a case without missing ones, which keep the original value."""
    if not hasattr(values, "items"):
        return values
    return {key: value for key, value in values.items() if not is_missing(value)}


def assignments(values: Mapping[str, Any], new_file: Callable[[], Path]) -> list[Assignment]:
    """Return the assignments for a mapping of keys to values.

    ``new_file`` returns a path for each table. These files last as long as the call.

    Raises
    ------
    UsageError
        A value has a type that a parameter cannot have.

    """
    if not hasattr(values, "items"):
        raise UsageError(
            f"expected a dict of keys and values, got {with_article(type(values).__name__)}",
            hint='for example {"Macro.gamma": 0.3}',
        )
    return [_assignment(key, value, new_file) for key, value in values.items()]


def _assignment(key: object, value: object, new_file: Callable[[], Path]) -> Assignment:
    if not isinstance(key, str):
        raise UsageError(f"expected a parameter key, got {key!r}", hint='for example "Macro.gamma"')
    if isinstance(value, Path):
        return from_file(key, value)
    table_label = f"the {type(value).__name__}"
    tables = _tables(value)
    if tables is not None:
        file, notes = written(tables, new_file(), table_label)
        return Assignment(key, file=file, label=table_label, notation=Notation.TYPED, notes=notes)
    notes = tuple(itertools.islice(_digit_notes(value), 1))
    if isinstance(value, dict) and value and all(type(name) is int for name in value):
        # JSON allows only strings as keys, so a dict with integer keys goes as a table.
        columns = [
            ["variable", *map(str, value)],
            ["value", *(typed_cell(item, table_label) for item in value.values())],
        ]
        return Assignment(key, file=_file(columns, new_file()), label=table_label, notation=Notation.TYPED, notes=notes)
    plain = plain_value(value, key)
    if isinstance(plain, list) and plain and all(isinstance(item, _FLAT) for item in plain):
        # An array needs a file, a list needs JSON. The type of the parameter decides later, so provide both.
        column = ["value", *(typed_cell(item, table_label) for item in plain)]
        file = _file([column], new_file())
        return Assignment(key, value=plain, file=file, label=table_label, notation=Notation.TYPED, notes=notes)
    return Assignment(key, value=plain, notes=notes)


def _digit_notes(value: object) -> Iterator[str]:
    """Yield a note for each float of fewer than 64 bits that is stored with more digits than Python prints of it."""
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _digit_notes(item)
        return
    dtype = getattr(value, "dtype", None)
    if getattr(dtype, "kind", "") != "f" or getattr(dtype, "itemsize", _DOUBLE) >= _DOUBLE:
        return
    import numpy as np

    for number in np.ravel(np.asarray(value)):
        # Not an f-string of the number, which has the digits of a double.
        exact, short = float(number), str(number)
        if math.isfinite(exact) and float(short) != exact:
            yield f"the {dtype} {short} is stored as {exact!r}. To store {short}, use a float64"


def _file(columns: Sequence[Sequence[str]], path: Path) -> Path:
    path.write_bytes(lines(columns).encode("utf-8"))
    return path


def _tables(value: object) -> pd.DataFrame | None:
    """Return a DataFrame, or a dict of DataFrames joined as the server joins them, or ``None`` for other values."""
    if "pandas" not in sys.modules:
        return None  # without pandas there cannot be a DataFrame
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, dict) and value and all(isinstance(table, pd.DataFrame) for table in value.values()):
        parts = [_with_index(table).assign(variable=name) for name, table in value.items()]
        joined = pd.concat(parts, ignore_index=True)
        return joined[["variable", *(name for name in joined.columns if name != "variable")]]
    return None


def written(table: pd.DataFrame, path: Path, label: str) -> tuple[Path, tuple[str, ...]]:
    """Write a table to a file that keeps the type of each cell: strings in quotes, a named index as a column.

    Returns the file, and notes on values that the server cannot store.

    Raises
    ------
    UsageError
        The columns have a MultiIndex, or a cell has a type that tables cannot have.

    """
    table = _with_index(table)
    if table.columns.nlevels > 1:
        raise UsageError(f"{label} has column names with several levels", hint="join the levels to one name per column")
    columns = [[str(name), *_cells(table.iloc[:, number], label)] for number, name in enumerate(table.columns)]
    dates = [str(name) for number, name in enumerate(table.columns) if table.dtypes.iloc[number].kind in "mM"]
    notes = tuple(f"column {name}: the server stores dates in tables as texts" for name in dates)
    digits = [
        f"column {name}: {note}"
        for number, name in enumerate(table.columns)
        for note in itertools.islice(_digit_notes(table.iloc[:, number]), 1)
    ]
    return _file(columns, path), (*notes, *digits)


def _cells(column: pd.Series[Any], label: str) -> list[str]:
    if column.dtype == "float64":
        return [_NONE if math.isnan(number) else _float_cell(number) for number in column.tolist()]
    return [typed_cell(value, label) for value in column.tolist()]


def _float_cell(number: float) -> str:
    # The server evaluates cells as Python literals, which have no inf: 1e309 overflows to it.
    return repr(number) if math.isfinite(number) else "(1e309)" if number > 0 else "(-1e309)"


def typed_cell(value: Any, label: str) -> str:  # noqa: ANN401 - whatever a table can hold
    """Return the text of a cell, with the type of its value.

    Raises
    ------
    UsageError
        Tables cannot have such a value.

    """
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) > 0:
        return _array_cell(value, label)
    # Convert numpy scalars, whose repr is not a Python literal.
    value = value.item() if hasattr(value, "item") else value
    value = _scalar(value, label) if isinstance(value, Decimal | int) else value
    if isinstance(value, list | dict):
        return str(plain_value(value, label))
    if is_missing(value):
        return _NONE
    if isinstance(value, float):
        return _float_cell(value)
    # The server has no dates or times in tables, so they go as strings.
    return str(value) if isinstance(value, bool | int) else repr(str(value))


def is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a table can hold
    """Return whether a value stands for no value: None, nan, NaT or pd.NA."""
    # `pd.isna` of a list or an array is an array.
    if hasattr(value, "__len__"):
        return False
    if value is None or isinstance(value, float):
        return value is None or math.isnan(value)
    # Not for `math.isnan`, because an int can be too large for a float.
    if isinstance(value, int):
        return False
    import pandas as pd

    return bool(pd.isna(value))


def _array_cell(value: Any, label: str) -> str:  # noqa: ANN401 - an array of numpy's
    """Return the text of an array in a cell; the server would read an array with one item as a list."""
    if value.ndim > 1 or value.size < 2 or value.dtype.kind not in "iuf":  # noqa: PLR2004 - "[1.0]" is a list
        raise UsageError(
            f"{label} has a cell with an array that the server does not accept",
            detail="the server accepts arrays of one dimension with at least two numbers",
            hint="use a list if the model accepts one",
        )
    return f"[{' '.join(map(repr, value.tolist()))}]"


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Turn a named index into columns. An index without a name only counts rows and is dropped."""
    return table.reset_index() if any(name is not None for name in table.index.names) else table


def plain_value(value: object, key: str) -> Json:
    """Convert numpy and pandas objects within a value to Python numbers, lists and dicts.

    Raises
    ------
    UsageError
        A dict has a key that is not a string, which the server would turn into one, or a value has another type.

    """
    if isinstance(value, dict):
        invalid_key = next((name for name in value if not isinstance(name, str)), None)
        if invalid_key is not None:
            raise UsageError(
                f"{key}: the dict key {invalid_key!r} is not a text, and the server accepts only texts",
                hint=f'write it as "{invalid_key}"',
            )
        return {name: plain_value(item, key) for name, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()  # numpy's arrays and numbers, pandas' series and indices
    # JSON has no tuples.
    if isinstance(value, list | tuple):
        return [plain_value(item, key) for item in value]
    # A case of a sweep can name the file of a table.
    return value if isinstance(value, Path) else _scalar(value, key)


def _scalar(value: object, key: str) -> Json:
    """Return a number, a text, a boolean or ``None``.

    Raises
    ------
    InvalidValue
        It is another object, or a number with more digits than the server stores.

    """
    if isinstance(value, Decimal):
        return _as_float(value, key)
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise InvalidValue(f"the value of {key} is an int with too many digits", hint="give a number below 1.8e308")
    if isinstance(value, _FLAT):
        return value
    if isinstance(value, range | set | frozenset):
        hint = "convert it with list()"
    elif type(value).__name__ in _MISSING_TYPES:
        hint = "leave the key out. study.reset restores the default value"
    elif isinstance(value, date):
        hint = "write it as a text, such as value.isoformat(), or as a number, such as value.year"
    else:
        hint = "give a number, a text, a bool, a list, a dict or a DataFrame"
    raise InvalidValue(
        f"the value of {key} has the type {type(value).__name__}, which the server does not store", hint=hint
    )


def _as_float(value: Decimal, key: str) -> float:
    """Return the float that has the same digits as a decimal number."""
    number = float(value)
    # An infinite number and nan have an error of their own.
    if value.is_finite() and Decimal(repr(number)) != value:
        raise InvalidValue(
            f"{value} (a Decimal for {key}) has more digits than a float", hint="convert it with float() or int()"
        )
    return number
