"""Values as lines of TOML."""

from __future__ import annotations

import math
import tomllib

import pytest

from sostrades_cli.operations.study.snapshot import toml_writer

LONE = "\ud800"


def read(line: str | None) -> dict[str, object]:
    """Return what a reader of TOML makes of a line."""
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
def test_a_value_is_written_with_its_type(value: object, text: str) -> None:
    """Types are kept, objects are in the order of their keys, and type and unit stand behind."""
    assert toml_writer.line("Macro.gamma", value, "float, kg") == f'"Macro.gamma" = {text}  # float, kg'


def test_nan_is_nan() -> None:
    """Nan, which a float parameter can hold, is a word of TOML."""
    assert toml_writer.line("a", math.nan, "float") == '"a" = nan  # float'


@pytest.mark.parametrize("value", [None, [None], {"a": {"b": [1, None]}}, LONE, [LONE], {LONE: 1}, object()])
def test_what_toml_cannot_hold_has_no_line(value: object) -> None:
    """No value and half of a surrogate pair have no line."""
    assert toml_writer.line("a", value, "list") is None


def test_a_number_that_nobody_reads_has_no_line() -> None:
    """A whole number with more digits than Python reads has no line."""
    assert toml_writer.line("a", 10**5000, "int") is None


def test_what_is_nested_too_deeply_has_no_line() -> None:
    """A value that a reader of TOML would not come through has no line, and no traceback."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert toml_writer.line("a", deep, "list") is None


def test_long_lists_take_no_long_time() -> None:
    """A list of a hundred thousand numbers is written and read back."""
    numbers = [0.5 * number for number in range(100_000)]
    assert read(toml_writer.line("a", numbers, "list")) == {"a": numbers}


@pytest.mark.parametrize("name", ["a", "a.b", "a b [%] & c", 'say "now"', "é☃", "#", "", "a\nb = 1", "\x1b[31m", "\\"])
def test_a_name_is_the_whole_key(name: str) -> None:
    """Dots, quotes, line ends and escape codes in a name are part of one key."""
    assert read(toml_writer.line(name, 1.5, "float")) == {name: 1.5}
    assert read(toml_writer.line("a", {name: 1}, "dict")) == {"a": {name: 1}}


@pytest.mark.parametrize("unit", ["°C", "#", "\n[a]\nb = 1", "\r", "\x1b[31m", "\x00", "\x7f", "\u2028", LONE, '"'])
def test_a_comment_is_only_a_comment(unit: str) -> None:
    """A unit with line ends or escape codes stays in the comment, as visible text that a file can hold."""
    for line in (toml_writer.line("a", 1, unit), f"a = 1\n{toml_writer.comment_line(unit, unit, unit)}"):
        assert line is not None
        assert tomllib.loads(line.encode().decode()) == {"a": 1}


def test_a_remark_names_the_parameter() -> None:
    """A parameter without a line has a remark with its name, the reason, and its type."""
    assert toml_writer.comment_line("Macro.events", "in data/x.csv", "dataframe") == (
        '# "Macro.events" in data/x.csv: dataframe'
    )
