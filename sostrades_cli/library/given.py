"""What a program wants to set: Python values, tables and files as the assignments that a command line makes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.assignments import Assignment, from_file
from sostrades_cli.output.text import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from sostrades_cli.api.models import Json

MOST_AT_ONCE: Final = 8
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
        return Assignment(key, file=written(tables, place(), called), label=called)
    plain = plain_value(value, key)
    if isinstance(plain, list) and plain and all(isinstance(one, _FLAT) for one in plain):
        import pandas as pd  # noqa: PLC0415 - start-up: for tables and lists only

        # An array takes a file, a list takes JSON, and only the server knows which of them this is to be.
        column = pd.DataFrame({"value": pd.Series(plain, dtype=object)})
        return Assignment(key, value=plain, file=written(column, place(), called), label=called)
    return Assignment(key, value=plain)


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


def written(table: pd.DataFrame, path: Path, called: str) -> Path:
    """Write a table as the server reads it: a named index is a column, no value is written ``None``.

    Raises
    ------
    UsageError
        Its columns have names of several levels.

    """
    table = _with_index(table)
    if table.columns.nlevels > 1:
        raise UsageError(f"{called} has names of columns in several levels", hint="join them to one name each")
    table.to_csv(path, index=False, na_rep="None", lineterminator="\n", encoding="utf-8")
    return path


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
