"""Test the completion of parameter names, without a cache."""

from __future__ import annotations

import pytest

from sostrades_cli.completion import parameter_names
from sostrades_cli.completion.parameter_names import MAX_WHOLE_NAMES
from sostrades_cli.local.cache import CachedParameter

NAMES = ("dice.Macro.gamma", "dice.Macro.tax", "dice.Carbon.tax", "dice.Carbon.Price", "dice.max_mda_iter")
FLOAT = CachedParameter("float")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Macro.", ["Macro.gamma", "Macro.tax"]),
        ("dice.Carbon", ["dice.Carbon.tax", "dice.Carbon.Price"]),
        ("gam", ["gamma"]),
        ("tax", []),
        ("carbon.p", ["Carbon.Price"]),
        ("x", []),
    ],
)
def test_short_names_precede_full_names_and_unique_last_parts(typed: str, names: list[str]) -> None:
    """A last part that two parameters have is not offered, because commands reject it."""
    assert parameter_names.beginning(NAMES, typed, "dice") == names


def test_typed_case_has_priority() -> None:
    names = ("dice.a.x", "dice.A.x")
    assert parameter_names.beginning(names, "A", "dice") == ["A.x"]
    assert parameter_names.beginning(names[:1], "A", "dice") == ["a.x"]


def test_solver_settings_are_offered_only_alone() -> None:
    assert "max_mda_iter" not in parameter_names.beginning(NAMES, "", "dice")
    assert parameter_names.beginning(NAMES, "max", "dice") == ["max_mda_iter"]


def test_many_names_are_cut_after_the_next_dot() -> None:
    """A first part that all names share is skipped, because it leaves no choice."""
    names = [f"dice.Sector.{letter}.p{number}" for letter in "ab" for number in range(MAX_WHOLE_NAMES)]
    assert parameter_names.beginning(names, "", "dice") == ["Sector.a.", "Sector.b."]
    assert len(parameter_names.beginning(names, "Sector.a.", "dice")) == MAX_WHOLE_NAMES


def test_computed_parameters_cannot_be_set() -> None:
    """A coupling variable with a start value is an input."""
    known = {
        "input": CachedParameter("float", io_type="in"),
        "output": CachedParameter("float", io_type="out"),
        "coupling": CachedParameter("float", io_type="in", coupling=True),
        "start": CachedParameter("float", io_type="in", coupling=True, optional=True),
    }
    assert list(parameter_names.settable(known)) == ["input", "start"]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("dice.Macro.gamma", "dice.Macro.gamma"),
        ("Macro.gamma", "dice.Macro.gamma"),
        ("gamma", "dice.Macro.gamma"),
        ("GAMMA", "dice.Macro.gamma"),
        ("tax", None),
        ("price", "dice.Carbon.Price"),
        ("amma", None),
    ],
)
def test_parameter_is_named_by_its_full_name_or_a_unique_ending(word: str, name: str | None) -> None:
    known = {key: CachedParameter("float", unit=key) for key in NAMES}
    assert parameter_names.named(known, word, "dice") == (known[name] if name else None)


def test_entries_of_the_default_dict_are_offered() -> None:
    known = {"dice.shares": CachedParameter("dict", default=[{"coal": 0.4, "wind": 0.6}]), "dice.x": FLOAT}
    assert parameter_names.entries(known, "shares.c", "dice") == ["shares.coal"]
    assert parameter_names.entries(known, "shares.", "dice") == ["shares.coal", "shares.wind"]
    assert parameter_names.entries(known, "x.", "dice") == []
    assert parameter_names.entries(known, "shares", "dice") == []
