"""Values as lines of TOML."""

from __future__ import annotations

import math
import tomllib

import pytest

from sostrades_cli.operations.study.snapshot import toml_writer

LONE = "\ud800"


def read(line: str | None) -> dict[str, object]:
    """Parse a line of TOML."""
    assert line is not None
    assert "\n" not in line
    return tomllib.loads(line)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e16, "1e+16"),
        (5e-324, "5e-324"),
        (2**80, str(2**80)),
        (True, "true"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        ("café ☃", '"café ☃"'),
        ("", '""'),
        ([], "[]"),
        ({}, "{}"),
        ([1, 1.0, "1", [True]], '[1, 1.0, "1", [true]]'),
        ({"b": 1, "a": {"c d": []}}, '{"a" = {"c d" = []}, "b" = 1}'),
    ],
)
def test_value_is_written_with_its_type(value: object, text: str) -> None:
    """Keys are sorted, and the comment has type and unit."""
    assert toml_writer.line("Macro.gamma", value, "float, kg") == f'"Macro.gamma" = {text}  # float, kg'


def test_nan_is_written_as_nan() -> None:
    assert toml_writer.line("a", math.nan, "float") == '"a" = nan  # float'


@pytest.mark.parametrize("value", [None, [None], {"a": {"b": [1, None]}}, LONE, [LONE], {LONE: 1}, object()])
def test_null_and_lone_surrogate_have_no_line(value: object) -> None:
    assert toml_writer.line("a", value, "list") is None


def test_too_long_integer_has_no_line() -> None:
    assert toml_writer.line("a", 10**5000, "int") is None


def test_too_deeply_nested_value_has_no_line() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert toml_writer.line("a", deep, "list") is None


def test_long_list_is_written_fast() -> None:
    numbers = [0.5 * number for number in range(20_000)]
    assert read(toml_writer.line("a", numbers, "list")) == {"a": numbers}


@pytest.mark.parametrize("name", ["a", "a.b", "a b [%] & c", 'say "now"', "é☃", "#", "", "a\nb = 1", "\x1b[31m", "\\"])
def test_name_is_one_key(name: str) -> None:
    assert read(toml_writer.line(name, 1.5, "float")) == {name: 1.5}
    assert read(toml_writer.line("a", {name: 1}, "dict")) == {"a": {name: 1}}


@pytest.mark.parametrize("unit", ["°C", "#", "\n[a]\nb = 1", "\r", "\x1b[31m", "\x00", "\x7f", "\u2028", LONE, '"'])
def test_unit_stays_in_the_comment(unit: str) -> None:
    for line in (toml_writer.line("a", 1, unit), f"a = 1\n{toml_writer.comment_line(unit, unit, unit)}"):
        assert line is not None
        assert tomllib.loads(line.encode().decode()) == {"a": 1}


def test_comment_line_has_name_reason_and_type() -> None:
    assert toml_writer.comment_line("Macro.events", "in data/x.csv", "dataframe") == (
        '# "Macro.events" in data/x.csv: dataframe'
    )
