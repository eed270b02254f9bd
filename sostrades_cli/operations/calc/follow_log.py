"""Follow the log of an active run with Range requests. When a new run creates a new file, start again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NeverRan, SostradesError, Unreachable
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.run_events import DISCIPLINE, FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context

LINES: Final = 10
# Pauses between retries for the log of a run that has ended, in seconds.
LAST_RETRIES_S: Final = (1.0, 2.0, 4.0, 8.0)


def last_lines(chunks: Iterable[bytes], count: int) -> bytes:
    """Return the last lines of a log that arrives in chunks. Only these lines are kept in memory."""
    lines: deque[bytes] = deque(maxlen=count)
    remainder = b""
    for chunk in chunks:
        *whole, remainder = (remainder + chunk).split(b"\n")
        lines.extend(line + b"\n" for line in whole)
    if remainder:
        lines.append(remainder)
    return b"".join(lines)


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a log that arrives in chunks, without line ends, each as soon as it is complete."""
    remainder = b""
    try:
        for chunk in chunks:
            *whole, remainder = (remainder + chunk).split(b"\n")
            yield from whole
    except SostradesError:
        # A failed run ends with an error. Its last line must come before it.
        yield from filter(None, [remainder])
        raise
    yield from filter(None, [remainder])


def follow(context: Context, study: int, options: WatchOptions, lines: int | None) -> Iterator[bytes]:
    """Yield the existing log (its last ``lines``, ``None`` for all), then appended text until the run ends.

    Raises
    ------
    SostradesError
        The run did not succeed, with the same error as ``calc watch``.

    """
    log = _Log(context, study)
    for event in watch(context, [study], options):
        if trouble := trouble_text(event):
            context.notify(f"study {study}: {trouble}")
            continue
        # Another event of the same poll follows, and one read of the log per poll is enough.
        if event.name == DISCIPLINE:
            continue
        is_unread = log.is_unread
        new = log.read_end() if event.name == FINISHED else log.read_new()
        # Only the existing part is cut. Appended lines are never skipped.
        yield last_lines([new], lines) if is_unread and lines is not None else new
        if isinstance(event.error, NeverRan):
            # The hint of a watch, `--wait-start`, is not an option of this command.
            event.error.hint = f"sostrades calc run {study}"
            if not event.status:
                event.error.message = f"study {study} has no log because it has never been run"
        if event.error is not None:
            raise event.error


class _Log:
    """The read position in a log: file name and number of bytes."""

    def __init__(self, context: Context, study: int) -> None:
        self._context = context
        self._study = study
        self._name: str | None = None
        self._offset = 0
        self.failed = False

    @property
    def is_unread(self) -> bool:
        """Return whether nothing was read yet."""
        return self._name is None and self._offset == 0

    def read_end(self) -> bytes:
        """Return the text appended at the end of a run. Retry for a while if the log cannot be read."""
        for wait_s in LAST_RETRIES_S:
            new = self.read_new()
            if not self.failed:
                return new
            self._context.clock.sleep(wait_s)
        new = self.read_new()
        if self.failed:
            self._context.notify(f"study {self._study}: cannot read the end of its log")
        return new

    def read_new(self) -> bytes:
        """Return the text appended since the last call, or the whole log if a new run created a new file."""
        try:
            part = self._context.api.studies.log_from(self._study, self._offset)
            # A new run writes a new file. A smaller size means the same.
            # The offset of the old file is wrong there, so read it from its start.
            if part.name != self._name or part.size < self._offset:
                if self._name is not None:
                    self._context.notify(f"study {self._study}: a new run with a new log")
                if self._offset:
                    self._offset = 0
                    part = self._context.api.studies.log_from(self._study, 0)
        except NeverRan:
            self.failed = False
            return b""
        except SostradesError as error:
            if not (error.transient or isinstance(error, Unreachable)):
                raise
            self.failed = True
            return b""  # the watch reports outages, and ends long ones
        self.failed = False
        # A server that ignores ranges sends the whole log again.
        new = part.content[max(0, self._offset - part.start) :]
        self._name = part.name
        self._offset = part.start + len(part.content)
        return new
