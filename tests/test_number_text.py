"""Test numbers as text: their recognition, and the exactness of large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli import number_text

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7", 7),
        ("-7 ", -7),
        ("+007", 7),
        ("7.0", 7.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("", None),
        ("x", None),
        ("1_0", None),
    ],
)
def test_integers_stay_integers(cell: str, value: float | None) -> None:
    read = number_text.number(cell)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("read", [number_text.number, number_text.whole])
def test_number_with_too_many_digits_is_text(read: Callable[[str], float | None]) -> None:
    """Python converts at most some thousand digits, and a float would be infinite."""
    most = "9" * number_text.MOST_DIGITS
    assert read(most) == int(most)
    assert read(f"-{most}") == -int(most)
    assert read(f"{most}9") is None


@pytest.mark.parametrize("text", ["1", "+1.", "-.5", "1e3", "1.5E-7", "007"])
def test_texts_of_numbers_are_numbers(text: str) -> None:
    assert number_text.is_number(text)
    assert number_text.number(text) == float(text)


@pytest.mark.parametrize("text", ["", ".", "1_0", "\u0661", "1,5", "0x1", "infinity", "1e", "--1", "1 2", "1\n"])
def test_python_syntax_beyond_csv_is_not_a_number(text: str) -> None:
    assert not number_text.is_number(text)
    assert number_text.number(text) is None
    assert number_text.whole(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2020", 2020),
        ("2020.0", 2020),
        ("(2020)", 2020),
        ("2.02e3", 2020),
        ("-0", 0),
        ("2.5", None),
        ("1e300", None),
    ],
)
def test_integer_may_be_written_as_a_float(text: str, value: int | None) -> None:
    assert number_text.whole(text) == value
