"""The server's CSV: a table as it is sent, and the download that the server then gives of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import digest_of
from sostrades_cli.operations.tables import rows
from sostrades_cli.operations.tables.column_encoder import ColumnEncoder, UnfitError
from sostrades_cli.operations.tables.column_types import notes_of
from sostrades_cli.operations.tables.misfits import Cause, Notation, located

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sostrades_cli.operations.tables.column_types import TypedColumn


@dataclass(frozen=True, slots=True)
class Encoded:
    """A table as it is sent.

    ``sent`` is the file to be uploaded, the user's own where it needs no encoding, with its sha-256. ``expected`` is
    the download that the server gives of it, ``expected_sha256`` its sha-256. ``types`` are those of the columns.
    ``doubtful`` says that texts in it that look like numbers or other values certainly are texts. ``encoded`` says
    that ``sent`` is not the user's own file. ``notes`` are for the plan.
    """

    sent: Path
    sent_sha256: str
    expected: Path
    expected_sha256: str
    rows: int
    types: dict[str, str]
    doubtful: bool = False
    notes: tuple[str, ...] = ()
    encoded: bool = False


class _Output:
    """A file that is written in pieces, with its sha-256."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = sha256()
        self._file = path.open("wb")

    def write(self, columns: Sequence[Sequence[str]]) -> None:
        """Write rows of cells that are quoted already, given by columns."""
        content = rows.quoted_lines(columns).encode()
        self._digest.update(content)
        self._file.write(content)

    @property
    def sha256(self) -> str:
        """Return the sha-256 of all that was written."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def encode(
    path: Path,
    called: str,
    columns: Sequence[TypedColumn],
    place: Callable[[], Path],
    header: Sequence[str] | None = None,
) -> Encoded:
    """Encode a table whose columns have types; ``place`` names files.

    ``header`` is that of the download where the server does not keep the table's own.

    Raises
    ------
    UsageError
        A cell is nothing that the server can hold.

    """
    notation = columns[0].notation
    encoders = [ColumnEncoder(column) for column in columns]
    names = [column.seen.name for column in columns]
    with contextlib.ExitStack() as opened:
        expected = opened.enter_context(_opened(place(), header or names))
        sent = opened.enter_context(_opened(place(), names)) if any(one.needed for one in encoders) else None
        try:
            count = _write(path, encoders, notation, expected, sent)
        except UnfitError as error:
            cause = Cause(encoders.index(error.encoder), error.cell.__eq__, error.why, error.hint)
            raise located(path, called, cause, notation) from error
    return Encoded(
        *((path, digest_of(path)) if sent is None else (sent.path, sent.sha256)),
        expected.path,
        expected.sha256,
        count,
        {name: encoder.recorded for name, encoder in zip(names, encoders, strict=True)},
        doubtful=any(encoder.doubtful for encoder in encoders),
        notes=notes_of(columns),
        encoded=sent is not None,
    )


def _opened(path: Path, header: Sequence[str]) -> contextlib.closing[_Output]:
    """Open a file for the rows below a header."""
    output = _Output(path)
    output.write([rows.quoted([name]) for name in header])
    return contextlib.closing(output)


def _write(
    path: Path, encoders: Sequence[ColumnEncoder], notation: Notation, expected: _Output, sent: _Output | None
) -> int:
    """Write the rows to be sent and those to be expected, and return how many."""
    batches = rows.server_columns(path) if notation is Notation.DOWNLOAD else rows.user_columns(path)
    next(batches)  # the header
    count = 0
    for columns in batches:
        pairs = [_quoted(one, *one.encode(cells)) for one, cells in zip(encoders, columns, strict=True)]
        count += len(columns[0])
        expected.write([pair[1] for pair in pairs])
        if sent is not None:
            sent.write([pair[0] for pair in pairs])
    return count


def _quoted(encoder: ColumnEncoder, sent: Sequence[str], shown: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    if encoder.is_plain:  # numbers and booleans, half of the time
        return sent, shown
    quoted = rows.quoted(sent)
    return quoted, quoted if shown is sent else rows.quoted(shown)
