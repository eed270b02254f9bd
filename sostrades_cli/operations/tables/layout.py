"""The header of a table that is to be sent: the server takes any, and reads wrong ones without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.number_text import is_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# What a type asks of the columns: any (dataframes), one (arrays and lists), a column `variable` first (dicts).
ANY, ONE, KEYED = "any", "one", "variable"
VALUE_HEADER: Final = ["value"]
DICT_HEADER: Final = ["variable", "value"]


def check_header(header: Sequence[str], called: str, key: str, layout: str, empty: Collection[int] = ()) -> None:
    """Refuse a header that the server would misread; ``empty`` are the positions of columns without any value.

    Raises
    ------
    InvalidFile
        It would.

    """
    if not header:
        raise InvalidFile(f"{called} is empty", hint="a CSV file starts with a header line")
    unnamed = [number for number, name in enumerate(header) if not name.strip()]
    if any(number in empty for number in unnamed):
        raise InvalidFile(f"{called} has a column without a name and without a value", hint="drop the empty column")
    if not header[0].strip() or header[0].startswith("Unnamed:"):
        raise InvalidFile(
            f"{called} begins with an index column; the server would store it as a column 'Unnamed: 0'",
            hint="drop it: pandas writes none with to_csv(index=False)",
        )
    if unnamed:
        raise InvalidFile(f"{called}: column {unnamed[0] + 1} has no name", hint="name it in the first line")
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        raise InvalidFile(f"{called}: two columns are called {double[0]!r}", hint="the server would rename one of them")
    if all(is_number(name.strip()) for name in header):
        raise InvalidFile(
            f"{called}: the first line holds numbers only; the server would take it as names", hint="add a header line"
        )
    _check_layout(header, called, key, layout)


def _check_layout(header: Sequence[str], called: str, key: str, layout: str) -> None:
    if layout == ONE and header[0] == "variable":
        raise InvalidFile(
            f"{called} has a column 'variable', as the download of a list of objects, which cannot be uploaded",
            hint=f"{key}:='[...]' with JSON",
        )
    if layout == ONE and len(header) > 1:
        raise InvalidFile(
            f"{called} has {len(header)} columns; of a list or array the server takes the first and drops the rest",
            hint=f"{key} takes one column, any header",
        )
    if layout == KEYED and header[0] != "variable":
        raise InvalidFile(
            f"{called}: the first column is {header[0]!r}", hint=f"{key} is a dict: its first column is called variable"
        )
