"""The pager, for results that are taller than the window."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.local.settings import NO_PAGER
from sostrades_cli.output.text_width import cells
from sostrades_cli.system import WINDOWS, words_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

DEFAULT: Final = "less -FRX"
# The pager that every Windows has. It neither reads UTF-8 nor understands colours.
OF_WINDOWS: Final = "more"
# Options as git sets them, and a prompt that says how to leave. Neither replaces options in the user's own LESS.
LESS: Final = r"-FRX -PsSpace\: next page, q\: quit?e (END).$"
# less ends with these after Ctrl-C, and shells report the signal as 130.
INTERRUPTED: Final = frozenset({2, 130})
CODES: Final = re.compile(r"\x1b\[[0-9;]*m")


class PagedText(io.StringIO):
    """A text for a terminal that is collected, because its height decides whether the pager shows it.

    ``title`` is a line above it.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__(newline="")
        self._encoding = encoding
        self.title = ""

    @property
    def encoding(self) -> str:  # type: ignore[override] # the stream of the terminal has one
        """The encoding of the terminal."""
        return self._encoding

    def isatty(self) -> bool:
        """Return true: the text is for a terminal."""
        return True


class Pager(NamedTuple):
    """The pager of the user: its words, the window, and the function that runs it."""

    words: Sequence[str]
    size: tuple[int, int]
    run: Callable[[Sequence[str], Iterable[str]], bool]

    def show(self, parts: Iterator[str], title: str = "") -> Iterator[str] | None:
        """Show a text that is taller than the window, below a title.

        The pager starts with the first parts that fill the window; the others are made while the user reads. Return
        the parts that are still to be written, ``None`` if the pager has shown them.
        """
        made: list[str] = []
        for part in parts:
            made.append(part)
            if is_taller(f"{title}{''.join(made)}", self.size):
                if self.run(self.words, itertools.chain([title], made[:], _kept(parts, made))):
                    return None
                break
        return itertools.chain(made, parts)


def _kept(parts: Iterator[str], made: list[str]) -> Iterator[str]:
    """Yield parts, and keep them for the case that the pager fails."""
    for part in parts:
        made.append(part)
        yield part


def pager_words(line: str | None, *, windows: bool = WINDOWS) -> list[str]:
    """Return the words of a pager's command line, none if the user wants no pager or has an unusable one."""
    try:
        words = words_of(line or DEFAULT)
    except ValueError:
        return []
    if not words or words[0] == NO_PAGER:
        return []
    if line is None and windows:
        import shutil

        return words if shutil.which(words[0]) else [OF_WINDOWS]
    return words


def is_taller(text: str, size: tuple[int, int]) -> bool:
    """Return whether a text needs more lines than a window has above its prompt."""
    columns, lines = size
    if text.count("\n") >= lines:
        return True
    shown = CODES.sub("", text).removesuffix("\n").split("\n")
    # A long line is not measured, because all of its characters are at least one column.
    return sum(max(1, -(-(cells(line) if len(line) < columns else len(line)) // columns)) for line in shown) >= lines


def run_pager(words: Sequence[str], parts: Iterable[str], environ: Mapping[str, str]) -> bool:
    """Show a text in a pager until the user leaves it; return false if the pager cannot be started, or failed.

    A part is made when the pager has taken those before it, and none after the user has left.
    """
    import shutil
    import subprocess

    program = shutil.which(words[0])
    if program is None:
        return False
    variables = {**environ, "LESS": environ.get("LESS") or LESS, "LV": environ.get("LV") or "-c"}
    plain = words[0] == OF_WINDOWS and WINDOWS
    with _interrupts_ignored():
        try:
            process = subprocess.Popen([program, *words[1:]], bufsize=0, stdin=subprocess.PIPE, env=variables)  # noqa: S603 - the user's own
        except OSError:
            return False
        try:
            _feed(process, parts, plain=plain)
            code = process.wait()
        finally:
            # After SIGTERM the pager restores the terminal.
            if process.poll() is None:
                process.terminate()
                process.wait()
    return code <= 0 or code in INTERRUPTED


def _feed(process: subprocess.Popen[bytes], parts: Iterable[str], *, plain: bool) -> None:
    """Write parts to a pager until the user leaves it."""
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    # Without a buffer, closing has nothing left to write to a pager that has ended.
    with process.stdin as pipe:
        for part in parts:
            left = memoryview(_encoded(part, plain=plain))
            try:
                while left:
                    left = left[pipe.write(left) :]
            except OSError:
                return


def _encoded(part: str, *, plain: bool) -> bytes:
    return CODES.sub("", part).encode("oem", "replace") if plain else part.encode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Leave Ctrl-C to the pager, which ends a search with it."""
    import signal

    # A program that is started inherits SIG_IGN, but not a function.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
