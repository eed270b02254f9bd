"""Plan the upload of a dataframe, an array or a dict of them, and skip it if the study already has the same table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sostrades_cli.api.models import ARRAY as ARRAY_PLACEHOLDER
from sostrades_cli.api.models import DICT_TYPES, TABLE, has_tables
from sostrades_cli.errors import UsageError
from sostrades_cli.files.digests import digest_of
from sostrades_cli.operations.tables import downloads, layout, match, rows, upload
from sostrades_cli.operations.tables.codec import Encoded
from sostrades_cli.operations.tables.column_types import not_booleans
from sostrades_cli.operations.tables.diff import TableDifference, arranged, difference
from sostrades_cli.operations.tables.equality import identical_cells
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL, Notation, located
from sostrades_cli.operations.tables.sent_tables import SentTable, last_change, with_types
from sostrades_cli.operations.tables.stored_table import StoredTable, download_table
from sostrades_cli.output.text import counted, listed, shortened
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.journal import Journal, RecordedValue
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo
    from sostrades_cli.operations.tables.column_types import KnownColumn

# A download does not show these types: a text may look the same.
_HIDDEN_TYPES = frozenset({ARRAY, LITERAL})
# The server adds missing columns to these tables.
_COMPLETED = frozenset({"design_space"})


@dataclass(frozen=True)
class FileChange:
    """A planned upload of a dataframe, an array or a dict of them.

    ``path`` is the user's file. ``old_table`` is the current table of the study, ``last_sent`` the file that this
    computer sent for it. ``needless`` is true if ``table`` is the same. ``unlike`` is the error for a table that is
    empty or lacks columns of the current one; ``--force`` ignores it. ``notes`` are about the columns.
    """

    info: ParameterInfo
    path: Path
    table: Encoded
    needless: bool = False
    old_table: StoredTable | None = None
    last_sent: SentTable | None = None
    label: str | None = None
    unlike: UsageError | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The name of the file in messages."""
        return self.label or str(self.path)

    @cached_property
    def table_difference(self) -> TableDifference | None:
        """The difference to the current table, ``None`` if there is none, or only one in types or order."""
        if self.old_table is None:
            return None
        kind = self.info.type
        old, new = self.old_table.rows(), rows.server_rows(self.table.expected)
        return difference(arranged(old, kind), arranged(new, kind), identical_cells)

    @property
    def difference(self) -> str:
        """The difference to the current table in words: rows, columns, cells, and the first cell that differs."""
        if self.old_table is None:
            return f"{counted(self.table.rows, 'row')}, none before"
        return self.table_difference.text if self.table_difference else "types or order differ"

    @property
    def columns(self) -> int:
        """The number of columns of the new table."""
        return len(self.table.types)


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
    current = download_current(context, study, info)
    last_sent = last_sent_table(journal, info.name, current)
    source = _source(assignment, assignment.file, info, current, last_sent, kind)
    # A download does not show all types. If the file is an unchanged download, the table that was sent before is sent
    # again, because its types are known.
    own_download = current is not None and digest_of(assignment.file) == current.sha256
    as_sent = assignment.last_sent or (last_sent if own_download else None)
    if as_sent is not None:
        table = _as_sent(assignment.file, as_sent)
    else:
        table = upload.encode(source, info.name, context.temp_folder.path)
    needless = _is_unchanged(table, assignment.file, current, last_sent, info)
    # Files that a user did not write, such as those of an undo or an export, once were tables of a study.
    is_users = (
        assignment.notation is not Notation.DOWNLOAD and assignment.known is None and assignment.last_sent is None
    )
    columns = current_columns(info.name, current)
    unlike = (
        None
        if needless or not is_users
        else unlike_current(source, info.name, assignment.text, table.types, columns, empty=not table.rows)
    )
    other = _other_columns(info, table, current, source.called)
    notes = () if needless else (*assignment.notes, *table.notes, *other)
    # The error already names the other columns.
    for note in notes if unlike is None else (*assignment.notes, *table.notes):
        context.notify(f"{info.name}: {note}")
    return FileChange(info, assignment.file, table, needless, current, last_sent, assignment.label, unlike, notes)


def _source(
    assignment: Assignment,
    file: Path,
    info: ParameterInfo,
    current: StoredTable | None,
    last_sent: SentTable | None,
    kind: str,
) -> upload.UploadSource:
    known = assignment.known
    if known is None:
        # A file of an export is a download, so the last upload says nothing about the types of its cells.
        known = known_columns(info, current, None if assignment.blanks else last_sent, kind)
    called = assignment.called(file, info.name)
    return upload.UploadSource(file, called, kind, assignment.notation, known, assignment.blanks)


def unlike_current(
    source: upload.UploadSource,
    key: str,
    given: str,
    columns: Mapping[str, str],
    current: Collection[str],
    *,
    empty: bool,
) -> UsageError | None:
    """Return the error for a table that is ``empty``, lacks columns of the ``current`` table, or loses booleans.

    Examples are a renamed column, and an error page saved as CSV. The server accepts such a table, but the next run
    fails. Additional columns are allowed, because a model may accept any column. ``columns`` are the new columns with
    their types. ``given`` is the value as the user wrote it.
    """
    expected = [name for name in source.known if name != layout.KEYED]
    sends = _forced(source, key, given)
    if empty:
        return UsageError(f"{source.called} has no rows, so it would empty {key}", hint=sends)
    if source.layout == layout.ONE or not expected:
        return None
    none = set(expected).isdisjoint(columns)
    missing = [name for name in current if name not in columns]
    if not none and not missing:
        return _without_booleans(source, columns, sends)
    noun = "table" if source.notation is Notation.TYPED else "file"
    problem = f"has none of the columns of {key}" if none else f"does not have the {_columns(missing)} of {key}"
    return UsageError(
        f"{source.called} {problem}",
        detail=f"columns of the {noun}: {_listed(columns)}\ncolumns of {key}: {_listed(expected if none else current)}",
        hint=f"{_respelled(missing or expected, columns) or 'correct the header'}, or {sends}",
    )


def _forced(source: upload.UploadSource, key: str, given: str) -> str:
    """Return how to send a table all the same."""
    # A value of a Python program, whose file is temporary.
    if source.notation is Notation.TYPED:
        return "if you mean it: force=True"
    word = shell_quoted(f"{key}={given or f'@{source.path}'}")
    return f"if you mean it: `sostrades param set STUDY {word} --force`"


def _without_booleans(source: upload.UploadSource, columns: Mapping[str, str], sends: str) -> UsageError | None:
    """Return the error for cells that are not booleans in columns of booleans."""
    wrong = not_booleans(columns, source.known)
    if not wrong:
        return None
    error = located(source.path, source.called, wrong, source.notation)
    error.hint = f"{error.hint}; {sends}"
    return error


def _respelled(names: Sequence[str], columns: Collection[str]) -> str:
    """Return how to correct the header if names in it differ in blanks, in case, or by a unit in brackets."""
    plain = {re.sub(r"\s*[\[(].*", "", name).strip().casefold(): name for name in columns}
    pairs = [(name, plain[name.casefold()]) for name in names if name.casefold() in plain]
    return f"write {listed([f'{name!r} instead of {given!r}' for name, given in pairs])}" if pairs else ""


def current_columns(key: str, table: StoredTable | None) -> list[str]:
    """Return the columns of the current table of a parameter that a new table must have."""
    return table.columns if table is not None and key.rpartition(".")[2] not in _COMPLETED else []


def download_current(context: Context, study: int, info: ParameterInfo) -> StoredTable | None:
    """Download the current table of a parameter. Notify the user if that fails, because undo is impossible then."""
    current = download_table(context, study, info.name)
    has_value = not info.empty if info.parameter is None else has_tables(info.parameter.value)
    if current is None and has_value:
        context.notify(f"the server cannot download the current value of {info.name}: this change cannot be undone")
    return current


def known_columns(
    info: ParameterInfo, current: StoredTable | None, last_sent: SentTable | None, kind: str
) -> dict[str, KnownColumn]:
    """Return the known facts of the columns of a parameter, from its table format, current table and journal."""
    known = upload.known_of(current, info.cached.columns if info.cached else None, kind)
    if last_sent is None:
        return known
    types = (
        last_sent.types
        if kind != layout.ONE
        else dict(zip(layout.VALUE_HEADER, last_sent.types.values(), strict=False))
    )
    return with_types(known, types)


def last_sent_table(journal: Journal, name: str, current: StoredTable | None) -> SentTable | None:
    """Return the file that this computer sent for the current table, or ``None`` if it did not send the table."""
    last: RecordedValue | None = last_change(journal.entries(), name)
    if last is None or current is None or last.new_table != current.sha256 or last.new_sent is None:
        return None
    path = journal.table(last.new_sent)
    return SentTable(path, last.new_sent, last.new_types or {}) if path is not None else None


def _as_sent(download: Path, last_sent: SentTable) -> Encoded:
    """Return a table as this computer sent it before. The download after it is expected to be the same again."""
    # The first row is the header.
    count = sum(1 for _ in rows.server_rows(download)) - 1
    return Encoded(
        last_sent.sent,
        last_sent.sha256,
        download,
        digest_of(download),
        count,
        dict(last_sent.types),
        doubtful=True,
        encoded=True,
    )


def _is_unchanged(
    table: Encoded, path: Path, current: StoredTable | None, last_sent: SentTable | None, info: ParameterInfo
) -> bool:
    """Return whether the current table certainly is the same, types included."""
    if current is None:
        return False
    # The same file was sent before, so types are the same, too.
    if last_sent is not None and last_sent.sha256 == table.sent_sha256:
        return match.match(table, current, info.type).same
    if last_sent is not None and (last_sent.types != table.types or not _HIDDEN_TYPES.isdisjoint(table.types.values())):
        return False
    if table.doubtful and last_sent is None:
        return False  # the study may have numbers that look like these texts
    own_download = not _HIDDEN_TYPES.isdisjoint(table.types.values()) and digest_of(path) == current.sha256
    return own_download or match.shows(table, current, info.type)


def _other_columns(info: ParameterInfo, table: Encoded, current: StoredTable | None, called: str) -> list[str]:
    """Return a note on columns that only one of the two tables has."""
    if current is None or info.type != "dataframe":
        return []
    before = dict.fromkeys(current.columns)
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
    """Return whether a dict contains tables or arrays, now or after the assignment."""
    if info.holds_tables or holds_arrays(info):
        return True
    return assignment.exact and (assignment.last_sent is not None or _has_tables(assignment.file, info))


def _has_tables(file: Path | None, info: ParameterInfo) -> bool:
    if file is None:
        return False
    # A plain dict has only this header.
    header = next(rows.server_rows(file), [])
    return header != layout.DICT_HEADER or has_tables(downloads.value_of(file.read_bytes(), info.type or "dict"))


def _columns(names: Sequence[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {_listed(names)}"


def _listed(names: Collection[str]) -> str:
    return listed(list(map(shortened, names)))
