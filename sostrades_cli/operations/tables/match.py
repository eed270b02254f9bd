"""Verify a table that was sent: compare the download with the expected download."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice, zip_longest
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.tables import layout, rows
from sostrades_cli.operations.tables.diff import TableDifference, arranged, difference
from sostrades_cli.operations.tables.equality import Tolerance, identical_arrays, identical_cells, shown_alike
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.tables.codec import Encoded
    from sostrades_cli.operations.tables.stored_table import StoredTable

# The largest relative error of the server's parser of numbers.
_PARSED: Final = Tolerance(rtol=1e-11)
_NESTED: Final = frozenset({ARRAY, LITERAL})


@dataclass(frozen=True, slots=True)
class Match:
    """The result of comparing a download with the expected download.

    ``same`` is true if the download has everything that was sent. ``added`` are further columns from the server.
    Otherwise, ``difference`` is set, and ``processed`` is true if the server's own processing can explain it.
    """

    same: bool
    added: tuple[str, ...] = ()
    difference: TableDifference | None = None
    processed: bool = False


def shows(table: Encoded, stored: StoredTable, kind: str | None) -> bool:
    """Return whether a download shows a table as it would be sent, including all digits of its arrays."""
    if table.expected_sha256 == stored.sha256:
        return True
    if _is_keyed(table, kind):
        return _by_key(table.expected) == _by_key(stored.path)
    expected, shown = rows.server_rows(table.expected), rows.server_rows(stored.path)
    # Tables may have a hundred megabytes, so this stops at the first difference.
    return all(row == other or _same_rows(row or [], other or []) for row, other in zip_longest(expected, shown))


def _same_rows(first: list[str], other: list[str]) -> bool:
    return len(first) == len(other) and all(map(identical_arrays, first, other))


def _is_keyed(table: Encoded, kind: str | None) -> bool:
    return next(iter(table.types), None) == layout.KEYED and kind != "dataframe"


def match(table: Encoded, stored: StoredTable | None, kind: str | None) -> Match:
    """Compare the download of a parameter with the download that is expected after an upload."""
    if stored is None:
        return Match(same=False)
    if table.expected_sha256 == stored.sha256:
        return Match(same=True)
    keyed = _is_keyed(table, kind)
    # If the tables of a dict have no rows, the server loses their columns.
    empty = keyed and table.rows == 0 and not any(islice(stored.rows(), 1, None))
    if empty or (keyed and _by_key(table.expected) == _by_key(stored.path)):
        return Match(same=True)
    arrays = not _NESTED.isdisjoint(table.types.values())
    order = "dict" if keyed else None
    alike = shown_alike if arrays else identical_cells
    diff = difference(arranged(rows.server_rows(table.expected), order), arranged(stored.rows(), order), alike)
    if diff is None:
        return Match(same=True)
    complete = diff.rows_a == diff.rows_b and not (diff.only_a or diff.order or diff.cells)
    return Match(complete, tuple(diff.only_b) if complete else (), None if complete else diff, _is_processed(diff))


def _is_processed(difference: TableDifference) -> bool:
    """Return whether the server's processing explains a difference: removed rows, or numbers parsed inexactly."""
    if difference.only_a or difference.rows_b > difference.rows_a:
        return False
    return all(not cell.b or _PARSED.close_cells(cell.a, cell.b) for cell in difference.first)


def _by_key(path: Path) -> dict[str, str]:
    """Return the sha-256 of the rows of each key. The server changes only the order of the keys."""
    digests: dict[str, str] = {}
    for key, group in groupby(rows.server_rows(path), key=lambda row: row[0]):
        # The rows of a key may be apart. Each group starts from the digest of the one before.
        digest = sha256(digests.get(key, "").encode())
        for row in group:
            digest.update("\0".join(row).encode() + b"\1")
        digests[key] = digest.hexdigest()
    return digests
