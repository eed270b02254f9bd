"""Rendering of results to standard output or a file."""

from __future__ import annotations

import contextlib
import io
import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.file_formats import TABLE_FILES
from sostrades_cli.local.settings import file_of
from sostrades_cli.output import text
from sostrades_cli.output.results import Rows, TerminalTable, TerminalTree, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.pager import Pager
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.output.results import Result
    from sostrades_cli.output.streams import Events, Stream, Workbook

# Longer JSON is shown without colours, which would take seconds.
MOST_COLORED: Final = 2_000_000


class RenderOptions(NamedTuple):
    """The format of a result, and its destination.

    ``format`` is never ``None``. ``output`` is the value of -o. ``size`` is the window in columns and lines.
    ``redraws`` means that the terminal can move its cursor. ``safe_csv`` protects cells of CSV and TSV from being
    run as formulas by a spreadsheet. ``raw`` prints the result of a query as bare lines. ``asked`` means that the user
    gave a format, a file or a query. ``pager`` shows results that are taller than the window, if there is one.
    """

    format: str
    stdout: TextIO
    notes: Messages
    output: Path | None = None
    query: str | None = None
    color: bool = False
    quiet: bool = False
    size: tuple[int, int] = (80, 24)
    safe_csv: bool = False
    redraws: bool = True
    monotonic: Callable[[], float] = time.monotonic
    raw: bool = False
    asked: bool = False
    pager: Pager | None = None

    @property
    def file(self) -> Path | None:
        """Return the file for the result, ``None`` for standard output."""
        return file_of(self.output)


def render(result: Result, options: RenderOptions) -> SostradesError | None:
    """Show a result and return its failure."""
    if isinstance(result, Rows | Text):
        return _show(result, options)
    return _render_read(result, options)


def _render_read(result: Plot | Stream | Events | Workbook, options: RenderOptions) -> SostradesError | None:
    """Show a result that is read while it is written, or drawn."""
    from sostrades_cli.output.streams import Events, Stream, Workbook

    if isinstance(result, Events):
        from sostrades_cli.output import watch_output

        if options.format == "json" or (options.query is not None and options.format != "ndjson"):
            final = watch_output.final(result, options.notes)
            return final.failure if final.payload is None else _show(final, options)
        with _target(options) as target:
            return watch_output.show(result, options, target)
    if isinstance(result, Stream):
        return _render_stream(result, options)
    if isinstance(result, Workbook):
        return _show(result, options)
    _draw(result, options)
    return None


def _render_stream(result: Stream, options: RenderOptions) -> SostradesError | None:
    """Show bytes of the server: as they arrive, or all at once for a query or for people at a terminal."""
    from sostrades_cli.output import stream_output

    if options.query is not None:
        return _show(stream_output.parsed(result), options)
    if stream_output.is_collected(result, options):
        body = stream_output.received(result, options)
        with _paged(options) as target:
            document = stream_output.json_of(body) if result.document else None
            if document is None:
                target.write(stream_output.terminal_text(result, body))
            else:
                _write_json(document, options, target)
    else:
        stream_output.pass_on(result, options)
    _write_notes(result.notes, options)
    return result.failure


def _show(result: Rows | Text | Workbook, options: RenderOptions) -> SostradesError | None:
    if options.format in TABLE_FILES and options.file is not None:
        from sostrades_cli.output.table_files import write_table_file

        if options.query is not None and isinstance(result, Rows | Text):
            from sostrades_cli.output.query import queried

            result = queried(result, options.query, options.notes)
        write_table_file(result, options.format, options.file, options.notes)
    elif not isinstance(result, Rows | Text) or (options.quiet and result.confirms and not options.asked):
        pass
    elif isinstance(result, Text) and _is_shown_as_documents(result, options):
        from sostrades_cli.output.markdown_view import shown_documents

        stdout, width = options.stdout, options.size[0]
        _page(shown_documents(result.documents, stdout.encoding, color=options.color, width=width), options)
    elif isinstance(result, Text) or result.columns:
        with _paged(options) as target:
            _write(result, options, target)
    if isinstance(result, Rows) and result.preview is not None and options.file is not None and not options.quiet:
        _preview(result.preview, options)
    _write_notes(result.notes, options)
    return result.failure


def _preview(table: TerminalTable, options: RenderOptions) -> None:
    """Show a table on a terminal after the result was written to a file."""
    if options.stdout.isatty():
        from sostrades_cli.output.table import write_table

        write_table(table, options.stdout, color=options.color, width=options.size[0])


def _write_notes(lines: Sequence[str], options: RenderOptions) -> None:
    for line in lines:
        options.notes.inform(line)


def _draw(result: Plot, options: RenderOptions) -> None:
    from sostrades_cli.output.plot.terminal import has_frames, plot_text

    with _target(options) as target:
        color = options.color and options.file is None
        shown = plot_text(result, options.size, color=color, unicode=has_frames(target))
        target.write(shown.encode(target.encoding, "replace").decode(target.encoding))
    _write_notes(result.notes, options)


def _write(result: Rows | Text, options: RenderOptions, target: TextIO) -> None:
    if options.query is not None:
        from sostrades_cli.output.query import queried

        result = queried(result, options.query, options.notes)
    if options.raw and options.query is not None:
        _write_raw(result.payload, target)
    elif options.format in {"json", "ndjson"}:
        _write_json(result, options, target)
    elif isinstance(result, Text):
        on_terminal = target.isatty()
        target.write(f"{text.visible_lines(result.text) if on_terminal else result.text}\n")
    elif options.format == "table" or _is_tree_in_pipes(result, options):
        _write_shown(result, options, target)
    elif options.format == "md":
        from sostrades_cli.output.markdown import write_markdown

        write_markdown(result, target)
    else:
        _write_cells(result, options, target)


def _write_cells(result: Rows, options: RenderOptions, target: TextIO) -> None:
    """Write the plain cells of a table as TSV or CSV."""
    written = _without_formulas(result) if options.safe_csv else result
    if options.format == "tsv":
        _write_tsv(written, target)
    elif options.format == "csv":
        from sostrades_cli.output.csv_text import write_csv

        write_csv(written, target)
    else:
        raise AssertionError(f"no function writes the format {options.format!r}")


def _is_tree_in_pipes(result: Rows, options: RenderOptions) -> bool:
    return isinstance(result.shown, TerminalTree) and result.shown.in_pipes and not options.asked


def _write_shown(result: Rows, options: RenderOptions, target: TextIO) -> None:
    """Write the table or tree of a result for people, below its title."""
    from sostrades_cli.output.pager import PagedText

    shown = TerminalTable(result.columns, result.rows) if result.shown is None else result.shown
    rows = shown.rows if isinstance(shown, TerminalTable) else result.rows
    # The notes say why there are no rows.
    if not rows and result.notes and target.isatty():
        return
    if result.title and isinstance(target, PagedText):
        target.title = result.title
    elif result.title:
        options.notes.inform(result.title)
    if isinstance(shown, TerminalTree):
        from sostrades_cli.output.tree import write_tree

        write_tree(shown, target, color=options.color, width=options.size[0])
    elif shown.columns:
        from sostrades_cli.output.table import write_table

        write_table(shown, target, color=options.color, width=options.size[0])


def _write_raw(answer: object, target: TextIO) -> None:
    """Write the result of a query as bare lines."""
    from sostrades_cli.output.query import raw_lines

    target.writelines(f"{text.visible_lines(line) if target.isatty() else line}\n" for line in raw_lines(answer))


def _write_json(result: Rows | Text, options: RenderOptions, target: TextIO) -> None:
    payload = result.payload
    if isinstance(result, Rows) and (payload is None or (result.lines and options.format == "ndjson")):
        payload = text.objects(result)
    on_terminal = target.isatty()
    ascii_only = (target.encoding or "").lower().replace("-", "") != "utf8"
    if options.format == "ndjson":
        documents, indent = payload if isinstance(payload, list) else [payload], None
    else:
        documents, indent = [payload], 2 if on_terminal else None
    for document in documents:
        line = _dumps(document, ascii_only=ascii_only, indent=indent)
        target.write(f"{_shown_json(line, options) if on_terminal else line}\n")


def _shown_json(line: str, options: RenderOptions) -> str:
    """Return a JSON document for a terminal."""
    shown = text.visible_json(line)
    if not options.color or len(shown) > MOST_COLORED:
        return shown
    from sostrades_cli.output.json_colors import colored

    return colored(shown)


def _dumps(document: object, *, ascii_only: bool, indent: int | None) -> str:
    """Return a line of JSON, readable if the encoding allows."""
    line = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    try:
        line.encode()
    except UnicodeEncodeError:
        # A lone surrogate cannot be encoded, only escaped.
        return json.dumps(document, indent=indent)
    return line


def _without_formulas(result: Rows) -> Rows:
    from sostrades_cli.output.csv_injection import safe

    columns, *rows = (tuple(safe(text.plain(cell)) for cell in row) for row in (result.columns, *result.rows))
    return Rows(columns, rows)


def _write_tsv(result: Rows, target: TextIO) -> None:
    for row in (result.columns, *result.rows):
        # Most cells are printable texts, so the rows of thousands of parameters need few calls.
        cells = [cell if type(cell) is str else text.plain(cell) for cell in row]
        target.write("\t".join(cells if "".join(cells).isprintable() else map(text.visible, cells)) + "\n")


def _is_shown_as_documents(result: Text, options: RenderOptions) -> bool:
    """Return whether a terminal gets the documents of a text in its place."""
    return (
        bool(result.documents)
        and (options.format, options.query) == ("table", None)
        and options.file is None
        and options.stdout.isatty()
    )


@contextlib.contextmanager
def _paged(options: RenderOptions) -> Iterator[TextIO]:
    """Open the target of a whole result: the pager if it is taller than the window of a terminal."""
    if options.file is not None:
        with options.notes.writing(options.file), _target(options) as target:
            yield target
        return
    if options.pager is None:
        with _target(options) as target:
            yield target
        return
    from sostrades_cli.output.pager import PagedText

    collected = PagedText(options.stdout.encoding)
    yield collected
    _page(iter([collected.getvalue()]), options, collected.title)


def _page(parts: Iterator[str], options: RenderOptions, title: str = "") -> None:
    """Show parts on standard output as they are made: in the pager if together they are taller than the window."""
    # A title above the pager would scroll away.
    above = _above(title, options)
    rest = parts if options.pager is None else options.pager.show(parts, above)
    if rest is None:
        return
    if above:
        options.notes.inform(title)
    with _target(options) as target:
        for part in rest:
            target.write(part)
            target.flush()


def _above(title: str, options: RenderOptions) -> str:
    """Return the line of a title for the pager; a title for another place than the terminal is written there."""
    notes = options.notes
    if not title or not notes.notes_enabled:
        return ""
    if notes.stream.isatty():
        from sostrades_cli.output.text_width import wrapped

        return f"{wrapped(text.visible(notes.redact(title)), options.size[0], indent=2)}\n"
    notes.inform(title)
    return ""


@contextlib.contextmanager
def _target(options: RenderOptions) -> Iterator[TextIO]:
    file = options.file
    if file is None:
        yield options.stdout
        options.stdout.flush()
        return
    with atomic(file, named=True) as opened:
        writer = io.TextIOWrapper(opened, encoding="utf-8", errors="backslashreplace", newline="")
        yield writer
        writer.detach()  # flushes, and leaves the file open: `atomic` closes it
    options.notes.inform(text.file_note(file))
