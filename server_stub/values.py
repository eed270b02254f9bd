"""Values of parameters, and their JSON form on the server."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A parameter has any value that was last posted: text, number, list, dict, table or nothing.
Value: TypeAlias = Any
Json: TypeAlias = Any


@dataclass(frozen=True)
class Table:
    """A dataframe: column names and rows of cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Value]:
        """Return the cells of a column. A missing column is a KeyError like in pandas."""
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
    # Whether inner lists are items of an array of objects, and not further dimensions.
    flat: bool = field(default=False, compare=False, repr=False)


def encode(value: Value, *, placeholders: bool = True) -> Json:
    """Convert a value to JSON like the server: without NaN, and with placeholders for tables and arrays."""
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
    """Write JSON like the server: blanks after separators, ASCII only."""
    return json.dumps(value)


def same(left: Value, right: Value) -> bool:
    """Return whether two values are equal. NaN equals NaN, and 1 differs from 1.0."""
    return repr(left) == repr(right)
