"""Values of parameters and how the server writes them in JSON."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A parameter holds whatever was last posted: text, numbers, lists, dicts, tables, nothing.
Value: TypeAlias = Any
Json: TypeAlias = Any


@dataclass(frozen=True)
class Table:
    """A dataframe: named columns and rows of cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Value]:
        """Give the cells of one column; a missing one is a KeyError as in pandas."""
        if name not in self.columns:
            raise KeyError(name)
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def first_column(self) -> list[Value]:
        """Return the cells of the first column."""
        return [row[0] for row in self.rows]


@dataclass(frozen=True)
class Array:
    """A numpy array, as nested lists."""

    data: list[Value]
    # Whether lists in it are items of an array of objects, not further dimensions.
    flat: bool = field(default=False, compare=False, repr=False)


def encode(value: Value, *, placeholders: bool = True) -> Json:
    """Turn a value into JSON as the server does: no NaN, tables and arrays only as place holders."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Table):
        return "://dataframe"
    if isinstance(value, Array):
        return "://ndarray" if placeholders else encode(value.data, placeholders=False)
    if isinstance(value, dict):
        return {str(key): encode(item, placeholders=placeholders) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item, placeholders=placeholders) for item in value]
    return value


def dumps(value: Json) -> str:
    """Write JSON as the server does: blanks after separators, ASCII only."""
    return json.dumps(value)


def same(left: Value, right: Value) -> bool:
    """Say whether two values are equal; NaN equals NaN, 1 differs from 1.0."""
    return repr(left) == repr(right)
