"""Following a log while its run goes on: Range requests, and a fresh start when a new run begins a new file."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NeverRan, SostradesError, Unreachable
from sostrades_cli.operations.watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.watcher import Watching

LINES: Final = 10


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


def follow(server: Server, study: int, how: Watching, lines: int | None) -> Iterator[bytes]:
    """Yield what the log holds (``lines`` from its end, ``None`` for all), then what is added until the run ends.

    Raises
    ------
    SostradesError
        The error that the end of the run stands for, as ``calc watch`` has it.

    """
    log = _Log(server, study)
    first = True
    for event in watch(server, [study], how):
        if event.name in {"outage", "recovered", "stalled"}:
            server.notify(f"study {study}: {event.name} {event.facts}")
            continue
        if event.name == "discipline":
            continue
        new = log.grown()
        yield last_lines([new], lines) if first and lines is not None else new
        first = False
        if event.error is not None:
            raise event.error


class _Log:
    """How far a log was read: the file's name and the number of bytes."""

    def __init__(self, server: Server, study: int) -> None:
        self._server = server
        self._study = study
        self._name: str | None = None
        self._offset = 0

    def grown(self) -> bytes:
        """Return what was added since the last call; all of it when a new run has begun a new file."""
        try:
            part = self._server.api.studies.log_from(self._study, self._offset)
            if part.name != self._name or part.size < self._offset:
                if self._name is not None:
                    self._server.notify(f"study {self._study}: a new run, a new log")
                if self._offset:
                    part = self._server.api.studies.log_from(self._study, 0)
        except NeverRan:
            return b""
        except SostradesError as error:
            if not (error.transient or isinstance(error, Unreachable)):
                raise
            return b""  # the watching tells outages, and ends them
        self._name = part.name
        self._offset = part.start + len(part.content)
        return part.content
