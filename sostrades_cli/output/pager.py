"""The pager, for results that are taller than the window."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.local.settings import NO_PAGER
from sostrades_cli.output.text import cells
from sostrades_cli.system import WINDOWS, words_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

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
    run: Callable[[Sequence[str], str], bool]

    def show(self, text: str) -> bool:
        """Show a text that is taller than the window; return false if the text is still to be written."""
        return is_taller(text, self.size) and self.run(self.words, text)


def pager_words(line: str | None, *, windows: bool = WINDOWS) -> list[str]:
    """Return the words of a pager's command line, none if the user wants no pager or has an unusable one."""
    try:
        words = words_of(line or DEFAULT)
    except ValueError:
        return []
    if not words or words[0] == NO_PAGER:
        return []
    if line is None and windows:
        import shutil  # noqa: PLC0415 - start-up: for Windows only

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


def run_pager(words: Sequence[str], text: str, environ: Mapping[str, str]) -> bool:
    """Show a text in a pager until the user leaves it; return false if the pager cannot be started, or failed."""
    import shutil  # noqa: PLC0415 - start-up: for long results only
    import subprocess  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    program = shutil.which(words[0])
    if program is None:
        return False
    variables = {**environ, "LESS": environ.get("LESS") or LESS, "LV": environ.get("LV") or "-c"}
    plain = words[0] == OF_WINDOWS and WINDOWS
    content = CODES.sub("", text).encode("oem", "replace") if plain else text.encode("utf-8", "backslashreplace")
    with tempfile.TemporaryFile() as file:
        # From a file, because writing to a pipe would have to be resumed after Ctrl-C.
        file.write(content)
        file.seek(0)
        try:
            process = subprocess.Popen([program, *words[1:]], stdin=file, env=variables)  # noqa: S603 - the user's own
        except OSError:
            return False
        code = _wait(process)
    return code <= 0 or code in INTERRUPTED


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait until the user leaves a pager, and return its exit code."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt as error:
            # Ctrl-C is for the pager, which ends a search with it. After SIGTERM it restores the terminal.
            if type(error) is not KeyboardInterrupt:
                process.terminate()
                process.wait()
                raise
