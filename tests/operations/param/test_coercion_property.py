"""Test round trips of all values that a server can store through every format."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from fuzz.effort import effort
from hypothesis import given
from hypothesis import strategies as st
from value_strategies import by_type

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param import coercion
from sostrades_cli.operations.param.assignment_files import read_file
from sostrades_cli.operations.param.assignments import Assignment, Table, read_assignment, read_assignments
from sostrades_cli.operations.param.metadata import ParameterInfo
from sostrades_cli.operations.study.snapshot import toml_writer
from sostrades_cli.operations.tables.equality import identical

quickly = effort(45)
KEY = "dice.Macro.x"

characters = st.characters(exclude_categories=["Cs"]) | st.sampled_from(list("\n\r\t\",'#\\=[]{}\x00\x7f\u2028☃ é"))
texts = st.text(characters, max_size=6) | st.sampled_from(
    ["nan", "None", "1", "01", "True", "inf", "-inf", "1e5", "@x"]
)
TYPES = by_type(texts, nulls=False)
TYPES_WITH_NULL = by_type(texts, nulls=True)
every_type = pytest.mark.parametrize("kind", sorted(TYPES))


@dataclass(frozen=True)
class UnstorableValue:
    """A value with a part that no server can store, and its JSON text."""

    value: object
    text: str


NOT_HELD = [
    UnstorableValue(math.nan, "NaN"),
    UnstorableValue(math.inf, "Infinity"),
    UnstorableValue(-math.inf, "-Infinity"),
    UnstorableValue(math.inf, "1e999"),
    UnstorableValue("a\ud800", '"a\\ud800"'),
    UnstorableValue("\udfff", '"\\udfff"'),
]


def info(kind: str) -> ParameterInfo:
    """Return a parameter of a type."""
    return ParameterInfo(KEY, kind, "-", None, None)


def typed(assignment: Assignment, kind: str) -> object:
    """Return the value that would be sent."""
    assert assignment.key == KEY
    return coercion.typed(assignment, info(kind))


def from_file(name: str, content: str, kind: str) -> object:
    """Return the value of a file with one assignment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content.encode())
        [result] = read_file(path, io.TextIOWrapper(io.BytesIO()))
    return typed(Assignment(result.key, value=result.content) if isinstance(result, Table) else result, kind)


def as_csv(key: str, text: str) -> str:
    """Return a CSV file with one key and value."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["key", "value"], [key, text]])
    return buffer.getvalue()


def as_text(value: object) -> str:
    """Return the text a user types for a value: strings as they are, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def escaped(value: object) -> object:
    """Return a value as in a file of assignments, where a leading @ is doubled."""
    return f"@{value}" if isinstance(value, str) and value.startswith("@") else value


def no_nul(value: object) -> bool:
    """Return whether a value can be a command-line argument."""
    return "\x00" not in as_text(value)


@every_type
@quickly
@given(data=st.data())
def test_value_is_read_back_from_toml(kind: str, data: st.DataObject) -> None:
    value = data.draw(TYPES[kind])
    line = toml_writer.line(KEY, value, data.draw(texts))
    assert line is not None
    assert len(line.splitlines()) == 1 or "\u2028" not in repr(line)
    assert identical(tomllib.loads(f"{line}\n"), {KEY: value})
    doubled = toml_writer.line(KEY, escaped(value), "")
    assert identical(from_file("a.toml", f"{doubled}\n", kind), value)


@pytest.mark.parametrize("kind", ["list", "dict"])
@quickly
@given(data=st.data())
def test_null_is_read_back_from_json_instead_of_toml(kind: str, data: st.DataObject) -> None:
    value = data.draw(TYPES_WITH_NULL[kind])
    nothing = "null" in json.dumps(value, ensure_ascii=True).replace("\\", "") and _has_nothing(value)
    assert (toml_writer.line(KEY, value, "") is None) is nothing
    text = json.dumps({KEY: escaped(value)}, indent=1, sort_keys=True)
    assert identical(from_file("a.json", text, kind), value)


def _has_nothing(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return value is None or any(map(_has_nothing, inner))


@every_type
@quickly
@given(data=st.data())
def test_value_is_read_back_from_a_json_argument(kind: str, data: st.DataObject) -> None:
    value = data.draw(TYPES_WITH_NULL[kind])
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()))
    assert identical(typed(read_assignment(f"{KEY}:={text}"), kind), value)


@every_type
@quickly
@given(data=st.data())
def test_value_is_read_back_from_an_argument(kind: str, data: st.DataObject) -> None:
    """A leading @ is doubled, because a single one names a file."""
    value = data.draw(TYPES_WITH_NULL[kind].filter(no_nul))
    text = as_text(value)
    if text.startswith("@") and not text.startswith("@@"):
        with pytest.raises(UsageError):
            read_assignments([f"{KEY}={text}"])
    assert identical(typed(read_assignment(f"{KEY}={escaped(text)}"), kind), value)


@every_type
@quickly
@given(data=st.data())
def test_value_is_read_back_from_csv(kind: str, data: st.DataObject) -> None:
    """A leading @ is doubled. Text files contain no NUL and no Ctrl-Z."""
    value = data.draw(TYPES_WITH_NULL[kind].filter(no_nul))
    text = escaped(as_text(value))
    if "\x1a" in text:
        with pytest.raises(UsageError):
            from_file("a.csv", as_csv(KEY, text), kind)
        return
    assert identical(from_file("a.csv", as_csv(KEY, text), kind), value)


def test_long_csv_cell_is_read() -> None:
    """A list of a hundred thousand numbers fits into one cell."""
    value = [float(number) for number in range(100_000)]
    csv.field_size_limit(131_072)  # what a new process begins with
    assert from_file("a.csv", as_csv(KEY, json.dumps(value)), "list") == value


@pytest.mark.parametrize("bad", NOT_HELD, ids=lambda bad: bad.text)
@pytest.mark.parametrize("inside", ["{}", "[{}]", '{{"a": [1, {{"b": {}}}]}}'])
def test_unstorable_values_are_rejected(bad: UnstorableValue, inside: str) -> None:
    """nan, infinity and lone surrogates."""
    text = inside.format(bad.text)
    value = json.loads(text.replace("1e999", "Infinity"))
    kind = {list: "list", dict: "dict", float: "float", str: "string"}[type(value)]
    sources = [
        lambda: typed(read_assignment(f"{KEY}:={text}"), kind),
        lambda: typed(Assignment(KEY, value=value), kind),
        lambda: from_file("a.json", f'{{"{KEY}": {text}}}', kind),
        lambda: typed(Assignment(KEY, text=value if kind == "string" else text), kind),
    ]
    for source in sources:
        with pytest.raises(UsageError) as caught:
            source()
        assert caught.value.hint


@pytest.mark.parametrize("text", ["nan", "-inf", "[1.0, inf]", "{a = {b = [nan]}}"])
def test_nan_in_a_toml_file_is_rejected(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_file("a.toml", f'"{KEY}" = {text}\n', "list")
    assert caught.value.hint
