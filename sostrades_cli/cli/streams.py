"""The standard streams of the process: closed ones, and pipes on Windows."""

from __future__ import annotations

import codecs
import errno
import io
import os
from typing import TYPE_CHECKING, TextIO, cast

from sostrades_cli.system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import ReadableBuffer


class WindowsPipe(io.FileIO):
    """An output of the process on Windows, where a pipe whose reader has closed it reports an invalid argument."""

    def write(self, chunk: ReadableBuffer, /) -> int:
        """Write bytes; raise ``BrokenPipeError`` if the reader is gone, as on other systems."""
        try:
            return super().write(chunk)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error
            raise


def exact_output(
    stream: TextIO, environ: Mapping[str, str], *, messages: bool = False, windows: bool = WINDOWS
) -> TextIO:
    r"""Return a standard stream that never fails on a character. In a pipe it is the same on every system.

    Windows writes ``\r\n`` and the code page of the system into pipes and files. They get ``\n`` and UTF-8 instead,
    or the encoding of PYTHONIOENCODING. ``messages`` means standard error, which people read.
    """
    # Values in a pipe stay exact. Elsewhere, our own signs are readable in every encoding.
    for_people = messages or stream.isatty()
    if windows and not stream.isatty():
        encoding = stream.encoding if environ.get("PYTHONIOENCODING") else "utf-8"
        raw = io.BufferedWriter(WindowsPipe(stream.fileno(), "wb", closefd=False))
        return io.TextIOWrapper(raw, encoding, _error_handler(encoding, for_people=for_people), newline="\n")
    # A character that the terminal cannot encode must not end the program, so print its code instead.
    stream.reconfigure(errors=_error_handler(stream.encoding, for_people=for_people))  # type: ignore[attr-defined] # text files of the process
    return stream


def _error_handler(encoding: str, *, for_people: bool) -> str:
    """Return the name of the handler for characters that an encoding lacks."""
    if not for_people or codecs.lookup(encoding).name == "utf-8":
        return "backslashreplace"
    from sostrades_cli.output.ascii_signs import SIGNS

    return SIGNS


def exact_input(stream: TextIO, environ: Mapping[str, str], *, windows: bool = WINDOWS) -> TextIO:
    """Return a standard input that reads pipes and files as UTF-8 on Windows, too, or as PYTHONIOENCODING says."""
    if windows and not stream.isatty() and not environ.get("PYTHONIOENCODING"):
        # Readers refuse the character that replaces an invalid byte, and say what they expected.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[attr-defined] # a text file
    return stream


def null_stream(access: int, mode: str) -> TextIO:
    """Open a replacement for a closed stream. Writing to it fails if its access is read-only."""
    return cast("TextIO", os.fdopen(os.open(os.devnull, access), mode, encoding="utf-8"))


def discard(descriptor: int) -> None:
    """Redirect a descriptor to the null device."""
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, descriptor)
    os.close(null_device)
