"""Strategies for the values that a server can store."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

numbers = st.floats(allow_nan=False, allow_infinity=False)
wholes = st.integers() | st.integers(-(10**30), 10**30)


def nested(texts: st.SearchStrategy[str], *, nulls: bool) -> st.SearchStrategy[Any]:
    """Return values with lists and dicts in each other, and with or without ``None``."""
    plain = st.booleans() | wholes | numbers | texts
    return st.recursive(
        plain | st.none() if nulls else plain,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=8,
    )


def by_type(texts: st.SearchStrategy[str], *, nulls: bool) -> dict[str, st.SearchStrategy[Any]]:
    """Return the values of each type that is not a table."""
    items = nested(texts, nulls=nulls)
    return {
        "float": numbers,
        "int": wholes,
        "bool": st.booleans(),
        "string": texts,
        "list": st.lists(items, max_size=4),
        "dict": st.dictionaries(texts, items, max_size=4),
    }
