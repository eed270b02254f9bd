"""Numbers as text, as CSV and JSON write them.

Python's own ``float`` and ``int`` read more: ``1_0``, digits of other scripts, ``infinity``.
"""

from __future__ import annotations

import re
from typing import Final

UNSIGNED: Final = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
NUMBER: Final = rf"[+-]?{UNSIGNED}(?:[eE][+-]?[0-9]+)?"
# The server also shows these.
SHOWN: Final = re.compile(rf"{NUMBER}|[+-]?inf|[+-]?nan")
_NUMBER: Final = re.compile(NUMBER)
_WHOLE: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
# Python converts texts of up to 4300 digits.
MOST_DIGITS: Final = 4000
# A float with a larger exponent may not be exact.
_MOST_EXPONENT: Final = 15


def is_number(text: str) -> bool:
    """Return whether a text is a finite number."""
    return _NUMBER.fullmatch(text) is not None


def number(text: str) -> float | None:
    """Return the number in a text: an int for digits with or without a sign, otherwise a float, also inf and nan.

    It is ``None`` if the text is not a number, or an int of more than ``MOST_DIGITS`` digits.
    """
    plain = text.strip(" \t")
    if not SHOWN.fullmatch(plain):
        return None
    digits = plain.strip("+-")
    if not digits.isdecimal():
        return float(plain)
    return int(plain) if len(digits) <= MOST_DIGITS else None


def whole(text: str) -> int | None:
    """Return the whole number in a text, which may be written as a float: ``2020``, ``2020.0``, ``2.02e3``.

    It is ``None`` if the text is not a whole number, has more than ``MOST_DIGITS`` digits, or is a float with an
    exponent beyond 10 to the power of 15.
    """
    plain = bare(text)
    if match := _WHOLE.fullmatch(plain):
        return int(match[1]) if len(match[1].lstrip("+-")) <= MOST_DIGITS else None
    if not is_number(plain):
        return None
    from decimal import Decimal

    exact = Decimal(plain)
    return int(exact) if exact == 0 or (-1 < exact.adjusted() <= _MOST_EXPONENT and exact % 1 == 0) else None


def bare(text: str) -> str:
    """Return the text of a number without the blanks and brackets around it."""
    return text.strip(" \t()")
