"""Test deeply nested JSON and TOML, and corrupted fields of files."""

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
def test_deeply_nested_json_is_rejected(nested: object, kind: object) -> None:
    """A hundred levels are accepted, in str and bytes."""
    assert callable(nested)
    assert callable(kind)
    assert from_json(kind(nested(MOST_NESTED))) == json.loads(nested(MOST_NESTED))
    for depth in (MOST_NESTED + 1, 500, 100_000):
        with pytest.raises(ValueError, match="nested"):
            from_json(kind(nested(depth)))


def test_brackets_in_strings_are_not_nesting() -> None:
    for text in ("[" * 500, "]" * 500, "[]{}" * 500, "unit [$/MWh", "}{"):
        body = json.dumps({"a": [text, {text: 1}]}).encode()
        assert from_json(body) == {"a": [text, {text: 1}]}


def test_deeply_nested_toml_is_rejected() -> None:
    assert from_toml(f"a = {lists(50)}") == {"a": json.loads(lists(50))}
    for depth in (150, 10_000):
        with pytest.raises(ValueError, match="nested"):
            from_toml(f"a = {lists(depth)}")


class Fields(NamedTuple):
    """The fields of a file."""

    name: str
    count: int = 0
    sure: bool | None = None
    value: object = None


def test_fields_have_their_declared_types() -> None:
    assert is_as_declared(Fields("a", 1, sure=True, value=[]))
    assert is_as_declared(Fields("a"))
    for spoilt in (Fields(1), Fields("a", "1"), Fields("a", True), Fields("a", 1, 1)):  # type: ignore[arg-type]  # noqa: FBT003
        assert not is_as_declared(spoilt)
