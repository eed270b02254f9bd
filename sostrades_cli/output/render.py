"""Rendering of results to standard output or a file."""

from __future__ import annotations

import codecs
import contextlib
import io
import itertools
import json
import time
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TextIO

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.files.atomic import atomic, is_special
from sostrades_cli.files.file_formats import TABLE_FILES
from sostrades_cli.output import text
from sostrades_cli.output.results import Events, Rows, Stream, Text, Workbook
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.pager import Pager
    from sostrades_cli.output.plot.model import Plot
    from sostrades_cli.output.results import Result

# Longer JSON is shown without colours, which would take seconds.
MOST_COLORED: Final = 2_000_000
RECEIVING: Final = "Receiving the answer"  # what the spinner shows


class RenderOptions(NamedTuple):
    """The format of a result, and its destination.

    ``format`` is never ``None``. ``file`` is ``None`` for standard output. ``size`` is the window in columns and lines.
    ``redraws`` means that the terminal can move its cursor. ``safe_csv`` protects cells of CSV and TSV from being
    run as formulas by a spreadsheet. ``raw`` prints the result of a query as bare lines. ``asked`` means that the user
    gave a format, a file or a query. ``pager`` shows results that are taller than the window, if there is one.
    """

    format: str
    stdout: TextIO
    notes: Messages
    file: Path | None = None
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
    def path(self) -> Path | None:
        """Return the file, ``None`` for standard output, which "-" stands for as well."""
        return None if self.file is None or str(self.file) == "-" else self.file


def render(result: Result, options: RenderOptions) -> SostradesError | None:
    """Show a result and return its failure."""
    if isinstance(result, Events):
        from sostrades_cli.output import watch_lines  # noqa: PLC0415 - start-up: only for runs

        if options.format == "json" or (options.query is not None and options.format != "ndjson"):
            final = watch_lines.final(result, options.notes)
            return final.failure if final.payload is None else _show(final, options)
        with _target(options) as target:
            return watch_lines.show(result, options, target)
    if isinstance(result, Stream) and options.query is not None:
        return _show(_parsed(result), options)
    if isinstance(result, Stream):
        _pass_on(result, options)
        _write_notes(result.notes, options)
        return result.failure
    if isinstance(result, Rows | Text | Workbook):
        return _show(result, options)
    _draw(result, options)
    return None


def _show(result: Rows | Text | Workbook, options: RenderOptions) -> SostradesError | None:
    if options.format in TABLE_FILES and options.file is not None:
        from sostrades_cli.output.table_files import write_table_file  # noqa: PLC0415 - start-up: pandas, for this only

        if options.query is not None and not isinstance(result, Workbook):
            from sostrades_cli.output.query import queried  # noqa: PLC0415 - start-up: only with --query

            result = queried(result, options.query, options.notes)
        write_table_file(result, options.format, options.file, options.notes)
    elif isinstance(result, Workbook) or (options.quiet and result.confirms and not options.asked):
        pass
    elif isinstance(result, Text) and _is_shown_as_documents(result, options):
        from sostrades_cli.output.markdown_view import shown_documents  # noqa: PLC0415 - start-up: for documents only

        stdout, width = options.stdout, options.size[0]
        _page(shown_documents(result.documents, stdout.encoding, color=options.color, width=width), options)
    elif isinstance(result, Text) or result.columns:
        with _paged(options) as target:
            _write(result, options, target)
    if isinstance(result, Rows) and options.file is not None and options.stdout.isatty() and not options.quiet:
        from sostrades_cli.output.preview import write_preview  # noqa: PLC0415 - start-up: rich, for terminals only

        write_preview(result, options)
    _write_notes(result.notes, options)
    return result.failure


def _write_notes(lines: Sequence[str], options: RenderOptions) -> None:
    for line in lines:
        options.notes.inform(line)


def _draw(result: Plot, options: RenderOptions) -> None:
    from sostrades_cli.output.plot.terminal import drawn  # noqa: PLC0415 - start-up: for charts only

    with _target(options) as target:
        color = options.color and options.file is None
        text_drawn = drawn(result, options.size, color=color, unicode=_has_frames(target))
        target.write(text_drawn.encode(target.encoding, "replace").decode(target.encoding))
    _write_notes(result.notes, options)


def _has_frames(target: TextIO) -> bool:
    """Return whether a stream can encode the characters of frames and curves."""
    try:
        "\u2502\u28ff\u2587".encode(target.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _write(result: Rows | Text, options: RenderOptions, target: TextIO) -> None:
    if options.query is not None:
        from sostrades_cli.output.query import queried  # noqa: PLC0415 - start-up: only with --query

        result = queried(result, options.query, options.notes)
    if options.raw and options.query is not None:
        _write_raw(result.payload, target)
    elif options.format in {"json", "ndjson"}:
        _write_json(result, options, target)
    elif isinstance(result, Text):
        on_terminal = target.isatty()
        target.write(f"{text.visible_lines(result.text) if on_terminal else result.text}\n")
    elif options.format == "table" or (result.tree_in_pipes and not options.asked):
        _write_table(result, options, target)
    elif options.format == "md":
        from sostrades_cli.output.markdown import write_markdown  # noqa: PLC0415 - start-up: for this format only

        write_markdown(result, target)
    else:
        _write_cells(result, options, target)


def _write_cells(result: Rows, options: RenderOptions, target: TextIO) -> None:
    """Write the plain cells of a table as TSV or CSV."""
    written = _without_formulas(result) if options.safe_csv else result
    if options.format == "tsv":
        _write_tsv(written, target)
    else:
        from sostrades_cli.output.csv_text import write_csv  # noqa: PLC0415 - start-up: for this format only

        write_csv(written, target)


def _write_table(result: Rows, options: RenderOptions, target: TextIO) -> None:
    from sostrades_cli.output.pager import PagedText  # noqa: PLC0415 - start-up: for terminals only
    from sostrades_cli.output.table import write_table  # noqa: PLC0415 - start-up: rich
    from sostrades_cli.output.tree import write_tree  # noqa: PLC0415

    table = result if result.table is None else result.table
    # The notes say why there are no rows.
    if not table.rows and result.notes and target.isatty():
        return
    if result.title and isinstance(target, PagedText):
        target.title = result.title
    elif result.title:
        options.notes.inform(result.title)
    if table.columns:
        write = write_tree if table.tree else write_table
        write(table, target, color=options.color, width=options.size[0])


def _write_raw(answer: object, target: TextIO) -> None:
    """Write the result of a query as bare lines."""
    from sostrades_cli.output.query import raw_lines  # noqa: PLC0415 - start-up: only with --query

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
    from sostrades_cli.output.json_colors import colored  # noqa: PLC0415 - start-up: pygments, for terminals only

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
    from sostrades_cli.output.csv_injection import safe  # noqa: PLC0415 - start-up: only with --safe-csv

    columns, *rows = (tuple(safe(text.plain(cell)) for cell in row) for row in (result.columns, *result.rows))
    return Rows(columns, rows)


def _write_tsv(result: Rows, target: TextIO) -> None:
    lines = ("\t".join(text.visible(text.plain(cell)) for cell in row) for row in (result.columns, *result.rows))
    target.writelines(f"{line}\n" for line in lines)


def _parsed(result: Stream) -> Text:
    """Parse a stream as JSON, for a query."""
    with result.open() as chunks:
        body = b"".join(chunks)
    try:
        return Text("", from_json(body), notes=result.notes, failure=result.failure)
    except ValueError as error:
        raise UnusableAnswer(
            "the answer is not JSON, so --query cannot be applied", hint="remove --query to see the answer"
        ) from error


def _pass_on(result: Stream, options: RenderOptions) -> None:
    """Pass bytes on as they arrive; a file gets its final name only when it is complete."""
    file = options.file or result.default_file
    if file is None or str(file) == "-":
        on_terminal = options.stdout.isatty()
        if on_terminal and not result.live and (result.document or options.pager is not None):
            _show_whole(result, options)
            return
        # A spinner on the terminal would overwrite the last line of the stream.
        hidden = on_terminal or result.trusted
        waiting = contextlib.nullcontext() if hidden else options.notes.waiting(RECEIVING)
        _copy(result, options.stdout.buffer, options.stdout.flush, waiting, on_terminal=on_terminal)
        return
    named = options.file is not None
    if named and is_special(file):
        with atomic(file, named=True) as target:
            _copy(result, target, target.flush, contextlib.nullcontext(), on_terminal=target.isatty())
        return

    def transfer() -> int:
        waiting = options.notes.waiting(f"Writing {file}")
        with result.open() as chunks, waiting, atomic(file, named=named, durable=False) as target:
            return sum(target.write(chunk) for chunk in chunks)

    count = result.repeat(transfer)
    options.notes.inform(f"{file}: {text.size(count)}")
    if result.then is not None:
        result.then(file)
    if options.file is None:
        # The user did not choose the file, so its name is the result.
        options.stdout.write(f"{text.visible(str(file))}\n")


def _show_whole(result: Stream, options: RenderOptions) -> None:
    """Show bytes on a terminal when all of them have arrived."""
    with result.open() as chunks, options.notes.waiting(RECEIVING):
        body = b"".join(chunks)
    with _paged(options) as target:
        if result.document:
            with contextlib.suppress(ValueError):
                _write_json(Text("", from_json(body)), options, target)
                return
        shown = b"".join([body] if result.trusted else _escaped(iter([body]))).decode(errors="replace")
        target.write(f"{shown}\n" if result.document and body and not shown.endswith("\n") else shown)


def _copy(
    result: Stream,
    target: IO[bytes],
    flush: Callable[[], None],
    waiting: contextlib.AbstractContextManager[None],
    *,
    on_terminal: bool,
) -> None:
    """Pass bytes on without a retry, because the bytes in a pipe cannot be taken back."""
    last = b""
    with result.open() as chunks, waiting:
        for chunk in _escaped(chunks) if on_terminal and not result.trusted else chunks:
            target.write(chunk)
            flush()
            last = chunk or last
        if result.document and last and not last.endswith(b"\n"):
            target.write(b"\n")
            flush()


def _escaped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Escape control characters, which a terminal would interpret; line ends stay."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    for chunk in itertools.chain(chunks, [None]):
        line = pending + (decoder.decode(b"", final=True) if chunk is None else decoder.decode(chunk))
        # A chunk may end between \r and \n, so a final \r waits for the next chunk.
        pending = "\r" if line.endswith("\r") and chunk is not None else ""
        yield text.visible_lines(line.removesuffix(pending).replace("\r\n", "\n")).encode()


def _is_shown_as_documents(result: Text, options: RenderOptions) -> bool:
    """Return whether a terminal gets the documents of a text in its place."""
    return (
        bool(result.documents)
        and (options.format, options.query) == ("table", None)
        and options.path is None
        and options.stdout.isatty()
    )


@contextlib.contextmanager
def _paged(options: RenderOptions) -> Iterator[TextIO]:
    """Open the target of a whole result: the pager if it is taller than the window of a terminal."""
    if options.pager is None or options.path is not None:
        with _target(options) as target:
            yield target
        return
    from sostrades_cli.output.pager import PagedText  # noqa: PLC0415 - start-up: for terminals only

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
        return f"{text.wrapped(text.visible(notes.redact(title)), options.size[0], indent=2)}\n"
    notes.inform(title)
    return ""


@contextlib.contextmanager
def _target(options: RenderOptions) -> Iterator[TextIO]:
    file = options.path
    if file is None:
        yield options.stdout
        options.stdout.flush()
        return
    with atomic(file, named=True) as opened:
        writer = io.TextIOWrapper(opened, encoding="utf-8", errors="backslashreplace", newline="")
        yield writer
        writer.detach()  # flushes, and leaves the file open: `atomic` closes it
    # A device or a pipe has no size.
    size = "written" if is_special(file) else text.size(file.stat().st_size)
    options.notes.inform(f"{file}: {size}")
