"""Output of streams: bytes of the server, passed on as they arrive, or collected for a query or a terminal."""

from __future__ import annotations

import codecs
import contextlib
import itertools
from typing import IO, TYPE_CHECKING, Final

from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.files.atomic import atomic, is_special
from sostrades_cli.output import text
from sostrades_cli.output.results import Text
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sostrades_cli.output.render import RenderOptions
    from sostrades_cli.output.streams import Stream

RECEIVING: Final = "Receiving the answer"  # what the spinner shows


def parsed(result: Stream) -> Text:
    """Parse a stream as JSON, for a query."""
    with result.open() as chunks:
        body = b"".join(chunks)
    try:
        return Text("", from_json(body), notes=result.notes, failure=result.failure)
    except ValueError as error:
        raise UnusableAnswer(
            "the answer is not JSON, so --query cannot be applied", hint="remove --query to see the answer"
        ) from error


def is_collected(result: Stream, options: RenderOptions) -> bool:
    """Return whether a terminal gets all bytes at once: for the pager, or as indented JSON."""
    return (
        _file_for(result, options) is None
        and options.stdout.isatty()
        and not result.live
        and (result.document or options.pager is not None)
    )


def received(result: Stream, options: RenderOptions) -> bytes:
    """Return all bytes of a stream."""
    with result.open() as chunks, options.notes.waiting(RECEIVING):
        return b"".join(chunks)


def json_of(body: bytes) -> Text | None:
    """Return the JSON document in some bytes, ``None`` if they are not JSON."""
    with contextlib.suppress(ValueError):
        return Text("", from_json(body))
    return None


def terminal_text(result: Stream, body: bytes) -> str:
    """Return the bytes of a stream as a text for a terminal."""
    shown = (body if result.trusted else b"".join(_escaped(iter([body])))).decode(errors="replace")
    return f"{shown}\n" if result.document and body and not shown.endswith("\n") else shown


def pass_on(result: Stream, options: RenderOptions) -> None:
    """Pass bytes on as they arrive; a file gets its final name only when it is complete."""
    file = _file_for(result, options)
    if file is None:
        on_terminal = options.stdout.isatty()
        # A spinner on the terminal would overwrite the last line of the stream.
        waiting = contextlib.nullcontext() if on_terminal or result.trusted else options.notes.waiting(RECEIVING)
        _copy(result, options.stdout.buffer, options.stdout.flush, waiting, on_terminal=on_terminal)
    elif options.file is not None and is_special(file):
        with atomic(file, named=True) as target:
            _copy(result, target, target.flush, contextlib.nullcontext(), on_terminal=target.isatty())
    else:
        _write_file(result, file, options)


def _file_for(result: Stream, options: RenderOptions) -> Path | None:
    """Return the file for a stream, ``None`` for standard output."""
    return result.default_file if options.output is None else options.file


def _write_file(result: Stream, file: Path, options: RenderOptions) -> None:
    """Write a stream into a file, retrying as the stream allows, and say what was written."""
    named = options.file is not None

    def transfer() -> int:
        with result.open() as chunks, options.notes.writing(file), atomic(file, named=named, durable=False) as target:
            return sum(target.write(chunk) for chunk in chunks)

    count = result.repeat(transfer)
    options.notes.inform(f"{file}: {text.size(count)}")
    if result.then is not None:
        result.then(file)
    if not named:
        # The user did not choose the file, so its name is the result.
        options.stdout.write(f"{text.visible(str(file))}\n")


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
