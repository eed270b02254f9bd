"""Following a log while its run goes on: Range requests, and a fresh start when a new run begins a new file."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NeverRan, SostradesError, Unreachable
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.output.run_troubles import trouble_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.context import Context

LINES: Final = 10
# How long to wait before each further look at the log of a run that has ended, in seconds.
LAST_LOOKS_S: Final = (1.0, 2.0, 4.0, 8.0)


def last_lines(chunks: Iterable[bytes], count: int) -> bytes:
    """Return the last lines of a log that comes in pieces, holding no more than those."""
    lines: deque[bytes] = deque(maxlen=count)
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        lines.extend(line + b"\n" for line in whole)
    if rest:
        lines.append(rest)
    return b"".join(lines)


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a log that comes in pieces, without their ends, each as soon as it is whole."""
    rest = b""
    try:
        for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
    except SostradesError:
        # The end of a run that failed: its last line, too, comes first.
        yield from filter(None, [rest])
        raise
    yield from filter(None, [rest])


def follow(context: Context, study: int, options: WatchOptions, lines: int | None) -> Iterator[bytes]:
    """Yield what the log holds (``lines`` from its end, ``None`` for all), then what is added until the run ends.

    Raises
    ------
    SostradesError
        The error that the end of the run stands for, as ``calc watch`` has it.

    """
    log = _Log(context, study)
    for event in watch(context, [study], options):
        if trouble := trouble_text(event):
            context.notify(f"study {study}: {trouble}")
            continue
        if event.name == "discipline":
            continue
        fresh = log.fresh
        new = log.rest() if event.name == "finished" else log.grown()
        yield last_lines([new], lines) if fresh and lines is not None else new
        if isinstance(event.error, NeverRan):
            event.error.hint = f"sostrades calc run {study}"
            if not event.status:
                event.error.message = f"study {study} never ran, so it has no log"
        if event.error is not None:
            raise event.error


class _Log:
    """How far a log was read: the file's name and the number of bytes."""

    def __init__(self, context: Context, study: int) -> None:
        self._context = context
        self._study = study
        self._name: str | None = None
        self._offset = 0
        self.missed = False

    @property
    def fresh(self) -> bool:
        """Tell whether nothing was read so far."""
        return self._name is None and self._offset == 0

    def rest(self) -> bytes:
        """Return what the end of a run has added, asking again for a while if the log cannot be had."""
        for wait_s in LAST_LOOKS_S:
            new = self.grown()
            if not self.missed:
                return new
            self._context.clock.sleep(wait_s)
        new = self.grown()
        if self.missed:
            self._context.notify(f"study {self._study}: the end of its log cannot be had")
        return new

    def grown(self) -> bytes:
        """Return what was added since the last call; all of it when a new run has begun a new file."""
        try:
            part = self._context.api.studies.log_from(self._study, self._offset)
            if part.name != self._name or part.size < self._offset:
                if self._name is not None:
                    self._context.notify(f"study {self._study}: a new run, a new log")
                if self._offset:
                    part = self._context.api.studies.log_from(self._study, 0)
        except NeverRan:
            self.missed = False
            return b""
        except SostradesError as error:
            if not (error.transient or isinstance(error, Unreachable)):
                raise
            self.missed = True
            return b""  # the watching tells outages, and ends them
        self.missed = False
        self._name = part.name
        self._offset = part.start + len(part.content)
        return part.content
