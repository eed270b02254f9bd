"""The spinner: one line on the terminal with what a command waits for, removed before anything else is written."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.output.ascii_signs import SIGNS
from sostrades_cli.output.text import running_time
from sostrades_cli.output.text_width import cells, fitted
from sostrades_cli.system import in_foreground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_FRAMES: Final = "|/-\\"  # for a terminal without Unicode
FRAMES_PER_S: Final = 10
# Shorter waits show nothing. Waits with a shorter time between them count as one.
PATIENCE_S: Final = 0.3
ERASE: Final = "\r\x1b[K"


class Spinner:
    """The line of a command about its waits.

    ``repeat`` calls a function ten times a second in another thread, until that function returns ``False``.
    ``columns`` returns the width of the window.
    """

    def __init__(
        self,
        stream: TextIO,
        monotonic: Callable[[], float],
        repeat: Callable[[Callable[[], bool]], None],
        columns: Callable[[], int],
    ) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._repeat = repeat
        self._columns = columns
        # Requests run in threads. A signal handler may erase the line while its thread holds the lock.
        self._lock = threading.RLock()
        self._waits: dict[object, tuple[str, float]] = {}
        self._shown = ("", 0.0)
        self._since_s = 0.0
        self._ended_s = float("-inf")
        self._hidden = 0
        self._is_drawn = self._is_repeated = self._is_closed = False

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show ``text`` and the seconds while the block runs. Of several blocks, the first to begin is shown."""
        wait = object()
        self._begin(wait, text)
        try:
            yield
        finally:
            self._end(wait)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Keep the line off the terminal while the block writes there."""
        with self._lock:
            self._hidden += 1
            self.erase()
        try:
            yield
        finally:
            with self._lock:
                self._hidden -= 1

    def close(self) -> None:
        """Remove the line for good. Threads may still wait."""
        with self._lock:
            self._is_closed = True
            self.erase()

    def erase(self) -> None:
        """Remove the line until it is drawn again."""
        with self._lock:
            if self._is_drawn:
                self._is_drawn = False
                self._write(ERASE)

    def draw(self) -> bool:
        """Draw the line anew, and return whether the command still waits."""
        with self._lock:
            if not self._waits or self._is_closed:
                self._is_repeated = False
                return False
            now_s = self._monotonic()
            if not self._hidden and now_s - self._since_s >= PATIENCE_S and in_foreground(self._stream):
                self._is_drawn = True
                self._write(f"{ERASE}{self._line(now_s)}")
            return True

    def _begin(self, wait: object, text: str) -> None:
        with self._lock:
            now_s = self._monotonic()
            if not self._waits and now_s - self._ended_s > PATIENCE_S:
                self._since_s, self._shown = now_s, ("", now_s)
            self._waits[wait] = (text, now_s)
            self._choose()
            if self._is_repeated:
                # The line was erased at the end of the last wait, and a blank line would flicker.
                self.draw()
            else:
                self._is_repeated = True
                self._repeat(self.draw)

    def _end(self, wait: object) -> None:
        with self._lock:
            del self._waits[wait]
            if not self._waits:
                self._ended_s = self._monotonic()
                self.erase()

    def _choose(self) -> tuple[str, float]:
        """Return the text to show, and the time of its beginning."""
        oldest = next(iter(self._waits.values()))
        # A wait with the text of the last one is the same wait: a load takes several requests.
        if oldest[0] != self._shown[0]:
            self._shown = oldest
        return self._shown

    def _line(self, now_s: float) -> str:
        text, began_s = self._choose()
        waited_s = now_s - began_s
        is_unicode = _encodable(FRAMES, self._stream) == FRAMES
        frames, dots = (FRAMES, "…") if is_unicode else (PLAIN_FRAMES, "...")
        frame = frames[int(now_s * FRAMES_PER_S) % len(frames)]
        time = f" {running_time(waited_s)}" if waited_s >= 1 else ""
        # In the last column, the cursor would already be in the next line.
        room = self._columns() - cells(f"{frame} {dots}{time}") - 1
        return f"{frame} {fitted(_encodable(text, self._stream), room).removesuffix('…')}{dots}{time}"

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a closed terminal must not change the outcome
            self._stream.write(text)
            self._stream.flush()


def _encodable(text: str, stream: TextIO) -> str:
    """Return a text with the ASCII forms or the codes of all characters that a stream cannot encode."""
    return text.encode(stream.encoding, SIGNS).decode(stream.encoding)
