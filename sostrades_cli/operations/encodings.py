"""Files of the user's that are not in UTF-8: what they seem to be instead."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

STANDARD_INPUT: Final = "-"
# The mark of UTF-32 begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def not_utf8(path: Path, error: UnicodeDecodeError) -> UsageError:
    """Return the error that such a file is; its mark at the beginning tells, else it may be latin-1."""
    name = next((name for mark, name in _MARKS if error.object.startswith(mark)), None)
    called = "standard input" if str(path) == STANDARD_INPUT else str(path)
    new = "" if str(path) == STANDARD_INPUT else f" {path} -o NEW{path.suffix}"
    if name is not None:
        return UsageError(f"{called} is {name}, not UTF-8", hint=f"iconv -f {name.lower()} -t utf-8{new}")
    return UsageError(
        f"{called} is not UTF-8: byte {error.object[error.start]:#04x} cannot be read",
        hint=f"iconv -f latin1 -t utf-8{new}, if it is latin-1",
    )
