"""Compare values and cells. There are three notions of equality, and each caller chooses one.

======================  ============================================  ==============================================
notion                  values                                        cells of a CSV
======================  ============================================  ==============================================
identical               ``identical``: ``1`` is not ``1.0``. For      ``identical_cells``: the server reads the same
                        stored values and sent ones.                  value. A float can be written in several ways.
equal                   ``equal``: ``1`` is ``1.0``, except for an    ``equal_cells``: the same number, the same text,
                        int. For values that users compare.           or both blank.
equal within a          also ``Tolerance.close``: numbers that are    ``Tolerance.close_cells``
tolerance               close enough.
======================  ============================================  ==============================================

Each notion includes the one above it. A text never equals a number, and nan equals nan. Cells with arrays have two more
notions: the same numbers (``identical_arrays``), and the same digits (``shown_alike``), because a download shows only
eight digits of each number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.operations.tables import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.models import Json

_BOOLEANS: Final = frozenset({"true", "false"})
_CONTAINER: Final = frozenset("[{")
# numpy prints 8 digits behind the decimal point.
_PRINTED: Final = 8


def identical(first: Json, other: Json) -> bool:
    """Return whether two values and their types are the same: ``1`` is not ``1.0``. nan is identical to nan."""
    if type(first) is not type(other):
        return False
    if isinstance(first, dict | list):
        return _same_containers(first, other, identical)
    return _same(first, other)


def equal(first: Json, other: Json, kind: str | None = None) -> bool:
    """Return whether two values are equal for a parameter of type ``kind``: ``5`` is ``5.0``, except for an int."""
    if kind == "int":
        return identical(first, other)
    # In Python, True == 1.
    if isinstance(first, bool) or isinstance(other, bool):
        return first is other
    if isinstance(first, dict | list):
        return type(first) is type(other) and _same_containers(first, other, equal)
    return _same(first, other)


def is_number(value: Json) -> bool:
    """Return whether a value is a number. A bool is not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def contains(stored: Json, sent: Json) -> bool:
    """Return whether ``stored`` contains everything in ``sent``. The server adds defaults to a dict."""
    if isinstance(stored, dict) and isinstance(sent, dict):
        return sent.keys() <= stored.keys() and all(contains(stored[key], value) for key, value in sent.items())
    return equal(stored, sent)


def added(stored: Json, sent: Json, prefix: str = "") -> dict[str, Json]:
    """Return the parts of ``stored`` that are not in ``sent``, by their keys joined with dots."""
    if not (isinstance(stored, dict) and isinstance(sent, dict)):
        return {}
    parts = {f"{prefix}{key}": value for key, value in stored.items() if key not in sent}
    for key in sent:
        parts |= added(stored[key], sent[key], f"{prefix}{key}.")
    return parts


def first_difference(sent: Json, stored: Json, where: str = "") -> tuple[str, Json, Json] | None:
    """Return where ``stored`` first differs from ``sent``, with both values. Extra keys do not count."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        parts = ((f"{where}.{key}", value, stored.get(key)) for key, value in sent.items())
    elif isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        parts = ((f"{where}[{number}]", item, stored[number]) for number, item in enumerate(sent))
    else:
        return None if equal(sent, stored) else (where, sent, stored)
    differences = (first_difference(part, other, path) for path, part, other in parts)
    return next(filter(None, differences), None)


def _same(first: Json, other: Json) -> bool:
    return bool(first == other) or (first != first and other != other)  # noqa: PLR0124 - nan


def _same_containers(first: Json, other: Json, same: Callable[[Json, Json], bool]) -> bool:
    if isinstance(first, dict):
        return bool(first.keys() == other.keys()) and all(same(value, other[key]) for key, value in first.items())
    return len(first) == len(other) and all(map(same, first, other))


def identical_cells(first: str, other: str) -> bool:
    """Return whether the server reads two cells as the same value. A float can be written in several ways."""
    if first == other:
        return True
    if {cells.category(first), cells.category(other)} != {cells.FLOAT}:
        return False
    # `(1.5)` is also a float.
    return float(number_text.bare(first)) == float(number_text.bare(other))


def equal_cells(first: str, other: str) -> bool:
    """Return whether two cells show the same text or the same number, or are both empty."""
    if first == other or (first in cells.EMPTY and other in cells.EMPTY):
        return True
    if first.lower() == other.lower() in _BOOLEANS:
        return True
    if first[:1] in _CONTAINER and other[:1] in _CONTAINER:
        return equal(cells.literal(first), cells.literal(other))
    first_number, other_number = number_text.number(first), number_text.number(other)
    return first_number is not None and other_number is not None and _same(first_number, other_number)


def identical_arrays(first: str, other: str) -> bool:
    """Return whether two cells are identical, or arrays of the same numbers with other blanks between them."""
    if identical_cells(first, other):
        return True
    return cells.is_printed(first) and cells.is_printed(other) and cells.numbers(first) == cells.numbers(other)


def shown_alike(sent: str, shown: str) -> bool:
    """Return whether a cell of a download is identical to the sent cell, or shows the same array in fewer digits."""
    return identical_cells(sent, shown) or (cells.is_printed(sent) and _shows_array(sent, shown))


def _shows_array(sent: str, shown: str) -> bool:
    numbers = cells.numbers(sent)
    if not cells.is_shortened(shown):
        printed = cells.printed_numbers(shown)
        return cells.is_printed(shown) and len(numbers) == len(printed) and all(map(_prints, numbers, printed))
    # numpy prints only both ends of a long array.
    head, _, tail = shown.partition("...")
    first, last = cells.printed_numbers(head), cells.printed_numbers(tail)
    return (
        len(first) + len(last) <= len(numbers)
        and all(map(_prints, numbers, first))
        and all(map(_prints, numbers[len(numbers) - len(last) :], last))
    )


def _prints(value: float, printed: str) -> bool:
    """Return whether numpy prints ``value`` as ``printed``."""
    other = float(printed)
    if _same(value, other):
        return True
    exponent = int(printed.lower().partition("e")[2] or 0)
    # The limit is half of the last printed digit, and a little more, because neither number is exact in binary.
    return abs(value - other) <= 0.51 * 10.0 ** (exponent - _PRINTED)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The allowed distance between two numbers: ``abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol)``."""

    rtol: float = 0.0
    atol: float = 0.0

    @property
    def exact(self) -> bool:
        """Return whether no distance is allowed."""
        return self.rtol == self.atol == 0.0

    def close(self, first: Json, other: Json) -> bool:
        """Return whether two values are numbers that are close enough."""
        if self.exact or not (is_number(first) and is_number(other)):
            return False
        try:
            return math.isclose(first, other, rel_tol=self.rtol, abs_tol=self.atol)
        # An integer in JSON can be larger than any double.
        except OverflowError:
            return self._close_beyond_doubles(first, other)

    def _close_beyond_doubles(self, first: float, other: float) -> bool:
        if math.inf in {abs(first), abs(other)} or first != first or other != other:  # noqa: PLR0124 - nan
            return False
        from fractions import Fraction

        a, b = Fraction(first), Fraction(other)
        return abs(a - b) <= max(Fraction(self.rtol) * max(abs(a), abs(b)), Fraction(self.atol))

    def close_cells(self, first: str, other: str) -> bool:
        """Return whether two cells show the same, or numbers that are close enough."""
        return equal_cells(first, other) or self.close(number_text.number(first), number_text.number(other))


EXACT: Final = Tolerance()
