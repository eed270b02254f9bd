"""Cells and lines as text. Text of the server is untrusted, so its control characters are escaped on a terminal."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sostrades_cli.errors import ServerWords
    from sostrades_cli.output.results import Rows

# C0 and C1 controls, line and paragraph separators, direction marks and overrides, lone surrogates.
_HOSTILE: Final = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
_ENCODED: Final = json.JSONEncoder(ensure_ascii=False).encode
_ESCAPES: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LONG_NUMBER: Final = r"[0-9]+\.(?:[0-9]+[eE][+-]?[0-9]+|[0-9]{3,})"
# The folders of an absolute path, but not parts of URLs and units such as kg/m/s.
_FOLDERS: Final = r"(?<![\w.:/~-])/(?:[\w.@+-]+/)+"
# The marks of a change that was made, and of one that would be made.
MADE: Final = "✓"
PLANNED: Final = "~"
SHOWN_ITEMS: Final = 3
SHOWN_NAMES: Final = 5
LONGEST_BRIEF: Final = 60


class TextCell(NamedTuple):
    """A cell with a short text for tables; all other formats get the whole ``value``.

    A table right-aligns a ``number``, and writes ``below`` beneath the text. ``line`` follows the whole row as a line
    of its own, which is cut at the width of the window. ``missing`` is the text of a value that is ``None`` in TSV,
    CSV and Markdown.
    """

    value: object
    brief: str
    number: bool = False
    below: str | None = None
    line: str | None = None
    missing: str = ""


class ChangeCell(NamedTuple):
    """A cell ``old → new`` for a table on a terminal. Without ``new``, ``old`` is a text in words.

    ``where`` is in front if only a part of a value differs, such as a row of a table.
    """

    old: str
    new: str | None
    where: str = ""

    def __str__(self) -> str:
        """Return the change in one line."""
        return self.old if self.new is None else f"{self.where}{self.old} → {self.new}"


def _number(value: float) -> str:
    return repr(value) if isfinite(value) else _ENCODED(value)


def _list(value: list[Any]) -> str:
    words = repr(value) if _NUMBERS.issuperset(map(type, value)) else ""
    # Among numbers only inf and nan contain an n, and JSON spells them differently.
    return words if words and "n" not in words else _ENCODED(value)


_NUMBERS: Final = frozenset({int, float})
# The text of a cell by its type. The JSON encoder is slower, and Python prints finite numbers the same way.
_WORDS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    int: repr,
    float: _number,
    bool: {True: "true", False: "false"}.__getitem__,
    list: _list,
    type(None): lambda _: "",
    TextCell: lambda cell: cell.missing if cell.value is None else plain(cell.value),
}


def visible(text: str) -> str:
    """Return a text with every control character escaped in hexadecimal."""
    # None of the characters is printable. The expression is compiled for texts with others only.
    return text if text.isprintable() else re.sub(_HOSTILE, _escape, text)


def encodable(text: str) -> str:
    """Return a text with lone surrogates escaped, because UTF-8 cannot encode them."""
    return text.encode("utf-8", "backslashreplace").decode()


def visible_json(document: str) -> str:
    """Return a JSON document with control characters escaped as in JSON; line ends stay."""
    return re.sub(_HOSTILE, lambda m: m.group() if m.group() == "\n" else f"\\u{ord(m.group()):04x}", document)


def visible_lines(text: str) -> str:
    """Return a text of several lines with control characters escaped; line ends stay, tabs become blanks."""
    return "\n".join(visible(line.expandtabs()) for line in text.split("\n"))


def objects(rows: Rows) -> list[dict[str, object]]:
    """Return the rows of a table as objects with whole cells."""
    return [
        dict(zip(rows.columns, (cell.value if isinstance(cell, TextCell) else cell for cell in row), strict=True))
        for row in rows.rows
    ]


def server_line(words: ServerWords | None) -> str | None:
    """Return the line with the server's error text, without the folders of its disk; ``None`` if it is not shown."""
    if words is None or not words.shown:
        return None
    return f"the server: {re.sub(_FOLDERS, '', words.description.expandtabs(1))} ({words.status})"


def plain(cell: object) -> str:
    """Return the whole cell for TSV and CSV: text as it is, nothing for ``None``, JSON for other values."""
    return _WORDS.get(type(cell), _ENCODED)(cell)


def shown(cell: object) -> str:
    """Return the text of a cell in a table."""
    if isinstance(cell, ChangeCell):
        return visible(str(cell))
    return visible(cell.brief if isinstance(cell, TextCell) else plain(cell))


def brief(value: object) -> str:
    """Shorten a value for a table: ``[10, 20, 40, … 7 more]``."""
    if value is None:
        return "no value"
    if isinstance(value, list) and len(value) > SHOWN_ITEMS + 1:
        first = ", ".join(_short(_ENCODED(item)) for item in value[:SHOWN_ITEMS])
        return f"[{first}, … {len(value) - SHOWN_ITEMS} more]"
    return _short(plain(value))


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the first few names in one line, with the number of the others."""
    more = f" and {len(names) - SHOWN_NAMES:,} more" if len(names) > SHOWN_NAMES else ""
    return f"{', '.join(names[:SHOWN_NAMES])}{more}"


def first_lines(lines: Sequence[str], most: int) -> str:
    """Return the first few lines, and a line with the number of the others."""
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more])


def shortened(text: str, most: int = LONGEST_BRIEF) -> str:
    """Return a text of at most ``most`` characters, without its end if it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def tail(name: str, most: int) -> str:
    """Return a name of at most ``most`` characters, without its start if it is longer: its end tells most."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


def with_article(noun: str) -> str:
    """Return a noun with its article: ``a float``, ``an int``."""
    return f"{'an' if noun[:1] in {*'aeiou'} else 'a'} {noun}"


def kind_of_number(value: object) -> bool:
    """Return whether a cell is right-aligned."""
    inner = value.value if isinstance(value, TextCell) else value
    if isinstance(value, TextCell) and value.number:
        return True
    return isinstance(inner, int | float) and not isinstance(inner, bool)


def rounded(text: str) -> str:
    """Round the numbers within a text to 2 decimals: ``1.3900000000000001/2`` becomes ``1.39/2``."""
    return re.sub(_LONG_NUMBER, lambda match: repr(round(float(match.group()), 2)), text)


def duration(seconds: float) -> str:
    """Return how long something took, rounded to seconds: ``19 s``, ``1:24``, ``2:03:10``."""
    return running_time(round(seconds))


def running_time(seconds: float) -> str:
    """Return the time of a running clock, in whole seconds that have passed, in the form of ``duration``."""
    whole = int(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rough_duration(seconds: float) -> str:
    """Return an estimated time span, no more exact than an estimate is: ``2.9 s``, ``50 min``, ``3.5 h``."""
    if seconds < 10:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    if minutes < 2:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004


def size(count: int) -> str:
    """Return a number of bytes in readable form, in steps of 1,000."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def file_note(file: Path) -> str:
    """Return a note about a written file with its size; devices and pipes have no size."""
    return f"{file}: {size(file.stat().st_size) if file.is_file() else 'written'}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_BRIEF else f"{text[:LONGEST_BRIEF]}…"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    short = f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte
    return _ESCAPES.get(character, short)
