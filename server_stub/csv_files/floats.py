"""The server's float parser, which is not exact.

It accumulates at most 17 digits in double arithmetic and scales the result by one power of ten. So it rounds several
times, whereas a correct parser rounds once.
"""

import math
import re

# C's `isspace` accepts these blanks around a number.
BLANKS = "\t\n\v\f\r "
_NUMBER = re.compile(
    rf"[{BLANKS}]*([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?)([0-9]{{1,17}}))?[{BLANKS}]*"
)
_INFINITIES = {sign + word: float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "infinity")}
_MOST_DIGITS = 17
# With this few digits, accumulation in a double is exact.
_EXACT_DIGITS = 15
_MOST_EXPONENT = 308
_POWERS = tuple(float(f"1e{exponent}") for exponent in range(_MOST_EXPONENT + 1))


def parse_float(cell: str) -> float | None:
    """Return the double that the server reads from a cell, ``None`` if the cell is not a number for it."""
    match = _NUMBER.fullmatch(cell)
    if match is None:
        return _INFINITIES.get(cell.lower())
    sign, whole, decimals, exponent_sign, exponent_digits = match.groups("")
    digits = (whole + decimals)[:_MOST_DIGITS]
    number = float(digits[:_EXACT_DIGITS])
    for digit in digits[_EXACT_DIGITS:]:
        number = number * 10.0 + int(digit)
    # Digits beyond the limit count as powers of ten before the point, and are dropped after it.
    exponent = len(whole) - len(digits)
    if exponent_digits:
        exponent = _add_exponent(exponent, exponent_sign, exponent_digits)
    return _scale(-number if sign == "-" else number, exponent)


def _add_exponent(exponent: int, sign: str, digits: str) -> int:
    """Add a written exponent. The counter of the server has 32 bits and wraps around."""
    total = exponent - int(digits) if sign == "-" else exponent + int(digits)
    return (total + 2**31) % 2**32 - 2**31


def _scale(number: float, exponent: int) -> float | None:
    if exponent > _MOST_EXPONENT:
        return None
    if exponent > 0:
        number *= _POWERS[exponent]
        return None if math.isinf(number) else number
    if exponent >= -_MOST_EXPONENT:
        return number / _POWERS[-exponent]
    if exponent >= -2 * _MOST_EXPONENT:
        return number / _POWERS[-exponent - _MOST_EXPONENT] / _POWERS[_MOST_EXPONENT]
    # The sign is lost, too.
    return 0.0
