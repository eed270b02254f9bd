"""Test deeply nested JSON and TOML, and corrupted fields of files."""

from __future__ import annotations

import json
import math
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.safe_parsers import (
    MOST_NESTED,
    DuplicateKeyError,
    NotADoubleError,
    distinct,
    double,
    from_json,
    from_toml,
    is_as_declared,
)


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


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "skipped", '"', ""]), inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=25)
@given(DOCUMENTS, st.sampled_from([None, 1]), st.booleans())
def test_skipped_values_are_none_and_others_exact(document: object, indent: int | None, in_bytes: bool) -> None:
    text = f" {json.dumps(document, indent=indent)}\n"
    expected = {**document, "skipped": None} if isinstance(document, dict) and "skipped" in document else document
    assert from_json(text.encode() if in_bytes else text, skipped={"skipped"}) == expected


@settings(deadline=None, max_examples=25)
@given(DOCUMENTS, st.data())
def test_damaged_json_with_skipped_values_is_rejected(document: object, data: st.DataObject) -> None:
    text = json.dumps({"skipped": document, "a": document})
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:place] + data.draw(st.sampled_from(["", "}", "{", ",", ":", '"', "x", "]"])) + text[place + 1 :]
    assert is_json(damaged, {"skipped"}) == is_json(damaged, set())


def is_json(text: str, skipped: set[str]) -> bool:
    """Return whether a text is parsed."""
    try:
        from_json(text, skipped=skipped)
    except ValueError:
        return False
    return True


def test_key_that_occurs_twice_is_rejected_beside_skipped_values() -> None:
    with pytest.raises(ValueError, match="twice"):
        from_json('{"a": 1, "skipped": {"b": 1}, "a": 2}', skipped={"skipped"}, object_pairs_hook=distinct)


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


def test_whole_number_is_a_time() -> None:
    """JSON writes 2.0 seconds as 2 or 2.0."""

    class Timed(NamedTuple):
        time_s: float | None

    assert all(is_as_declared(Timed(time_s)) for time_s in (2.0, 2, None))
    assert not any(is_as_declared(Timed(time_s)) for time_s in ("2", True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-2E3", -2000.0),
        ("0", 0.0),
        ("-0.0", -0.0),
        ("0e5", 0.0),
        ("0.00E-5", 0.0),
        ("5e-324", 5e-324),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1e309", None),
        ("-1E309", None),
        ("0.1e400", None),
        ("9" * 400, None),
        ("1e-400", None),
        ("-1E-400", None),
        ("0.0001e-400", None),
    ],
)
def test_number_that_a_double_cannot_represent_is_rejected(text: str, value: float | None) -> None:
    """Neither a written 0 nor the word inf is one."""
    if value is None:
        with pytest.raises(NotADoubleError):
            double(text)
        for document in (f"[{text}]", f"a = {text}") if "." in text or "e" in text.lower() else ():
            with pytest.raises(NotADoubleError):
                from_json(document, parse_float=double) if document.startswith("[") else from_toml(document)
    else:
        assert (double(text), math.copysign(1, double(text))) == (value, math.copysign(1, value))


def test_nan_and_other_texts() -> None:
    assert math.isnan(double("nan"))
    with pytest.raises(ValueError, match="convert"):
        double("one")


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2}', '{"a": {"a": 1}}', "{}"])
def test_distinct_keys_are_accepted(text: str) -> None:
    assert from_json(text, object_pairs_hook=distinct) == json.loads(text)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"b": 1, "a": 2, "c": 3, "a": 4}', '[{"x": {"a": 1, "a": 2}}]'])
def test_key_that_occurs_twice_is_rejected(text: str) -> None:
    with pytest.raises(DuplicateKeyError, match="'a'"):
        from_json(text, object_pairs_hook=distinct)
