"""Text cells, which the server evaluates as Python literals or printed arrays."""

import ast
import re
import warnings
from collections.abc import Iterable
from threading import Lock

from server_stub.csv_files import arrays
from server_stub.values import Value

_WORDS = {"None": None, "True": True, "False": False, "": ""}
# Words are not literals, also if they are joined by blanks or minus signs.
_PHRASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[ -][A-Za-z0-9_]+){0,9}")
_FLOAT = re.compile(r"\(?(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:e[+-]?[0-9]+)?|e[+-]?[0-9]+))\)?")
_PLAIN_QUOTES = re.compile(r"'([^'\\\r\n]*)'")
_ARRAY_CALLS = re.compile(r"array\(|\)")
_BETWEEN_ITEMS = re.compile(r"[ ,\n]+")
# Warning filters are global for the process.
_WARNINGS = Lock()


def literals(cells: Iterable[Value]) -> list[Value]:
    """Return the values of the cells of a text column. Cells that are not texts stay unchanged.

    Raises
    ------
    TypeError
        If a cell is a literal that cannot be built, such as `{[]: 1}`.
    RecursionError
        If a cell is nested too deeply.
    MemoryError
        If a cell is nested too deeply for the parser.

    """
    # Python warns of invalid escapes. The server prints the warning. In tests, warnings are errors.
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _values(cells)


def _values(cells: Iterable[Value]) -> list[Value]:
    # Texts repeat in most columns, and parsing a text that is not a literal is slow.
    texts: set[str] = set()
    values = []
    for cell in cells:
        value = cell if type(cell) is not str or cell in texts else literal(cell)
        if value is cell and type(cell) is str:
            texts.add(cell)
        values.append(value)
    return values


def literal(cell: str) -> Value:
    """Return the value of a cell: a Python literal, an array as numpy prints it, or the text."""
    if cell in _WORDS:
        return _WORDS[cell]
    number = _FLOAT.fullmatch(cell)
    if number is not None and (cell[0] == "(") is (cell[-1] == ")"):
        return float(number[1])
    quoted = _PLAIN_QUOTES.fullmatch(cell)
    if quoted is not None:
        return quoted[1]
    if _PHRASE.fullmatch(cell) is not None:
        return cell
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError):
        return _printed_array(cell) if cell[0] == "[" and cell[-1] == "]" else cell


def _printed_array(cell: str) -> Value:
    """Parse an array as numpy prints it, with blanks and without commas between items."""
    items = [item for item in _BETWEEN_ITEMS.split(_ARRAY_CALLS.sub("", cell)) if item]
    _attach_brackets(items)
    # The bracket was copied to its neighbour.
    text = ",".join(item for item in items if item not in {"[", "]"})
    try:
        value = ast.literal_eval(text)
        return arrays.list_of_rows(value) if "array(" in cell else arrays.build(value)
    except (ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError):
        return cell


def _attach_brackets(items: list[str]) -> None:
    """Copy each separate bracket to the item after or before it."""
    for index, item in enumerate(items):
        if item == "[" and index + 1 < len(items):
            items[index + 1] = "[" + items[index + 1]
        elif item == "]" and index > 0:
            items[index - 1] += "]"
