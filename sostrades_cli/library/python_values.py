"""What a program wants to set: Python values, tables and files as the assignments that a command line makes."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.assignments import Assignment, from_file
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.rows import lines
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from sostrades_cli.api.models import Json

MOST_AT_ONCE: Final = 8
_NONE: Final = "None"
_FLAT: Final = (bool, int, float, str, type(None))


def at_once(jobs: int) -> int:
    """Return how many requests go on at once.

    Raises
    ------
    UsageError
        The server is not to be asked for so many, or it is none.

    """
    if jobs not in range(1, MOST_AT_ONCE + 1):
        raise UsageError(f"jobs is 1 to {MOST_AT_ONCE}, not {jobs}")
    return jobs


def assignments(values: Mapping[str, Any], place: Callable[[], Path]) -> list[Assignment]:
    """Return what is to be set; ``place`` names files for tables, which live as long as the call.

    Raises
    ------
    UsageError
        A value is of no kind that a parameter can hold.

    """
    if not hasattr(values, "items"):
        raise UsageError(
            f"values are given by name, not as {with_article(type(values).__name__)}",
            hint='for example {"Macro.gamma": 0.3}',
        )
    return [_assignment(key, value, place) for key, value in values.items()]


def _assignment(key: object, value: object, place: Callable[[], Path]) -> Assignment:
    if not isinstance(key, str):
        raise UsageError(f"{key!r} is no name of a parameter", hint='for example "Macro.gamma"')
    if isinstance(value, Path):
        return from_file(key, value)
    called = f"the {type(value).__name__}"
    tables = _tables(value)
    if tables is not None:
        file, notes = written(tables, place(), called)
        return Assignment(key, file=file, label=called, notation=Notation.TYPED, notes=notes)
    if isinstance(value, dict) and value and all(type(name) is int for name in value):
        # JSON has no other keys than texts.
        columns = [["variable", *map(str, value)], ["value", *(typed_cell(one, called) for one in value.values())]]
        return Assignment(key, file=_file(columns, place()), label=called, notation=Notation.TYPED)
    plain = plain_value(value, key)
    if isinstance(plain, list) and plain and all(isinstance(one, _FLAT) for one in plain):
        # An array takes a file, a list takes JSON, and only the server knows which of them this is to be.
        column = ["value", *(typed_cell(one, called) for one in plain)]
        return Assignment(key, value=plain, file=_file([column], place()), label=called, notation=Notation.TYPED)
    return Assignment(key, value=plain)


def _file(columns: Sequence[Sequence[str]], path: Path) -> Path:
    path.write_bytes(lines(columns).encode("utf-8"))
    return path


def _tables(value: object) -> pd.DataFrame | None:
    """Return a DataFrame, or a dict of some as the one table that the server makes of it, else ``None``."""
    if "pandas" not in sys.modules:
        return None  # who has a DataFrame has imported it
    import pandas as pd  # noqa: PLC0415 - start-up: for tables only

    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, dict) and value and all(isinstance(one, pd.DataFrame) for one in value.values()):
        parts = [_with_index(one).assign(variable=name) for name, one in value.items()]
        whole = pd.concat(parts, ignore_index=True)
        return whole[["variable", *(name for name in whole.columns if name != "variable")]]
    return None


def written(table: pd.DataFrame, path: Path, called: str) -> tuple[Path, tuple[str, ...]]:
    """Write a table so that each cell has its type: all texts in quotes, and a named index as a column.

    Returns the file, and what is to be said of values that the server cannot hold.

    Raises
    ------
    UsageError
        Its columns have names of several levels, or a cell is no value of a table.

    """
    table = _with_index(table)
    if table.columns.nlevels > 1:
        raise UsageError(f"{called} has names of columns in several levels", hint="join them to one name each")
    columns = [[str(name), *_cells(table.iloc[:, number], called)] for number, name in enumerate(table.columns)]
    dates = [str(name) for number, name in enumerate(table.columns) if table.dtypes.iloc[number].kind in "mM"]
    notes = tuple(f"column {name}: the server has no dates in tables and holds them as texts" for name in dates)
    return _file(columns, path), notes


def _cells(column: pd.Series[Any], called: str) -> list[str]:
    if column.dtype == "float64":
        return [_NONE if math.isnan(number) else _float_cell(number) for number in column.tolist()]
    return [typed_cell(one, called) for one in column.tolist()]


def _float_cell(number: float) -> str:
    return repr(number) if math.isfinite(number) else "(1e309)" if number > 0 else "(-1e309)"


def typed_cell(value: Any, called: str) -> str:  # noqa: ANN401 - whatever a table can hold
    """Return the cell of a value that says its type, too.

    Raises
    ------
    UsageError
        It is no value of a table.

    """
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) > 0:
        return _array_cell(value, called)
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, list | dict):
        return str(plain_value(value, called))
    if _is_missing(value):
        return _NONE
    if isinstance(value, float):
        return _float_cell(value)
    # Dates, times and the like are texts.
    return str(value) if isinstance(value, bool | int) else repr(str(value))


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a table can hold
    import pandas as pd  # noqa: PLC0415 - start-up: for tables and lists only

    return bool(pd.isna(value))


def _array_cell(value: Any, called: str) -> str:  # noqa: ANN401 - an array of numpy's
    """Return the cell of an array; one of a single item would be a list to the server."""
    if value.ndim > 1 or value.size < 2 or value.dtype.kind not in "iuf":  # noqa: PLR2004 - "[1.0]" is a list
        raise UsageError(
            f"{called} has an array in a cell that the server cannot take",
            detail="it takes arrays of one dimension with two numbers or more",
            hint="give a list, if the model takes one",
        )
    return f"[{' '.join(map(repr, value.tolist()))}]"


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Make columns of an index that has a name; one that has none counts rows, and is left out."""
    return table.reset_index() if any(name is not None for name in table.index.names) else table


def plain_value(value: object, key: str) -> Json:
    """Return a value with Python's own numbers, lists and dicts in it, whatever numpy and pandas made them.

    Raises
    ------
    UsageError
        A dict has a key that is no text: the server would make it one.

    """
    if isinstance(value, dict):
        wrong = next((name for name in value if not isinstance(name, str)), None)
        if wrong is not None:
            raise UsageError(
                f"{key}: the key {wrong!r} of a dict is no text, and the server knows no others",
                hint=f'write it as "{wrong}"',
            )
        return {name: plain_value(one, key) for name, one in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()  # numpy's arrays and numbers, pandas' series and indices
    if isinstance(value, list | tuple):
        return [plain_value(one, key) for one in value]
    return value
