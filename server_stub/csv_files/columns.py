"""Types of columns, as the server infers them from the cells."""

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
# Such a short text has at most 15 digits and a point, or 16 digits, so one operation rounds it correctly.
_EXACT_LENGTH = 16
_NUMBERS = {int, float, complex, NoneType}
_BUFFER_CELLS = 2**20


@dataclass(frozen=True)
class _Typed:
    """Values with the type of their numpy array: int, uint, float, bool or object."""

    type: str
    values: list[Value]


def rows_at_once(width: int) -> int:
    """Return the number of rows that the server types at once.

    The server reads a long file in parts, each with its own types.
    """
    rows = 1
    while rows * 2 < _BUFFER_CELLS // width:
        rows *= 2
    return rows


def column(parts: Iterable[Sequence[str]]) -> list[Value]:
    """Return the values of a column whose cells came in parts.

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
    """Convert the cells to one type, or keep them as texts."""
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
    """Convert integers to a 64-bit type, or keep the cells as texts if none fits."""
    lowest, highest = min(integers), max(integers)
    if lowest >= _INT_MIN and highest <= _INT_MAX:
        return _Typed("int", integers)
    if lowest >= 0 and highest <= _UINT_MAX:
        return _Typed("uint", integers)
    return _Typed("object", list(cells))


def _overflows(cells: Sequence[str]) -> bool:
    """Return whether reading the cells as integers ends with an overflow.

    Both attempts stop at the first failing cell. An overflow is found before a decimal point, and ends the search for a
    type. The attempt with unsigned integers accepts every cell with a minus sign.
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
    """Join the parts of a long column like numpy joins arrays of different types."""
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
    """Convert values of several types to one type, as pandas does in a column of objects.

    Integers become floats next to floats and missing values. Numbers become complex next to complex numbers. A missing
    value among numbers becomes NaN. Other values stay unchanged.

    Raises
    ------
    OverflowError
        If an integer is too large for a float and no other type came before it.

    """
    types = set(map(type, values))
    # This raises the error for an integer beyond the range of a float, even if it does not decide the type.
    stays = int in types and _stays_objects(values)
    if stays or not types <= _NUMBERS:
        return values
    if complex in types:
        return [_complex(value) for value in values]
    if len(types) == 1:
        return values
    return [math.nan if value is None else float(value) for value in values]


def _complex(value: Value) -> complex:
    """Return a number as a complex number, with the errors of the server's conversion.

    The server adds the imaginary part times i, whose real part is 0. Infinity makes the real part NaN, and -0.0 becomes
    0.0.
    """
    number = complex(math.nan if value is None else value)
    return complex(number.real + number.imag * 0.0, number.imag)


def _stays_objects(values: list[Value]) -> bool:
    """Return whether an integer or another type ends the conversion, in the order of pandas."""
    missing = negative = large = False
    for value in values:
        if value is None:
            missing = True
        elif type(value) is int:
            float(value)
            negative = negative or value < 0
            large = large or value > _INT_MAX
            # After a missing value, pandas does not check the range of integers.
            if not missing and ((negative and large) or not _INT_MIN <= value <= _UINT_MAX):
                return True
        elif type(value) not in {bool, float, complex}:
            return True
    return False
