"""Plans the upload of a dataframe, an array or a dict of them, and finds out whether the study has it already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sostrades_cli.api.models import ARRAY as ARRAY_PLACEHOLDER
from sostrades_cli.api.models import DICT_TYPES, TABLE, has_tables
from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import digest_of
from sostrades_cli.operations.tables import downloads, layout, match, rows, upload
from sostrades_cli.operations.tables.codec import Encoded
from sostrades_cli.operations.tables.diff import arranged, difference
from sostrades_cli.operations.tables.equality import identical_cells
from sostrades_cli.operations.tables.kept_table import KeptTable, last_change, with_types
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL, Notation
from sostrades_cli.operations.tables.stored_table import StoredTable, download_table
from sostrades_cli.output.text import counted, listed, shortened
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from sostrades_cli.local.journal import Change, Journal
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.tables.column_types import KnownColumn

# A download does not show whether a cell had one of these types.
_UNSEEN_TYPES = frozenset({ARRAY, LITERAL})
# Tables to which the server adds the columns that they lack.
_COMPLETED = frozenset({"design_space"})


@dataclass(frozen=True)
class FileChange:
    """A planned upload of a dataframe, an array or a dict of them.

    ``path`` is the user's file. ``held`` is the current table of the study, ``kept`` the file that this computer sent
    for it. ``needless`` is true if ``table`` is the same. ``unlike`` is the error for a table that is empty or lacks
    columns of the current one; ``--force`` ignores it. ``notes`` are about the columns.
    """

    info: ParameterInfo
    path: Path
    table: Encoded
    needless: bool = False
    held: StoredTable | None = None
    kept: KeptTable | None = None
    label: str | None = None
    unlike: UsageError | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The name of the file in messages."""
        return self.label or str(self.path)

    @cached_property
    def difference(self) -> str:
        """The difference to the current table in words: rows, columns, cells, and the first cell that differs."""
        if self.held is None:
            return f"{counted(self.table.rows, 'row')}, none before"
        kind = self.info.type
        found = difference(
            arranged(self.held.rows(), kind), arranged(rows.server_rows(self.table.expected), kind), identical_cells
        )
        return found.text if found else "types or order differ"


def plan_table(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, kind: str, journal: Journal
) -> FileChange:
    """Check and encode the table of an assignment, and compare it with the current table of the study.

    Raises
    ------
    UsageError
        The server would refuse or misread the table.

    """
    if assignment.file is None:
        raise AssertionError("a table without a file")
    held = hold(context, study, info)
    kept = kept_table(journal, info.name, held)
    source = _source(assignment, assignment.file, info, held, kept, kind)
    # A download does not show all types, so an unchanged one is sent as the table that led to it.
    own_download = held is not None and digest_of(assignment.file) == held.sha256
    as_sent = assignment.kept or (kept if own_download else None)
    if as_sent is not None:
        table = _as_sent(assignment.file, as_sent)
    else:
        table = upload.encode(source, info.name, context.temp_folder.path)
    needless = _holds(table, assignment.file, held, kept, info)
    own = assignment.notation is not Notation.DOWNLOAD and assignment.known is None and assignment.kept is None
    current = current_columns(info.name, held)
    unlike = (
        None
        if needless or not own
        else unlike_held(source, info.name, assignment.text, table.types, current, empty=not table.rows)
    )
    other = _other_columns(info, table, held, source.called)
    notes = () if needless else (*assignment.notes, *table.notes, *other)
    # The error names the columns, too.
    for note in notes if unlike is None else (*assignment.notes, *table.notes):
        context.notify(f"{info.name}: {note}")
    return FileChange(info, assignment.file, table, needless, held, kept, assignment.label, unlike, notes)


def _source(
    assignment: Assignment,
    file: Path,
    info: ParameterInfo,
    stored: StoredTable | None,
    kept: KeptTable | None,
    kind: str,
) -> upload.UploadSource:
    known = assignment.known
    if known is None:
        # A file of an export is a download: the meaning of its cells does not depend on the last upload.
        known = known_columns(info, stored, None if assignment.blanks else kept, kind)
    called = f"{assignment.label} of {info.name}" if assignment.label else str(file)
    return upload.UploadSource(file, called, kind, assignment.notation, known, assignment.blanks)


def unlike_held(
    source: upload.UploadSource,
    key: str,
    given: str,
    columns: Collection[str],
    current: Collection[str],
    *,
    empty: bool,
) -> UsageError | None:
    """Return the error for a table that is ``empty``, or lacks columns of the ``current`` one.

    An error page that was saved as a table is an example, and a column that was renamed. The server takes such a table,
    and the next run fails. Further columns are allowed, because a model may take any. ``given`` is the value as the
    user wrote it.
    """
    expected = [name for name in source.known if name != layout.KEYED]
    sends = f"if you mean it: `sostrades param set STUDY {quoted(f'{key}={given or source.path}')} --force`"
    if empty:
        return UsageError(f"{source.called} has no rows, so it would empty {key}", hint=sends)
    if source.layout == layout.ONE or not expected:
        return None
    none = set(expected).isdisjoint(columns)
    missing = [name for name in current if name not in columns]
    if not none and not missing:
        return None
    what = f"has none of the columns of {key}" if none else f"does not have the {_columns(missing)} of {key}"
    return UsageError(
        f"{source.called} {what}",
        detail=f"columns of the file: {_listed(columns)}\ncolumns of {key}: {_listed(expected if none else current)}",
        hint=f"correct the header, or {sends}",
    )


def current_columns(key: str, table: StoredTable | None) -> list[str]:
    """Return the columns of the current table of a parameter that a new table needs."""
    return table.columns if table is not None and key.rpartition(".")[2] not in _COMPLETED else []


def hold(context: Context, study: int, info: ParameterInfo) -> StoredTable | None:
    """Download the current table of a parameter; notify the user if that fails, since undo is impossible then."""
    held = download_table(context, study, info.name)
    unseen = not info.empty if info.parameter is None else has_tables(info.parameter.value)
    if held is None and unseen:
        context.notify(f"the server cannot download the current value of {info.name}: this change cannot be undone")
    return held


def known_columns(
    info: ParameterInfo, stored: StoredTable | None, kept: KeptTable | None, kind: str
) -> dict[str, KnownColumn]:
    """Return the known facts of the columns of a parameter, from its table format, current table and journal."""
    known = upload.known_of(stored, info.seen.columns if info.seen else None, kind)
    if kept is None:
        return known
    types = kept.types if kind != layout.ONE else dict(zip(layout.VALUE_HEADER, kept.types.values(), strict=False))
    return with_types(known, types)


def kept_table(journal: Journal, name: str, stored: StoredTable | None) -> KeptTable | None:
    """Return the table that this computer sent for the current one, ``None`` if another way led to it."""
    last: Change | None = last_change(journal.entries(), name)
    if last is None or stored is None or last.new_table != stored.sha256 or last.new_sent is None:
        return None
    path = journal.table(last.new_sent)
    return KeptTable(path, last.new_sent, last.new_types or {}) if path is not None else None


def _as_sent(download: Path, kept: KeptTable) -> Encoded:
    """Return a table as this computer sent it before; its old download is expected again."""
    # Without the header.
    count = sum(1 for _ in rows.server_rows(download)) - 1
    return Encoded(
        kept.sent, kept.sha256, download, digest_of(download), count, dict(kept.types), doubtful=True, encoded=True
    )


def _holds(table: Encoded, path: Path, stored: StoredTable | None, kept: KeptTable | None, info: ParameterInfo) -> bool:
    """Return whether a study certainly holds a table already, types included."""
    if stored is None:
        return False
    # The same file was sent before, so types are the same, too.
    if kept is not None and kept.sha256 == table.sent_sha256:
        return match.match(table, stored, info.type).same
    if kept is not None and (kept.types != table.types or not _UNSEEN_TYPES.isdisjoint(table.types.values())):
        return False
    if table.doubtful and kept is None:
        return False  # numbers may be held in place of its texts
    own_download = not _UNSEEN_TYPES.isdisjoint(table.types.values()) and digest_of(path) == stored.sha256
    return own_download or match.shows(table, stored, info.type)


def _other_columns(info: ParameterInfo, table: Encoded, stored: StoredTable | None, called: str) -> list[str]:
    """Return a note on columns of only one of the two tables."""
    if stored is None or info.type != "dataframe":
        return []
    before = dict.fromkeys(stored.columns)
    added = [name for name in table.types if name not in before]
    missing = [name for name in before if name not in table.types]
    parts = [f"new: {_listed(added)}"] * bool(added) + [f"left out: {_listed(missing)}"] * bool(missing)
    return [f"{called} has other columns than the current table ({'; '.join(parts)})"] * bool(parts)


def holds_arrays(info: ParameterInfo) -> bool:
    """Return whether a parameter is a dict of arrays without any table."""
    if info.parameter is not None:
        value = info.parameter.value
    elif (info.type is None or info.type in DICT_TYPES) and info.content is not None:
        value = downloads.value_of(info.content, "dict")
    else:
        return False
    return isinstance(value, dict) and ARRAY_PLACEHOLDER in value.values() and TABLE not in value.values()


def is_keyed_table(assignment: Assignment, info: ParameterInfo) -> bool:
    """Return whether a dict has tables or arrays, now or after the assignment."""
    if info.holds_tables or holds_arrays(info):
        return True
    return assignment.exact and (assignment.kept is not None or _has_tables(assignment.file, info))


def _has_tables(file: Path | None, info: ParameterInfo) -> bool:
    if file is None:
        return False
    # Any other header is that of a dict of arrays or of tables.
    header = next(rows.server_rows(file), [])
    return header != layout.DICT_HEADER or has_tables(downloads.value_of(file.read_bytes(), info.type or "dict"))


def _columns(names: Sequence[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {_listed(names)}"


def _listed(names: Collection[str]) -> str:
    return listed(list(map(shortened, names)))
