"""Test lists that several figures repeat."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.plotly_figures.repeated_lists import PLACE, KeptLists, repeated, with_places

YEARS = list(range(2020, 2030))
LISTS = st.lists(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3))
FIGURES = st.recursive(
    LISTS | st.just([0] * 9) | st.just([0.0] * 9) | st.just([False] * 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=25)
@given(st.lists(FIGURES, max_size=4))
def test_figures_of_a_page_are_the_same_after_they_are_filled_in(figures: list[Any]) -> None:
    lists = KeptLists()
    kept = [lists.once(copy.deepcopy(figure)) for figure in figures]
    assert repr(kept) == repr(figures)
    shared = repeated(kept)
    places = {id(items): number for number, items in enumerate(shared)}
    documents = json.dumps([with_places(figure, places) for figure in kept])

    def filled_in(fields: dict[str, Any]) -> Any:
        return shared[fields[PLACE]] if PLACE in fields else fields

    assert repr(json.loads(documents, object_hook=filled_in)) == repr(figures)


def test_equal_lists_are_one_object() -> None:
    lists = KeptLists()
    first, second = (lists.once({"data": [{"x": list(YEARS), "y": [1]}]}) for _ in range(2))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["data"][0]["x"] is second["data"][0]["x"]
    assert repeated([first, second]) == [YEARS]


@pytest.mark.parametrize("other", [[0.0] * 9, [False] * 9, [-0.0] * 9, ["0"] * 9])
def test_lists_of_other_types_are_kept_apart(other: list[Any]) -> None:
    lists = KeptLists()
    assert lists.once([0] * 9) is not lists.once(other)
    assert repr(lists.once(list(other))) == repr(other)
