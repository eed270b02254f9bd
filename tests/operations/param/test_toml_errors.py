"""Test the errors of TOML files that cannot be parsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.assignment_files import read_text


def error_of(text: str) -> UsageError:
    """Return the error of a file."""
    with pytest.raises(UsageError) as caught:
        read_text(text, Path("changes.toml"))
    return caught.value


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("0,2", "write 0.2"),
        ("-0,25e3", "write -0.25e3"),
        ("1,234", "write 1234 or 1.234"),
        ("1 000", "write 1000"),
        ("007", "write 7"),
        ("True", "write true"),
        ("sunny", 'write "sunny"'),
        ("very sunny", 'write "very sunny"'),
        ("0,2  # was 0.3", "write 0.2"),
        ("{low = 0.5, high = 0,2}", "write 0.2"),
        ('"open', "correct that line"),
        ("[1, 2", "correct that line"),
        ("10%", "correct that line"),
        ("", "correct that line"),
    ],
)
def test_error_names_the_line_the_parameter_and_the_spelling(value: str, hint: str) -> None:
    error = error_of(f"# changes\n[Macro]\ngamma = {value}\nscenario = 'rainy'\n")
    assert "line 3, Macro.gamma" in error.message or (value == "[1, 2" and "line 4" in error.message)
    assert error.hint == hint


@pytest.mark.parametrize("key", ['"Macro.gamma"', "'Macro.gamma'", "Macro.gamma"])
def test_quotes_of_a_key_are_left_out(key: str) -> None:
    assert "line 2, Macro.gamma:" in error_of(f"\r\n{key} = 0,2\r\n").message


def test_other_lines_are_reported() -> None:
    """The parser stops at the first one."""
    error = error_of("a.b = 0,2\na.c = 0.5\na.d = True\na.e = inf\n")
    assert error.detail == "line 3, a.d: write true"


def test_line_without_a_value_is_named() -> None:
    assert "line 2" in error_of("a = 1\njust words\n").message


def test_text_that_ends_early_is_an_error() -> None:
    assert error_of("a = [1,").kind == "usage"
