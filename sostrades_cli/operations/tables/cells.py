"""One cell of a table: how the server reads it, and how a value is written so that it is read exactly.

The server takes a column as numbers or booleans where all of its cells are such. In every other column each cell is
read on its own as a Python literal, as an array (``[1. 2.]``), or else as text. The rules of the encoding:

========================================  ==================================================================
value                                     cell
========================================  ==================================================================
float of more than 15 digits, or with     ``(0.30000000000000004)``, in all cells of its column
an exponent
infinity in such a column                 ``(1e309)``
other float                               as it is
text that would be read otherwise         its Python literal: ``'01'``, ``'None'``, ``"it's"``
missing value                             ``None``
integer outside of 64 bits                ``(18446744073709551616)``
array within a cell                       ``[0.3 9.7]``
========================================  ==================================================================
"""

from __future__ import annotations

import ast
import math
import re
from typing import Final

NUMBER: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"

# What a cell looks like. SPACED is a number with a Unicode blank, COMMA one with a decimal comma.
INT, FLOAT, INFINITE, BOOL, MISSING, BLANK = "int", "float", "infinite", "bool", "missing", "blank"
ZEROS, NAN, QUOTED, NESTED, ARRAY = "zeros", "nan", "quoted", "nested", "array"
BRACKETED, COMMA, SPACED, TEXT = "bracketed", "comma", "spaced", "text"
_CELL: Final = re.compile(
    rf"""
    (?P<{INT}>   [ \t]* [+-]? (?:0|[1-9][0-9]*) [ \t]* )
    | (?P<{ZEROS}> [ \t]* [+-]? 0[0-9]+ [ \t]* )
    | (?P<{FLOAT}> [ \t]* {NUMBER} [ \t]* )
    | (?P<{BLANK}> [ \t]* )
    | (?P<{BOOL}>  (?i: true|false ) )
    | (?P<{MISSING}> None )
    | (?P<{INFINITE}> (?i: [ \t]* [+-]? inf(?:inity)? [ \t]* ) )
    | (?P<{NAN}>   (?i: [ \t]* [+-]? (?:nan|na|n/a|null) [ \t]* ) )
    | (?P<{QUOTED}> [ \t]* (?: '.*' | ".*" ) [ \t]* )
    | (?P<{NESTED}> [ \t]* [\[{{] .* [\]}}] \s* )
    | (?P<{BRACKETED}> [ \t]* \( .* \) [ \t]* )
    | (?P<{COMMA}> [ \t]* [+-]?[0-9]+,[0-9]+ [ \t]* )
    | (?P<{SPACED}> \s* [+-]? [0-9.] (?: [0-9.,] | \s )* (?:[eE][+-]?[0-9]+)? \s* )
    """,
    re.VERBOSE | re.DOTALL,
)
# What a literal can begin with; other texts are read as they are.
LITERAL_START: Final = r"[ \t\f\n\r\\#\ufeff]*(?:[-+.(\[{'\"0-9]|True|False|None|set\(|[bBuUrR]{1,2}['\"])"
_LITERAL_START: Final = re.compile(LITERAL_START)
UNSAFE: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029]")
_ITEM: Final = re.compile(rf"(?:{NUMBER}|[+-]?inf|nan)")
_ARRAY: Final = re.compile(rf"\s*\[\s*(?:(?:{NUMBER}|[+-]?inf|nan)\s+)+(?:{NUMBER}|[+-]?inf|nan)\s*\]\s*")
_SINGLE_ITEM: Final = re.compile(rf"\s*\[\s*(?:{NUMBER}|[+-]?inf|nan)\s*\]\s*")
_SHORTENED: Final = re.compile(r"[\[\s]\.\.\.[\s\]]")
# numpy prints 8 digits behind the point.
_PRINTED: Final = 8


def category(cell: str) -> str:
    """Return what a cell looks like: one of the names above, ``text`` where it is none of the others.

    A number in brackets is an ``int``, a ``float`` or ``infinite``; ``nested`` is a list, a dict, a tuple or a
    complex number.
    """
    found = _CELL.fullmatch(cell)
    name = str(found.lastgroup) if found else TEXT
    if name in {QUOTED, NESTED, BRACKETED}:
        return _checked(cell, name)
    if name == SPACED and not re.search(r"[^\S \t]", cell):
        return TEXT  # "1 000" or "1.2.3": no other blank in it
    return name


def _checked(cell: str, name: str) -> str:
    """Return the category of a cell in quotes or brackets, which may be plain text."""
    try:
        value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return ARRAY if name == NESTED and is_array(cell) else TEXT
    if name == QUOTED:
        return QUOTED if isinstance(value, str) else TEXT
    if name == NESTED or isinstance(value, complex | tuple):
        return NESTED if isinstance(value, list | dict | tuple | complex) else TEXT
    inner = category(bare(cell))
    return inner if inner in {INT, FLOAT} and not is_infinite(value) else INFINITE if is_infinite(value) else TEXT


def is_infinite(value: object) -> bool:
    """Return whether a value is an infinite float."""
    return isinstance(value, float) and math.isinf(value)


def bare(cell: str) -> str:
    """Return the text of a number without the blanks and brackets around it."""
    return cell.strip(" \t()")


def misread(text: str) -> bool:
    """Return whether the server would read a bare text as something else, in a column that holds other text."""
    if not text:
        return False
    if UNSAFE.search(text) or text[0].isspace() or text[-1].isspace() or text[0] == "[":
        return True
    if not _LITERAL_START.match(text):
        return False
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    except (TypeError, MemoryError, RecursionError):
        return True
    return True


def is_array(cell: str) -> bool:
    """Return whether a cell shows an array of several numbers as numpy prints it, with blanks between them."""
    return _ARRAY.fullmatch(cell) is not None


def is_printed(cell: str) -> bool:
    """Return whether a cell is what numpy prints of an array of numbers, or of a single one."""
    return is_array(cell) or _SINGLE_ITEM.fullmatch(cell) is not None


def is_list_of_numbers(cell: str) -> bool:
    """Return whether a cell is a list of numbers, which the server makes an array where the model declares one."""
    value = ast.literal_eval(cell.strip())
    return isinstance(value, list) and all(type(item) in {int, float} for item in value)


def is_shortened(cell: str) -> bool:
    """Return whether a cell shows an array whose middle numpy has left out."""
    return cell.lstrip().startswith("[") and _SHORTENED.search(cell) is not None


def array_cell(cell: str) -> str:
    """Return the cell of an array on one line; numpy breaks long ones."""
    return f"[{' '.join(_ITEM.findall(cell))}]"


def numbers(cell: str) -> list[float]:
    """Return the numbers of an array."""
    return list(map(float, _ITEM.findall(cell)))


def same_arrays(sent: str, shown: str) -> bool:
    """Return whether a download shows an array that was sent, to the digits that numpy prints."""
    wanted = numbers(sent)
    if not is_shortened(shown):
        printed = _ITEM.findall(shown)
        return is_printed(shown) and len(wanted) == len(printed) and all(map(_prints, wanted, printed))
    head, _, tail = shown.partition("...")
    first, last = _ITEM.findall(head), _ITEM.findall(tail)
    return (
        len(first) + len(last) <= len(wanted)
        and all(map(_prints, wanted, first))
        and all(map(_prints, wanted[len(wanted) - len(last) :], last))
    )


def _prints(value: float, printed: str) -> bool:
    """Return whether numpy prints a number so."""
    other = float(printed)
    if value == other or (value != value and other != other):  # noqa: PLR0124 - nan
        return True
    exponent = int(printed.lower().partition("e")[2] or 0)
    return abs(value - other) <= 0.51 * 10.0 ** (exponent - _PRINTED)
