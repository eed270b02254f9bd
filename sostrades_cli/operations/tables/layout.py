"""Check the header of a table before it is sent, because the server accepts any header and misreads wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.number_text import is_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# The layouts: any columns (dataframes), a single column (arrays and lists), a column `variable` first (dicts).
ANY, ONE, KEYED = "any", "one", "variable"
VALUE_HEADER: Final = ["value"]
DICT_HEADER: Final = ["variable", "value"]


def check_header(header: Sequence[str], called: str, key: str, layout: str, empty: Collection[int] = ()) -> None:
    """Refuse a header that the server would misread. ``empty`` are the positions of columns without values.

    Raises
    ------
    InvalidFile
        The header is wrong.

    """
    if not header:
        raise InvalidFile(f"{called} is empty", hint="write a header line, then the rows")
    unnamed = [number for number, name in enumerate(header) if not name.strip()]
    if any(number in empty for number in unnamed):
        raise InvalidFile(f"{called} has a column without a name and without a value", hint="remove the empty column")
    if not header[0].strip() or header[0].startswith("Unnamed:"):
        raise InvalidFile(
            f"{called} begins with an index column, which the server would store as a column 'Unnamed: 0'",
            hint="remove the column. In pandas, write the file with to_csv(index=False)",
        )
    if unnamed:
        raise InvalidFile(f"{called}: column {unnamed[0] + 1} has no name", hint="write its name in the first line")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InvalidFile(
            f"{called}: two columns are called {twice[0]!r}",
            hint="rename one of them, because the server would do so",
        )
    if all(is_number(name.strip()) for name in header):
        raise InvalidFile(
            f"{called}: the first line has only numbers, and the server would read them as names",
            hint="add a header line",
        )
    _check_layout(header, called, key, layout)


def _check_layout(header: Sequence[str], called: str, key: str, layout: str) -> None:
    if layout == ONE and header[0] == "variable":
        raise InvalidFile(
            f"{called} has a column 'variable', so it is the download of a list of objects, which cannot be uploaded",
            hint=f"set the list as JSON: {key}:='[...]'",
        )
    if layout == ONE and len(header) > 1:
        raise InvalidFile(
            f"{called} has {len(header)} columns, but the server reads only the first column of a list or array",
            hint=f"write the values of {key} in one column, with any header",
        )
    if layout == KEYED and header[0] != "variable":
        raise InvalidFile(
            f"{called}: the first column is {header[0]!r}",
            hint=f"name the first column `variable`, because {key} is a dict",
        )
