"""Telling that an output holds escapes in place of letters, which its encoding lacks."""

from __future__ import annotations

import codecs
import contextlib
import io
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.output.messages import Messages

HANDLER: Final = "sostrades-escape"
# As Python spells them; of any other the codec is asked.
WHOLE: Final = frozenset({"utf-8", "UTF-8", "utf8"})


@contextlib.contextmanager
def escapes_told(stream: TextIO, notes: Messages) -> Iterator[None]:
    """Let a block write to a stream, and warn after it if letters were written by their numbers.

    A script would take these for the value, and write them back. A stream in UTF-8 has every letter, and costs nothing.
    """
    if stream.encoding in WHOLE or not isinstance(stream, io.TextIOWrapper):
        yield
        return
    lacking: list[str] = []

    def escape(error: UnicodeError) -> tuple[str | bytes, int]:
        if isinstance(error, UnicodeEncodeError):
            lacking.append(error.object[error.start])
        return codecs.backslashreplace_errors(error)

    codecs.register_error(HANDLER, escape)
    before = stream.errors
    stream.reconfigure(errors=HANDLER)
    try:
        yield
    finally:
        stream.reconfigure(errors=before)
    if lacking:
        first = lacking[0].encode("ascii", "backslashreplace").decode()
        notes.warning(
            f"this output is in {stream.encoding}, which lacks letters of it: they are escaped, as {first} is; "
            "set PYTHONIOENCODING=utf-8 or PYTHONUTF8=1 to get them"
        )
