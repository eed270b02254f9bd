"""The results of commands: data to show, without a format."""

# Without `from __future__ import annotations`: NamedTuple compiles each annotation that is a text, at every start.

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.output.streams import Events, Stream, Workbook

# Every result can have a failure: the result is shown first, then the failure is reported. Notes go to standard error.
# A result that ``confirms`` only says what the command did: --quiet leaves it out, unless the user gave a format, a
# file or a query.
# Results are named tuples, because creating a dataclass takes four times as long at every start.


class TerminalTable(NamedTuple):
    """A table on a terminal. Without columns, nothing is written."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    briefs: Mapping[str, Callable[[Any], str]] = MappingProxyType({})
    """Functions that shorten the values of columns, by column."""
    mark: str = ""
    """Stands before each row. A table with the mark of changes that were made has no header."""
    aside: str = ""
    """A hint beside a single row, or below several."""

    def first(self, most: int) -> "TerminalTable":
        """Return the first rows, with a hint if there are more."""
        if len(self.rows) <= most:
            return self
        return self._replace(rows=self.rows[:most], aside=f"first {most} of {len(self.rows)} rows")


class TreeLine(NamedTuple):
    """A line of a tree: how deep it is, its text, and facts beside it, which a terminal dims."""

    depth: int
    text: str
    aside: str = ""


class TerminalTree(NamedTuple):
    """A tree on a terminal."""

    lines: Sequence[TreeLine]
    in_pipes: bool = False
    """Whether the tree is also written to a pipe or a file if the user chose no format."""


class Rows(NamedTuple):
    """A table: column names, and rows of cells. Without columns, nothing is written."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    payload: Any = None
    """Replaces the list of objects of ``-F json``, and of ``-F ndjson`` without ``lines``."""
    notes: Sequence[str] = ()
    failure: SostradesError | None = None
    title: str | None = None
    """The line above the table or tree on a terminal."""
    shown: TerminalTable | TerminalTree | None = None
    """Replaces the table on a terminal."""
    preview: TerminalTable | None = None
    """The table for a terminal if the result is written to a file."""
    lines: bool = False
    """Whether ``-F ndjson`` has an object per row, although there is a payload."""
    confirms: bool = False


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


Result: TypeAlias = "Rows | Text | Plot | Stream | Events | Workbook"
