"""Columns: how the server gives one type to the cells of a column."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import NoneType

from server_stub.csv_files.floats import BLANKS, parse_float
from server_stub.csv_files.literals import literals
from server_stub.values import Value

_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
_INTEGER_LETTERS = frozenset("0123456789+-" + BLANKS)
_DECIMAL_LETTERS = _INTEGER_LETTERS | {"."}
_NUMBER_LETTERS = _DECIMAL_LETTERS | set("eEiInNfFtTyY")
_BOOLEANS = {"true": True, "false": False}
_LEADING_INTEGER = re.compile(rf"[{BLANKS}]*([+-]?)([0-9]+)[{BLANKS}]*")
_MANY_DIGITS = re.compile(r"[0-9]{19}")
_MOST_DIGITS = len(str(_UINT_MAX))
# So few characters hold at most 15 digits and a point, or 16 digits: one correctly rounded operation.
_EXACT_LENGTH = 16
_NUMBERS = {int, float, complex, NoneType}
_BUFFER_CELLS = 2**20


@dataclass(frozen=True)
class _Typed:
    """Values with the type of their numpy array: int, uint, float, bool or object."""

    type: str
    values: list[Value]


def rows_at_once(width: int) -> int:
    """Return how many rows the server gives a type to at once.

    It reads a long file in parts, each with types of its own.
    """
    rows = 1
    while rows * 2 < _BUFFER_CELLS // width:
        rows *= 2
    return rows


def column(parts: Iterable[Sequence[str]]) -> list[Value]:
    """Return the values of a column whose cells came in these parts.

    Raises
    ------
    TypeError
        If a cell is a literal that cannot be built.
    OverflowError
        If an integer is too large for a float and no other type came before it.

    """
    typed = _combine([_typed(cells) for cells in parts])
    return unify(literals(typed.values)) if typed.type == "object" else typed.values


def _typed(cells: Sequence[str]) -> _Typed:
    """Give the cells one type, or leave them as texts."""
    letters = set("".join(cells))
    integers = _integers(cells) if letters <= _INTEGER_LETTERS else None
    if integers is not None:
        return _bounded(integers, cells)
    if letters <= _NUMBER_LETTERS and not _overflows(cells):
        floats = _floats(cells, plain=letters <= _DECIMAL_LETTERS)
        if floats is not None:
            return _Typed("float", floats)
    booleans = [_BOOLEANS.get(cell.lower()) for cell in cells]
    return _Typed("object", list(cells)) if None in booleans else _Typed("bool", booleans)


def _integers(cells: Sequence[str]) -> list[int] | None:
    try:
        return list(map(int, cells))
    except ValueError:
        return None


def _bounded(integers: list[int], cells: Sequence[str]) -> _Typed:
    """Give integers a type of 64 bits; where they fit into none the cells stay texts."""
    lowest, highest = min(integers), max(integers)
    if lowest >= _INT_MIN and highest <= _INT_MAX:
        return _Typed("int", integers)
    if lowest >= 0 and highest <= _UINT_MAX:
        return _Typed("uint", integers)
    return _Typed("object", list(cells))


def _overflows(cells: Sequence[str]) -> bool:
    """Return whether an attempt to read the cells as integers ends with an overflow.

    Both attempts stop at the first cell that fails. An overflow shows before a decimal point does, and it ends
    the search for a type. The attempt with unsigned integers takes any cell with a minus sign.
    """
    if not any(_MANY_DIGITS.search(cell) for cell in cells):
        return False
    if _first_failure(cells, _INT_MIN, _INT_MAX, skip_negative=False) != "overflow":
        return False
    return _first_failure(cells, 0, _UINT_MAX, skip_negative=True) != "invalid"


def _first_failure(cells: Sequence[str], lowest: int, highest: int, *, skip_negative: bool) -> str:
    for cell in cells:
        match = _LEADING_INTEGER.match(cell)
        if skip_negative and cell.lstrip(BLANKS).startswith("-"):
            continue
        if match is None:
            return "invalid"
        digits = match[2].lstrip("0") or "0"
        if len(digits) > _MOST_DIGITS or not lowest <= int(match[1] + digits) <= highest:
            return "overflow"
        if match.end() < len(cell):
            return "invalid"
    return "none"


def _floats(cells: Sequence[str], *, plain: bool) -> list[float] | None:
    if not plain:
        return _without_gaps([parse_float(cell) for cell in cells])
    try:
        return _without_gaps([float(cell) if len(cell) <= _EXACT_LENGTH else parse_float(cell) for cell in cells])
    except ValueError:
        return None


def _without_gaps(numbers: list[float | None]) -> list[float] | None:
    return None if None in numbers else [number for number in numbers if number is not None]


def _combine(parts: Sequence[_Typed]) -> _Typed:
    """Join the parts of a long column as numpy joins arrays of different types."""
    types = {part.type for part in parts}
    values = [value for part in parts for value in part.values]
    if len(types) == 1:
        return _Typed(types.pop(), values)
    if "object" in types:
        return _Typed("object", values)
    if types in ({"bool", "int"}, {"bool", "uint"}):
        return _Typed("int", [int(value) for value in values])
    return _Typed("float", [float(value) for value in values])


def unify(values: list[Value]) -> list[Value]:
    """Give values of several types one, as pandas does with a column of objects.

    Integers become floats beside floats and missing values; numbers become complex beside complex ones;
    a missing value among numbers becomes NaN. All else stays as it is.

    Raises
    ------
    OverflowError
        If an integer is too large for a float and no other type came before it.

    """
    types = set(map(type, values))
    # Even where this does not decide, it ends with the error of an integer that no float can hold.
    stays = int in types and _stays_objects(values)
    if stays or not types <= _NUMBERS:
        return values
    if complex in types:
        return [_complex(value) for value in values]
    if len(types) == 1:
        return values
    return [math.nan if value is None else float(value) for value in values]


def _complex(value: Value) -> complex:
    """Return a number as a complex one, with the errors of the server's conversion.

    It adds the imaginary part times i, whose real part is 0: infinity makes the real part NaN, -0.0 becomes 0.0.
    """
    number = complex(math.nan if value is None else value)
    return complex(number.real + number.imag * 0.0, number.imag)


def _stays_objects(values: list[Value]) -> bool:
    """Go through values as pandas does and return whether an integer or another type ends the conversion."""
    missing = negative = large = False
    for value in values:
        if value is None:
            missing = True
        elif type(value) is int:
            float(value)
            negative = negative or value < 0
            large = large or value > _INT_MAX
            # Behind a missing value the range of integers is not looked at.
            if not missing and ((negative and large) or not _INT_MIN <= value <= _UINT_MAX):
                return True
        elif type(value) not in {bool, float, complex}:
            return True
    return False
