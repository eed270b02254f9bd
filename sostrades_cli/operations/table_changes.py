"""The change of a table, an array or a dict of them: what is sent for it, and whether the study holds it already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.files import digest_of
from sostrades_cli.operations.table_diff import arranged, difference
from sostrades_cli.operations.tables import layout, matching, rows, upload
from sostrades_cli.operations.tables.codec import Encoded
from sostrades_cli.operations.tables.kept import KeptTable, last_change, with_types
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL
from sostrades_cli.operations.tables.stored import StoredTable, download_table
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.journal import Change, Journal
    from sostrades_cli.operations.assignments import Assignment
    from sostrades_cli.operations.declaring import Declared
    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.tables.column_types import Known

_UNSEEN_TYPES = frozenset({ARRAY, LITERAL})


@dataclass(frozen=True, slots=True)
class FileChange:
    """A table to be uploaded: a dataframe, an array, a dict of them.

    ``held`` is what the study holds now, ``kept`` what was sent for it from here; ``needless`` says that it is the
    same as the ``table``. ``path`` is the user's file.
    """

    declared: Declared
    path: Path
    table: Encoded
    needless: bool = False
    held: StoredTable | None = None
    kept: KeptTable | None = None
    label: str | None = None

    @property
    def source(self) -> str:
        """What to call the file."""
        return self.label or str(self.path)

    @property
    def changed_cells(self) -> str:
        """How the table differs from the one that the study holds: rows, cells, and the first cell that differs."""
        if self.held is None:
            return f"{counted(self.table.rows, 'row')}, none before"
        kind = self.declared.type
        found = difference(
            arranged(self.held.rows(), kind), arranged(rows.server_rows(self.table.expected), kind), matching.same
        )
        return found.text if found else "the types or the order of what it holds"


def plan_table(
    server: Server, study: int, assignment: Assignment, declared: Declared, kind: str, journal: Journal
) -> FileChange:
    """Check and encode the table of an assignment, and compare it with the one that the study holds.

    Raises
    ------
    UsageError
        The server would refuse it, or hold something else.

    """
    if assignment.file is None:
        raise AssertionError("a table without a file")
    held = hold(server, study, declared)
    kept = kept_table(journal, declared.name, held)
    known = assignment.known
    if known is None:
        # A file of an export is a download: what its cells mean does not depend on what was sent from here.
        known = known_columns(declared, held, None if assignment.blanks else kept, kind)
    source = upload.Source(
        assignment.file,
        f"{assignment.label} of {declared.name}" if assignment.label else str(assignment.file),
        kind,
        assignment.notation,
        known,
        assignment.blanks,
    )
    own_download = held is not None and digest_of(assignment.file) == held.sha256
    as_sent = assignment.kept or (kept if own_download else None)
    if as_sent is not None:
        table = _as_sent(assignment.file, as_sent)
    else:
        table = upload.encode(source, declared.name, server.scratch.path)
    needless = _holds(table, assignment.file, held, kept, declared)
    if not needless:
        _notify(server, declared, table, held, (*assignment.notes, *table.notes), source.called)
    return FileChange(declared, assignment.file, table, needless, held, kept, assignment.label)


def hold(server: Server, study: int, declared: Declared) -> StoredTable | None:
    """Download the table that a study holds, and say where it cannot be had, for then nothing can undo the change."""
    held = download_table(server, study, declared.name)
    unseen = not declared.empty if declared.parameter is None else has_tables(declared.parameter.value)
    if held is None and unseen:
        server.notify(f"the server cannot give what {declared.name} holds now: this change cannot be undone")
    return held


def known_columns(declared: Declared, held: StoredTable | None, kept: KeptTable | None, kind: str) -> dict[str, Known]:
    """Return what is known of the columns of a parameter: by its table format, its present table, and the journal."""
    known = upload.known_of(held, declared.seen.columns if declared.seen else None, kind)
    if kept is None:
        return known
    types = kept.types if kind != layout.ONE else dict(zip(layout.VALUE_HEADER, kept.types.values(), strict=False))
    return with_types(known, types)


def kept_table(journal: Journal, name: str, held: StoredTable | None) -> KeptTable | None:
    """Return the table that was sent from here for the one that a study holds, ``None`` where another way led to it."""
    last: Change | None = last_change(journal.entries(), name)
    if last is None or held is None or last.new_table != held.sha256 or last.new_sent is None:
        return None
    path = journal.table(last.new_sent)
    return KeptTable(path, last.new_sent, last.new_types or {}) if path is not None else None


def _as_sent(download: Path, kept: KeptTable) -> Encoded:
    """Return a table as it was sent before, from here: then its old download is to be expected again."""
    count = sum(1 for _ in rows.server_rows(download)) - 1
    return Encoded(
        kept.sent, kept.sha256, download, digest_of(download), count, dict(kept.types), doubtful=True, encoded=True
    )


def _holds(table: Encoded, path: Path, held: StoredTable | None, kept: KeptTable | None, declared: Declared) -> bool:
    """Return whether a study holds a table already, types included, as far as that can be known."""
    if held is None:
        return False
    if kept is not None and kept.sha256 == table.sent_sha256:
        return matching.match(table, held, declared.type).same
    if kept is not None and (kept.types != table.types or not _UNSEEN_TYPES.isdisjoint(table.types.values())):
        return False
    if table.doubtful and kept is None:
        return False  # numbers may be held in place of its texts
    own_download = not _UNSEEN_TYPES.isdisjoint(table.types.values()) and digest_of(path) == held.sha256
    return own_download or matching.shows(table, held, declared.type)


def _notify(
    server: Server,
    declared: Declared,
    table: Encoded,
    held: StoredTable | None,
    notes: tuple[str, ...],
    called: str,
) -> None:
    for note in notes:
        server.notify(f"{declared.name}: {note}")
    if held is None or declared.type != "dataframe":
        return
    before = held.columns
    added = [name for name in table.types if name not in before]
    missing = [name for name in before if name not in table.types]
    parts = [f"new: {listed(added)}"] * bool(added) + [f"left out: {listed(missing)}"] * bool(missing)
    if parts:
        server.notify(f"{called} has other columns than {declared.name} holds now ({'; '.join(parts)})")
