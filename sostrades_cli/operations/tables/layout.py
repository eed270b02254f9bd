"""Checks the header of a table before it is sent: the server accepts any header and misreads wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.number_text import is_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# The columns of a type: any (dataframes), one (arrays and lists), a column `variable` first (dicts).
ANY, ONE, KEYED = "any", "one", "variable"
VALUE_HEADER: Final = ["value"]
DICT_HEADER: Final = ["variable", "value"]


def check_header(header: Sequence[str], called: str, key: str, layout: str, empty: Collection[int] = ()) -> None:
    """Refuse a header that the server would misread; ``empty`` are the positions of columns without values.

    Raises
    ------
    InvalidFile
        The header is wrong.

    """
    if not header:
        raise InvalidFile(f"{called} is empty", hint="a CSV file starts with a header line")
    unnamed = [number for number, name in enumerate(header) if not name.strip()]
    if any(number in empty for number in unnamed):
        raise InvalidFile(f"{called} has a column without a name and without a value", hint="remove the empty column")
    if not header[0].strip() or header[0].startswith("Unnamed:"):
        raise InvalidFile(
            f"{called} begins with an index column; the server would store it as a column 'Unnamed: 0'",
            hint="remove it; in pandas, write the file with to_csv(index=False)",
        )
    if unnamed:
        raise InvalidFile(f"{called}: column {unnamed[0] + 1} has no name", hint="name it in the first line")
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        raise InvalidFile(
            f"{called}: two columns are called {double[0]!r}", hint="rename one of them; otherwise the server does"
        )
    if all(is_number(name.strip()) for name in header):
        raise InvalidFile(
            f"{called}: the first line has numbers only; the server would read it as the header",
            hint="add a header line",
        )
    _check_layout(header, called, key, layout)


def _check_layout(header: Sequence[str], called: str, key: str, layout: str) -> None:
    if layout == ONE and header[0] == "variable":
        raise InvalidFile(
            f"{called} is the download of a list of objects (column 'variable'); the server cannot read it back",
            hint=f"set it as JSON: {key}:='[...]'",
        )
    if layout == ONE and len(header) > 1:
        raise InvalidFile(
            f"{called} has {len(header)} columns; for a list or an array the server reads only the first one",
            hint="remove the other columns",
        )
    if layout == KEYED and header[0] != "variable":
        raise InvalidFile(
            f"{called}: the first column is {header[0]!r}, not 'variable'",
            hint=f"{key} is a dict: rename the column of its keys",
        )
