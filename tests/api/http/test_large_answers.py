"""Answers of megabytes are read another way, and mean the same."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import pytest

from sostrades_cli.api.http import strict_json
from sostrades_cli.api.parameter_map import ParameterMap
from sostrades_cli.errors import UnusableAnswer

PADDING = "x" * strict_json.LARGE


def large(value: str) -> bytes:
    """Return a large document whose first value is written so."""
    return f'{{"value": {value}, "padding": "{PADDING}"}}'.encode()


@pytest.mark.parametrize(
    "value",
    [
        "0.1",
        "1e22",
        "1.7976931348623157e308",
        "5e-324",
        "123456789012345678901234567890",
        "-0.0",
        '"caf\\u00e9"',
        "[[], {}]",
    ],
)
def test_values_of_large_documents_are_exact(value: str) -> None:
    """Numbers, however long, and texts are what they are in small ones."""
    found = strict_json.parse(large(value), unbounded=True)["value"]
    assert (repr(found), type(found)) == (repr(json.loads(value)), type(json.loads(value)))


def test_half_a_pair_is_read_in_large_documents_too() -> None:
    """A text with half a surrogate pair, which Python's own reader takes, is taken whatever the size."""
    assert strict_json.parse(large('"\\ud800"'), unbounded=True)["value"] == "\ud800"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "[1,]", "01", "'a'"])
def test_what_is_no_json_is_refused_whatever_the_size(value: str) -> None:
    """The reader for large documents lets nothing pass that the other refuses."""
    with pytest.raises(ValueError, match=r"."):
        strict_json.parse(large(value), unbounded=True)


@pytest.mark.parametrize("value", [1e999, [1.0, -1e999], {"a": [{"b": 1e999}]}])
def test_a_parameter_beyond_a_double_is_refused(value: Any) -> None:
    """Whoever reads without bounds finds what no double is in any value, however deep."""
    fields = {"type": "float", "unit": None, "var_name": "b", "value": value, "optional": False}
    with pytest.raises(UnusableAnswer, match="beyond a double"):
        ParameterMap.from_api({"a.b": fields})


def test_a_value_that_is_nested_without_end_is_refused() -> None:
    """A hundred lists in each other are more than anything that works on values can follow."""
    value: list[Any] = []
    for _ in range(300):
        value = [value]
    fields = {"type": "list", "unit": None, "var_name": "b", "value": value, "optional": False}
    with pytest.raises(UnusableAnswer, match="nested without end"):
        ParameterMap.from_api({"a.b": fields})


def test_no_cycles_are_looked_for_while_reading() -> None:
    """A document of many lists is read without one search of Python's collector."""
    searches: list[int] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            searches.append(about["generation"])

    document = b"[" + b"[]," * 500_000 + b"[]]"
    gc.callbacks.append(note)
    try:
        strict_json.parse(document, unbounded=False)
        during = list(searches)
    finally:
        gc.callbacks.remove(note)
    assert during == []


def test_cycles_of_a_program_that_reads_on_and_on_are_found() -> None:
    """However many answers are read in between, what refers to itself and to nothing else is collected."""

    class Cycle:
        """What only the collector can remove."""

        def __init__(self) -> None:
            self.itself = self

    first = Cycle()
    gone = weakref.ref(first)
    del first
    for _ in range(200_000):
        Cycle()
        strict_json.parse(b"{}", unbounded=False)
        if gone() is None:
            break
    assert gone() is None


def test_what_a_program_has_frozen_stays_frozen() -> None:
    """A program that uses the library may keep objects of its own from the collector."""
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        strict_json.parse(b"[" + b" " * strict_json.MANY + b"]", unbounded=False)
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_cycles_are_looked_for_again_after_reading() -> None:
    """Reading leaves Python's collector as it was, on or off."""
    document = b"[" + b" " * strict_json.MANY + b"]"
    strict_json.parse(document, unbounded=False)
    assert gc.isenabled()
    gc.disable()
    try:
        strict_json.parse(document, unbounded=False)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_parameter_of_a_load_is_made_when_it_is_asked_for() -> None:
    """Asked for one by one or together, parameters and their cells say the same; what is not there is a KeyError."""
    entries = {
        f"dice.{name}": {"type": "float", "unit": "-", "var_name": name, "value": 1.5, "optional": False}
        for name in ("gamma", "max_mda_iter")
    }
    found = ParameterMap.from_api(entries)
    assert found["dice.gamma"].to_api() == entries["dice.gamma"]
    assert found.solver_settings() == {"dice.max_mda_iter"}
    assert found.cells(["dice.gamma"]) == [("dice.gamma", "float", "-", 1.5)]
    assert ("dice.nope" in found, len(found), list(found)) == (False, 2, list(entries))
    with pytest.raises(KeyError):
        found["dice.nope"]


@pytest.mark.parametrize("field", ["value", "unit", "var_name", "more"])
@pytest.mark.parametrize("value", ["[" * 500 + "]" * 500, '{"a":' * 500 + "1" + "}" * 500, "1e999"])
def test_no_field_of_a_parameter_is_beyond(field: str, value: str) -> None:
    """Whichever field of a load is nested deeply, or beyond a double, is refused before anything shows it."""
    fields = {"type": '"list"', "unit": "null", "var_name": '"b"', "value": "1", "optional": "false", field: value}
    entry = ", ".join(f'"{name}": {text}' for name, text in fields.items())
    payload = strict_json.parse(f'{{"a.b": {{{entry}}}}}'.encode(), unbounded=True)
    with pytest.raises(UnusableAnswer, match="nested without end"):
        ParameterMap.from_api(payload)
