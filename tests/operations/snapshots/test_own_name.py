"""The study's own name, which stands in front of every parameter's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.names import OF_THE_WHOLE, own_name

quickly = settings(deadline=None, derandomize=True, max_examples=60)
words = st.text("ab []%", min_size=1, max_size=4)


@pytest.mark.parametrize("own", ["dice", "my study", "usecase.v1.2", "a.b", "[x] & y"])
@pytest.mark.parametrize("variable", sorted(OF_THE_WHOLE))
def test_it_may_hold_dots(own: str, variable: str) -> None:
    """A setting that a study as a whole has tells where the name ends, dots included."""
    names = [f"{own}.Macro.gamma", f"{own}.Carbon.tax", f"{own}.{variable}", f"{own}.Macro.{variable}"]
    assert own_name(names) == own
    assert own_name(reversed(names)) == own


def test_without_such_a_setting_it_ends_at_the_first_dot() -> None:
    """Where no setting tells the name is what stands before the first dot."""
    assert own_name(["dice.Macro.gamma", "dice.Carbon.tax"]) == "dice"


def test_a_node_below_is_not_the_study() -> None:
    """A coupling within the study has the same settings; only one above all others counts."""
    assert own_name(["dice.Macro.max_mda_iter", "dice.Carbon.tax"]) == "dice"


def test_no_names_have_no_study() -> None:
    """Where nothing is known the name is empty."""
    assert own_name([]) == ""


@quickly
@given(
    st.lists(words, min_size=1, max_size=3).map(".".join),
    st.lists(st.lists(words, min_size=2, max_size=3).map(".".join), max_size=5),
)
def test_what_is_left_is_the_parameters_own_name(own: str, rest: list[str]) -> None:
    """Whatever a study and its parameters are called, the name in front is found."""
    names = [f"{own}.{name}" for name in [*rest, "max_mda_iter"]]
    assert own_name(names) == own
