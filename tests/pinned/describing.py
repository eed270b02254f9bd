"""Describe values as text, bit for bit, and the types of columns; without the libraries that are compared."""

from __future__ import annotations

from itertools import groupby
from typing import Any

INT_MAX, INT_MIN, UINT_MAX = 2**63 - 1, -(2**63), 2**64 - 1


def describe(value: Any) -> str:
    """Return a text that differs for any two values that differ in type or in a bit."""
    name = type(value).__name__
    if hasattr(value, "dtype"):
        return describe(value.item()) if value.ndim == 0 else "array " + _items(value.tolist())
    if isinstance(value, float):
        return f"float {value.hex()}"
    if isinstance(value, complex):
        return f"complex {value.real.hex()} {value.imag.hex()}"
    if isinstance(value, set):
        return f"set {sorted(map(describe, value))}"
    children = {"Array": lambda: value.data, "dict": lambda: [item for pair in value.items() for item in pair]}
    if name in children or isinstance(value, list | tuple):
        return f"{name.lower()} {_items(children.get(name, lambda: value)())}"
    return f"{name} {value!r}"


def _items(values: list[Any]) -> str:
    return "[" + ", ".join(map(describe, values)) + "]"


def describe_all(values: list[Any]) -> list[list[Any]]:
    """Describe values in order, with how often each comes in a row."""
    return [[text, len(list(group))] for text, group in groupby(map(describe, values))]


def type_of(values: list[Any]) -> str:
    """Return the letter of the numpy type that a column of these values has."""
    types = set(map(type, values))
    if types == {int}:
        lowest, highest = min(values), max(values)
        if lowest >= INT_MIN and highest <= INT_MAX:
            return "i"
        return "u" if lowest >= 0 and highest <= UINT_MAX else "O"
    return {frozenset({bool}): "b", frozenset({float}): "f", frozenset({complex}): "c"}.get(frozenset(types), "O")
