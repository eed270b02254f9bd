"""The results of commands: data to show, without a format."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.run_events import Event

# Every result may carry a failure: the result is shown first, then the failure is reported. Notes go to standard error.
# Results are named tuples, because a class of them takes a quarter of the time of a dataclass, at every start.


class Rows(NamedTuple):
    """A table: column names, and rows of cells.

    ``payload`` replaces the list of objects of ``-F json``. ``-F ndjson`` prints it, too, unless ``lines`` asks for a
    line per row. ``title`` is the line above a table on a terminal. ``briefs`` shortens the values of a column there,
    and ``table`` replaces the whole table there. A table without columns is not written.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    payload: Any = None
    notes: Sequence[str] = ()
    failure: SostradesError | None = None
    title: str | None = None
    briefs: Mapping[str, Callable[[Any], str]] = MappingProxyType({})
    lines: bool = False
    table: Rows | None = None


class Text(NamedTuple):
    """A bare value: ``text`` for people and pipes, ``payload`` for JSON."""

    text: str
    payload: Any
    notes: Sequence[str] = ()
    failure: SostradesError | None = None


class Stream(NamedTuple):
    """Bytes of the server, passed on unchanged: a CSV file, a JSON document, a page, a log.

    ``open`` starts the request and yields the chunks. ``repeat`` runs a transfer into a file again if it fails on the
    way. ``default_file`` is the target if the user names none. ``then`` is called with the complete file. ``trusted``
    bytes are our own, so a terminal gets them unescaped.
    """

    open: Callable[[], contextlib.AbstractContextManager[Iterator[bytes]]]
    repeat: Callable[[Callable[[], int]], int]
    default_file: Path | None = None
    trusted: bool = False
    then: Callable[[Path], None] | None = None
    notes: Sequence[str] = ()
    failure: SostradesError | None = None


class Events(NamedTuple):
    """The events of runs as they happen.

    ``names`` are the names of the studies, ``studies`` their order. A live view reports a lost contact after
    ``silence_s`` seconds without an answer.
    """

    events: Iterator[Event]
    names: Mapping[int, str]
    silence_s: float = 15.0
    studies: Sequence[int] = ()


Result: TypeAlias = "Rows | Text | Plot | Stream | Events"
