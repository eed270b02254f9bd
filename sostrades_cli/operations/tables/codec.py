"""Encode a table for an upload, and predict the download that the server gives after this upload."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sostrades_cli.files.digests import digest_of
from sostrades_cli.operations.tables import rows
from sostrades_cli.operations.tables.column_encoder import ColumnEncoder, UnfitError
from sostrades_cli.operations.tables.column_types import notes_of
from sostrades_cli.operations.tables.misfits import Cause, Notation, located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.operations.tables.column_types import TypedColumn


@dataclass(frozen=True, slots=True)
class Encoded:
    """A table that is ready to be sent.

    ``sent`` is the file to upload. It is the user's own file if this needs no encoding (``encoded`` is false).
    ``expected`` is the download that the server gives after the upload. ``types`` are the types of the columns.
    ``doubtful`` is true if some texts look like numbers or other values, so that the download does not show their type.
    ``notes`` are shown with the plan.
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
    """A CSV file that is written in batches, with its sha-256."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = sha256()
        self._file = path.open("wb")

    def write(self, columns: Sequence[Sequence[str]]) -> None:
        """Write rows, given by columns of quoted cells."""
        content = rows.csv_lines(columns).encode()
        self._digest.update(content)
        self._file.write(content)

    @property
    def sha256(self) -> str:
        """The sha-256 of the file."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def encode(
    path: Path,
    called: str,
    columns: Sequence[TypedColumn],
    new_path: Callable[[], Path],
    header: Sequence[str] | None = None,
) -> Encoded:
    """Encode a table whose columns have types.

    ``called`` is the name of the file in errors. ``new_path`` returns the path of a new temporary file. ``header`` is
    the header of the download if it differs from the header of the table.

    Raises
    ------
    UsageError
        The server cannot hold a cell.

    """
    notation = columns[0].notation
    encoders = [ColumnEncoder(column) for column in columns]
    names = [column.survey.name for column in columns]
    with contextlib.ExitStack() as opened:
        expected = opened.enter_context(_opened(new_path(), header or names))
        # If no column needs encoding, the user's own file is sent.
        is_encoded = any(encoder.needed for encoder in encoders)
        sent = opened.enter_context(_opened(new_path(), names)) if is_encoded else None
        with _errors_located(path, called, encoders, notation):
            count = _write(path, encoders, notation, expected, sent)
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
    """Open a CSV file and write its header."""
    output = _Output(path)
    output.write([rows.csv_quoted([name]) for name in header])
    return contextlib.closing(output)


@contextlib.contextmanager
def _errors_located(path: Path, called: str, encoders: Sequence[ColumnEncoder], notation: Notation) -> Iterator[None]:
    """Add the line to the error for a cell that the server cannot hold."""
    try:
        yield
    # A batch has no line numbers, so the file is searched for the cell.
    except UnfitError as error:
        cause = Cause(encoders.index(error.encoder), error.cell.__eq__, error.why, error.hint)
        raise located(path, called, [cause], notation) from error


def _write(
    path: Path, encoders: Sequence[ColumnEncoder], notation: Notation, expected: _Output, sent: _Output | None
) -> int:
    """Write the rows to send and the expected rows, and return their number."""
    batches = rows.server_columns(path) if notation is Notation.DOWNLOAD else rows.user_columns(path)
    next(batches)  # the header
    count = 0
    for columns in batches:
        pairs = [
            _csv_quoted_pair(encoder, *encoder.encode(column))
            for encoder, column in zip(encoders, columns, strict=True)
        ]
        count += len(columns[0])
        expected.write([pair[1] for pair in pairs])
        if sent is not None:
            sent.write([pair[0] for pair in pairs])
    return count


def _csv_quoted_pair(
    encoder: ColumnEncoder, sent: Sequence[str], shown: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    if encoder.is_plain:  # saves half of the time for numbers
        return sent, shown
    quoted = rows.csv_quoted(sent)
    return quoted, quoted if shown is sent else rows.csv_quoted(shown)
