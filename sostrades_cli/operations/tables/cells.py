"""A single cell of a table: how the server reads it, and how to write a value so that the server reads it exactly.

The server reads a column as numbers or booleans if all of its cells are numbers or booleans. In every other column it
reads each cell on its own: as a Python literal, as an array (``[1. 2.]``), or else as text.

The double quotes of CSV belong to the file, not to the cell: the server reads ``"01"`` as the number 1. Only a text
literal such as ``'01'``, with its apostrophes within the cell, stays a text. The rules of the encoding:

========================================  ==================================================================
value                                     cell
========================================  ==================================================================
float of more than 15 digits, or with     ``(0.30000000000000004)``, in all cells of its column
an exponent
infinity in such a column                 ``(1e309)``
other float                               unchanged
text that the server would misread        its Python literal: ``'01'``, ``'None'``, ``"it's"``
the same text in quotes of CSV            the same: the reader removes these quotes
missing value                             ``None``
integer beyond 64 bits                    ``(18446744073709551616)``
array within a cell                       ``[0.3 9.7]``
========================================  ==================================================================
"""

from __future__ import annotations

import ast
import json
import math
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.number_text import NUMBER, bare

if TYPE_CHECKING:
    from collections.abc import Collection

    from sostrades_cli.api.models import Json

# The categories of cells. SPACED is a number, a boolean or an array that contains a Unicode blank or an invisible
# character, COMMA a number with a comma.
INT, FLOAT, INFINITE, BOOL, MISSING, BLANK = "int", "float", "infinite", "bool", "missing", "blank"
ZEROS, NAN, TEXT_LITERAL, NESTED, ARRAY = "zeros", "nan", "text_literal", "nested", "array"
BRACKETED, COMMA, SPACED, COMPLEX, TEXT = "bracketed", "comma", "spaced", "complex", "text"
_COMMA: Final = (
    r"[+-]?(?:[0-9]+,[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*)(?:[eE][+-]?[0-9]+)?"
)
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
    | (?P<{TEXT_LITERAL}> [ \t]* (?: '.*' | ".*" ) [ \t]* )
    | (?P<{NESTED}> [ \t]* [\[{{] .* [\]}}] [ \t\r\n]* )
    | (?P<{BRACKETED}> [ \t]* \( .* \) [ \t]* )
    | (?P<{COMMA}> [ \t]* {_COMMA} [ \t]* )
    """,
    re.VERBOSE | re.DOTALL,
)
# The beginnings of literals. The server reads other texts unchanged.
LITERAL_START: Final = r"[ \t\f\n\r\\#\ufeff]*(?:[-+.(\[{'\"0-9]|True|False|None|set\(|[bBuUrR]{1,2}['\"])"
_LITERAL_START: Final = re.compile(LITERAL_START)
# Most texts: printable ASCII that begins with a letter, and neither a word with a meaning nor the start of a literal.
_PLAIN_TEXT: Final = re.compile(
    r"(?!True|False|None|set\(|[bBuUrR]{1,2}['\"]|(?i:true|false|none|inf|infinity|nan|na|n/a|null)\Z)"
    "[A-Za-z](?:[ -~]*[!-~])?"
)
# A text literal that is parsed by removing its quotes.
_SIMPLE_LITERAL: Final = re.compile(r"'[ -&(-\[\]-~]*'")
UNSAFE: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029]")
# Unicode blanks and invisible characters: a number beside one of them is a text.
ODD_BLANKS: Final = "[^\\S \\t]|[\xad\u180e\u200b-\u200f\u2060\ufeff]"
_ODD_BLANK: Final = re.compile(ODD_BLANKS)
_FORTRAN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[dD][+-]?[0-9]+")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:[ _'\u2019][0-9]{3})+(?:\.[0-9]*)?")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
# The first characters of numbers, lists, dicts and booleans.
_VALUE_START: Final = frozenset("+-.0123456789[{TF")
EMPTY: Final = frozenset({"", "None"})
NUMERIC: Final = (INT, FLOAT)
# Python refuses to convert integers with more than 4300 digits.
MOST_DIGITS: Final = 4000
# The categories that a suggestion may have.
SUGGESTED: Final = (*NUMERIC, INFINITE, BOOL, ARRAY, NESTED)
_VALUES: Final = frozenset({INT, FLOAT, ZEROS, INFINITE, BOOL, COMMA})
_ARRAY_ITEM: Final = rf"(?:{NUMBER}|[+-]?inf|nan)"
_ITEM: Final = re.compile(_ARRAY_ITEM)
_ARRAY: Final = re.compile(rf"[ \t\r\n]*\[[ \t\r\n]*(?:{_ARRAY_ITEM}[ \t\r\n]+)+{_ARRAY_ITEM}[ \t\r\n]*\][ \t\r\n]*")
_SINGLE_ITEM: Final = re.compile(rf"[ \t\r\n]*\[[ \t\r\n]*{_ARRAY_ITEM}[ \t\r\n]*\][ \t\r\n]*")
_SHORTENED: Final = re.compile(r"[\[\s]\.\.\.[\s\]]")


def category(cell: str) -> str:
    """Return the category of a cell, ``text`` if no other category fits.

    A number in brackets is an ``int``, a ``float``, ``infinite`` or ``complex``. A list, a dict or a tuple is
    ``nested``.
    """
    match = _CELL.fullmatch(cell)
    name = str(match.lastgroup) if match else TEXT
    if name in {TEXT_LITERAL, NESTED, BRACKETED}:
        name = _checked(cell, name)
    return SPACED if name == TEXT and _is_spaced(cell) else name


def is_plain_text(cell: str) -> bool:
    """Return whether a cell is certainly a text that the server reads as it is. Much faster than ``category``."""
    return _PLAIN_TEXT.fullmatch(cell) is not None


def _is_spaced(cell: str) -> bool:
    """Return whether a cell without its odd blanks would be a number, a boolean or an array."""
    if not _ODD_BLANK.search(cell):
        return False
    return category(_ODD_BLANK.sub("", cell)) in _VALUES or category(_ODD_BLANK.sub(" ", cell)) in {ARRAY, NESTED}


def literal_text(cell: str) -> str:
    """Return the text of a cell of the category ``text_literal``."""
    return cell[1:-1] if _SIMPLE_LITERAL.fullmatch(cell) else str(ast.literal_eval(cell.strip()))


def _checked(cell: str, name: str) -> str:
    """Return the category of a cell in quotes or brackets, which may be ``text``."""
    if _SIMPLE_LITERAL.fullmatch(cell):
        return TEXT_LITERAL
    try:
        value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return ARRAY if name == NESTED and is_array(cell) else TEXT
    if name == TEXT_LITERAL:
        return TEXT_LITERAL if isinstance(value, str) else TEXT
    if isinstance(value, complex):
        return COMPLEX
    if name == NESTED or isinstance(value, tuple):
        return NESTED if isinstance(value, list | dict | tuple) else TEXT
    inner = category(bare(cell))
    return inner if inner in {INT, FLOAT} and not is_infinite(value) else INFINITE if is_infinite(value) else TEXT


def readings(text: str, categories: Collection[str] = SUGGESTED) -> list[str]:
    """Return the possible meanings of a cell as the user should write them, if they are of some ``categories``.

    ``1,234`` may mean 1234 or 1.234. ``1 000``, ``1'000`` and the exponent of Fortran in ``1d3`` have a single meaning.
    """
    plain = _ODD_BLANK.sub("", text).strip().replace("\u2212", "-")
    spaced = _ODD_BLANK.sub(" ", text).strip()
    meanings = [spaced] if category(spaced) in {ARRAY, NESTED} else _numbers(plain)
    return [meaning for meaning in meanings if meaning != text and category(meaning) in categories]


def _numbers(plain: str) -> list[str]:
    if re.fullmatch(_COMMA, plain):
        point, grouped = plain.rfind("."), plain.count(",") + plain.count(".") > 1
        if grouped:
            # The last of several separators is the decimal one: 1,234.5 or 1.234,5.
            return [plain.replace(",", "") if point > plain.rfind(",") or point < 0 else _with_point(plain)]
        thousands = [plain.replace(",", "")] if _THOUSANDS.fullmatch(plain) else []
        return [*thousands, plain.replace(",", ".")]
    if _FORTRAN.fullmatch(plain):
        return [re.sub("[dD]", "e", plain)]
    if _GROUPED.fullmatch(plain):
        return [re.sub("[ _'\u2019]", "", plain)]
    without_zeros = re.sub("^([+-]?)0+(?=[0-9])", r"\1", plain)
    return [without_zeros]


def _with_point(text: str) -> str:
    """Return a number that has points between its thousands and a decimal comma."""
    return text.replace(".", "").replace(",", ".")


def is_infinite(value: object) -> bool:
    """Return whether a value is an infinite float."""
    return isinstance(value, float) and math.isinf(value)


def misread(text: str) -> bool:
    """Return whether the server would misread an unquoted text in a column of texts."""
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
        # The server does not catch these errors, so it would fail.
        return True
    return True


def literal(cell: str) -> Json:
    """Return the value of a cell of a download: the value of a Python literal, else the text. nan becomes ``None``."""
    if cell in EMPTY or cell == "nan":
        return None
    if cell[:1] not in _VALUE_START:
        return cell
    try:
        value = ast.literal_eval(_WithoutNan().visit(ast.parse(cell.strip(), mode="eval")))
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return cell  # JSON cannot represent the value
    return value if isinstance(value, bool | int | float | list | dict) else cell


class _WithoutNan(ast.NodeTransformer):
    """Replaces the names nan and inf, which are not literals, by None."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Replace a name with its sign."""
        inner = self.visit(node.operand)
        return inner if isinstance(inner, ast.Constant) and inner.value is None else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace a name."""
        return ast.Constant(None) if node.id in {"nan", "inf"} else node


def shown_value(cell: str) -> Json:
    """Return a cell of a download for a spreadsheet: a number or a boolean if it is one, else its text."""
    kind = category(cell)
    if kind == BLANK or "(" in cell:
        return cell or None
    if kind == BOOL:
        return cell.lower() == "true"
    # An integer that Python cannot convert stays a text, and so stays exact.
    return int(cell) if kind == INT and len(cell) < MOST_DIGITS else float(cell) if kind == FLOAT else cell


def is_array(cell: str) -> bool:
    """Return whether a cell is an array of several numbers as numpy prints it, with blanks between them."""
    # `[1.]` is also a list, and the server reads it as one.
    return _ARRAY.fullmatch(cell) is not None


def is_printed(cell: str) -> bool:
    """Return whether a cell is an array of one or more numbers as numpy prints it."""
    return is_array(cell) or _SINGLE_ITEM.fullmatch(cell) is not None


def is_list_of_numbers(cell: str) -> bool:
    """Return whether a cell is a list of numbers. The server makes an array of it if the model declares an array."""
    value = ast.literal_eval(cell.strip())
    return isinstance(value, list) and all(type(item) in {int, float} for item in value)


def is_shortened(cell: str) -> bool:
    """Return whether a cell is an array without its middle, as numpy prints arrays of more than 1000 items."""
    return cell.lstrip().startswith("[") and _SHORTENED.search(cell) is not None


def array_cell(cell: str) -> str:
    """Return an array on a single line. numpy prints long arrays on several lines."""
    return f"[{' '.join(_ITEM.findall(cell))}]"


def numbers(cell: str) -> list[float]:
    """Return the numbers of an array."""
    return list(map(float, printed_numbers(cell)))


def printed_numbers(cell: str) -> list[str]:
    """Return the numbers of an array as text."""
    return _ITEM.findall(cell)
