"""What a command returns: facts, not looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.run_events import Event

# A result may carry the error that its facts stand for: the facts are shown, then the error is reported.


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: names of columns and rows of cells.

    ``payload`` is what ``-F json`` prints where that is not a list of objects, and ``ndjson`` too unless ``lines`` says
    that it has a line for each row; ``title`` and ``note`` are for people, on standard error and only where there is a
    terminal to read them. ``quiet_in_pipe`` rows report a change that was made: a pipe gets them only if it asks, so
    that scripts stay silent; they are notes there. A table for people leaves out the ``optional`` columns that have
    nothing in them, has ``heads`` in place of some names, shows what ``briefs`` makes of the values of a column, and
    the column ``below`` beneath the cells of the one before it. Columns of numbers are right-aligned, and so are those
    in ``right``, whose cells are numbers with a unit or a total.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    payload: Any = None
    title: str | None = None
    note: str | None = None
    failure: SostradesError | None = None
    quiet_in_pipe: bool = False
    optional: frozenset[str] = frozenset()
    heads: Mapping[str, str] = field(default_factory=dict)
    lines: bool = False
    below: str | None = None
    briefs: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    right: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Text:
    """A bare value: its text for people and pipes, ``payload`` for JSON."""

    text: str
    payload: Any
    note: str | None = None
    failure: SostradesError | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes of the server, passed on as they are: a CSV file, a JSON document, a page, a log.

    ``open`` starts the request and yields the pieces. ``trusted`` bytes are our own, not the server's, and reach a
    terminal as they are. ``repeat`` calls a whole transfer again where that may help, which only a file allows.
    ``default_file`` is where they go if the user names no file. ``then`` is called with the file when it is whole.
    """

    open: Callable[[], contextlib.AbstractContextManager[Iterator[bytes]]]
    repeat: Callable[[Callable[[], int]], int]
    default_file: Path | None = None
    trusted: bool = False
    then: Callable[[Path], None] | None = None
    failure: SostradesError | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """The events of runs, as they happen; ``names`` are the studies' own, ``studies`` their order.

    ``silence_s`` is how long the server may be silent before a live view says so.
    """

    events: Iterator[Event]
    names: Mapping[int, str]
    silence_s: float = 15.0
    studies: Sequence[int] = ()


Result: TypeAlias = "Rows | Text | Plot | Stream | Events"
