"""JSON and TOML that is nested without end, and fields of files that were spoilt."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from sostrades_cli.safe_parsers import MOST_NESTED, from_json, from_toml, is_as_declared


def lists(depth: int) -> str:
    """Return lists in lists."""
    return f"{'[' * depth}{']' * depth}"


def objects(depth: int) -> str:
    """Return objects in objects."""
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("nested", [lists, objects], ids=["lists", "objects"])
@pytest.mark.parametrize("kind", [str, str.encode], ids=["text", "bytes"])
def test_what_is_nested_deeply_is_no_json(nested: object, kind: object) -> None:
    """A hundred levels are read, from texts and from bytes; more are refused, however many more."""
    assert callable(nested)
    assert callable(kind)
    assert from_json(kind(nested(MOST_NESTED))) == json.loads(nested(MOST_NESTED))
    for depth in (MOST_NESTED + 1, 500, 100_000):
        with pytest.raises(ValueError, match="nested"):
            from_json(kind(nested(depth)))


def test_brackets_in_texts_are_no_nesting() -> None:
    """Texts full of brackets, matching or not, are read as they are."""
    for text in ("[" * 500, "]" * 500, "[]{}" * 500, "unit [$/MWh", "}{"):
        body = json.dumps({"a": [text, {text: 1}]}).encode()
        assert from_json(body) == {"a": [text, {text: 1}]}


def test_what_is_nested_deeply_is_no_toml() -> None:
    """The same holds for TOML."""
    assert from_toml(f"a = {lists(50)}") == {"a": json.loads(lists(50))}
    for depth in (150, 10_000):
        with pytest.raises(ValueError, match="nested"):
            from_toml(f"a = {lists(depth)}")


class Noted(NamedTuple):
    """A file's fields."""

    name: str
    count: int = 0
    sure: bool | None = None
    value: object = None


def test_fields_are_what_they_are_declared_to_be() -> None:
    """A text for a number, a number for a text and true for one are told; a field of any kind holds anything."""
    assert is_as_declared(Noted("a", 1, sure=True, value=[]))
    assert is_as_declared(Noted("a"))
    for spoilt in (Noted(1), Noted("a", "1"), Noted("a", True), Noted("a", 1, 1)):  # type: ignore[arg-type]  # noqa: FBT003
        assert not is_as_declared(spoilt)
