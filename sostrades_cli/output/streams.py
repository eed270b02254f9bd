"""The results that are read while they are written: bytes of the server, events of runs, sheets of a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.xlsx import Sheet
    from sostrades_cli.run_events import Event


class Workbook(NamedTuple):
    """Tables for the sheets of an Excel file, which are read one after the other; ``contents`` describes them."""

    contents: Sheet
    sheets: Iterable[Sheet]
    notes: Sequence[str] = ()
    failure: SostradesError | None = None


def transfer_once(transfer: Callable[[], int]) -> int:
    """Make a transfer without a retry, for a stream that is made locally or must not be sent twice."""
    return transfer()


class Stream(NamedTuple):
    """Bytes of the server, passed on unchanged: a CSV file, a JSON document, a page, a log.

    ``open`` starts the request and yields the chunks. ``repeat`` retries a failed transfer into a file, unless it is
    ``transfer_once``. ``default_file`` is the target if the user names none. ``then`` is called with the complete file.
    ``trusted`` bytes come from the tool itself, so a terminal gets them unescaped. ``live`` bytes arrive while the user
    watches, so they are not collected for the pager. A ``document`` ends with a newline on standard output, and a
    terminal shows JSON indented.
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
