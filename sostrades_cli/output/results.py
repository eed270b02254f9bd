"""The results of commands: data to show, without a format."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.output.xlsx import Sheet
    from sostrades_cli.run_events import Event

# Every result can have a failure: the result is shown first, then the failure is reported. Notes go to standard error.
# A result that ``confirms`` only says what the command did: --quiet leaves it out, unless the user gave a format, a
# file or a query.
# Results are named tuples, because creating a dataclass takes four times as long at every start.


class TreeLine(NamedTuple):
    """A line of a tree: how deep it is, its text, and facts beside it, which a terminal dims."""

    depth: int
    text: str
    aside: str = ""


class Rows(NamedTuple):
    """A table: column names, and rows of cells.

    ``payload`` replaces the list of objects of ``-F json``, and also of ``-F ndjson`` unless ``lines`` is set. On a
    terminal, ``title`` is the line above the table, ``briefs`` shortens the values of a column, ``table`` replaces the
    whole table, ``mark`` is before each row, and ``aside`` is a hint beside a single row or below several. A table
    without columns is not written, and one with the mark of changes that were made has no header. If the table is
    written to a file, a terminal gets the first ``preview`` rows, and the table ``summary`` below them. A ``tree``
    replaces the table on a terminal, and with ``tree_in_pipes`` also elsewhere if the user chose no format.
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
    mark: str = ""
    aside: str = ""
    confirms: bool = False
    preview: int = 0
    tree: Sequence[TreeLine] = ()
    tree_in_pipes: bool = False
    summary: Rows | None = None


class Text(NamedTuple):
    """A bare value: ``text`` for people and pipes, ``payload`` for JSON.

    On a terminal, ``documents`` replace the text: titles, and Markdown that is shown with its headings and tables.
    """

    text: str
    payload: Any
    notes: Sequence[str] = ()
    failure: SostradesError | None = None
    confirms: bool = False
    documents: Sequence[tuple[str, str]] = ()


class Workbook(NamedTuple):
    """Tables for the sheets of an Excel file, which are read one after the other; ``contents`` describes them."""

    contents: Sheet
    sheets: Iterable[Sheet]
    notes: Sequence[str] = ()
    failure: SostradesError | None = None


class Stream(NamedTuple):
    """Bytes of the server, passed on unchanged: a CSV file, a JSON document, a page, a log.

    ``open`` starts the request and yields the chunks. ``repeat`` retries a failed transfer into a file.
    ``default_file`` is the target if the user names none. ``then`` is called with the complete file. ``trusted``
    bytes come from the tool itself, so a terminal gets them unescaped. ``live`` bytes arrive while the user watches, so
    they are not collected for the pager. A ``document`` ends with a newline on standard output, and a terminal shows
    JSON indented.
    """

    open: Callable[[], contextlib.AbstractContextManager[Iterator[bytes]]]
    repeat: Callable[[Callable[[], int]], int]
    default_file: Path | None = None
    trusted: bool = False
    live: bool = False
    document: bool = False
    then: Callable[[Path], None] | None = None
    notes: Sequence[str] = ()
    failure: SostradesError | None = None


class Events(NamedTuple):
    """The events of runs as they happen.

    ``names`` are the names of the studies, ``studies`` their order. The live view reports an outage after
    ``outage_s`` seconds without an answer. ``usual_s`` reads the usual durations of the runs in seconds.
    ``heartbeat_s`` is that of the options of the watch.
    """

    events: Iterator[Event]
    names: Mapping[int, str]
    outage_s: float = 15.0
    studies: Sequence[int] = ()
    usual_s: Callable[[], Mapping[int, float]] = dict
    heartbeat_s: float = 0.0


Result: TypeAlias = "Rows | Text | Plot | Stream | Events | Workbook"
