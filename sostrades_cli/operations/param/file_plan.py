"""Plan changes by files: tables, arrays, and the JSON of lists and dicts.

Most changes are single values, and this module imports all that reads and writes tables. It is imported on demand.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import has_tables
from sostrades_cli.files.digests import digest_of
from sostrades_cli.operations.param import coercion, validation
from sostrades_cli.operations.param.metadata import present_value
from sostrades_cli.operations.tables import downloads, json_values, layout, table_file
from sostrades_cli.operations.tables.file_types import is_workbook
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.sent_tables import last_change
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.operations.tables.table_change import FileChange, holds_arrays, is_keyed_table, plan_table

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.errors import UsageError
    from sostrades_cli.local.journal import Journal
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.metadata import ParameterInfo


# Checking a file of this size, in bytes, takes some seconds.
LARGE: Final = 5_000_000


class FileValue(NamedTuple):
    """The value in a file that is sent as JSON; ``notes`` and ``unlike`` are those of ``ValueChange``."""

    value: Json
    notes: tuple[str, ...] = ()
    unlike: UsageError | None = None


def plan_file(
    context: Context, study: int, assignment: Assignment, file: Path, info: ParameterInfo, journal: Journal
) -> FileValue | FileChange:
    """Plan to set a parameter to the content of a file.

    Raises
    ------
    UsageError
        The parameter takes no file, or the server would not hold its content.

    """
    label = assignment.label or str(file)
    with contextlib.suppress(OSError):  # an unreadable file has an error of its own
        if file.stat().st_size > LARGE:
            context.still_waiting(f"checking {label} ({file.stat().st_size / 1e6:.0f} MB)")
    with context.waiting(f"Checking {label}"):
        planned = _planned(context, study, assignment, file, info, journal)
        if isinstance(planned, FileChange) and not planned.needless:
            # Compared here, while the wait is shown. The history and the result need it in any case.
            _ = planned.difference
        return planned


def _planned(
    context: Context, study: int, assignment: Assignment, file: Path, info: ParameterInfo, journal: Journal
) -> FileValue | FileChange:
    if is_workbook(file):
        label, copy = str(file), table_file.as_csv(file, context.temp_folder.path, info.name)
        planned = _planned(
            context, study, replace(assignment, file=copy, label=label, is_copy=True), copy, info, journal
        )
        if isinstance(planned, FileChange):
            return planned
        return planned._replace(value=json_values.with_floats(planned.value, present_value(info, [], journal)))
    if not assignment.exact:
        validation.require_known_type(info)
    kind = validation.file_kind(info)
    keyed = kind == layout.KEYED and (
        is_keyed_table(assignment, info)
        # JSON would turn whole numbers into texts.
        or (_has_integer_keys(file, info, journal) and context.api.parameters.takes_files(study))
    )
    if kind == layout.ANY or info.type == "array" or keyed:
        return plan_table(context, study, assignment, info, kind, journal)
    return _from_file(context, study, assignment, file, info, kind, journal)


def _from_file(
    context: Context,
    study: int,
    assignment: Assignment,
    file: Path,
    info: ParameterInfo,
    kind: str,
    journal: Journal,
) -> FileValue:
    """Read the file of a list or a dict, which goes as JSON: that is exact, and most servers cannot take files."""
    current = download_table(context, study, info.name)
    if current is not None and digest_of(file) == current.sha256:
        # The cells of an unchanged download do not tell "1" from 1.
        same = present_value(info, [] if kind == layout.ONE else {}, journal)
        if not has_tables(same):
            return FileValue(same)
    # An undo restores a download, which is in the notation of the server.
    if assignment.notation is Notation.DOWNLOAD:
        old = downloads.value_of(file.read_bytes(), info.type or ("dict" if kind == layout.KEYED else "list"))
        return FileValue(old)
    label = assignment.called(file, info.name)
    old = present_value(info, [], journal)
    new, notes = json_values.from_file(file, label, info.name, kind, old)
    for note in notes:
        context.notify(f"{info.name}: {note}")
    validation.validate_limits(new, info)
    unlike = json_values.empty_in_place_of(old, new, label, info.name)
    return FileValue(new, notes, unlike)


def _has_integer_keys(file: Path, info: ParameterInfo, journal: Journal) -> bool:
    """Return whether the keys in a file are whole numbers, and are not texts that were sent from here as JSON."""
    last = last_change(journal.entries(), info.name)
    texts = last is not None and last.new_sent is None and isinstance(last.new, dict)
    return not texts and json_values.has_integer_keys(file)


def plan_arrays(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> FileChange | None:
    """Plan to set a dict of arrays, which takes files only; ``None`` if the parameter holds no arrays."""
    if not holds_arrays(info):
        return None
    value = coercion.parse(assignment.text, "dict", info.name) if assignment.is_text else assignment.value
    if not isinstance(value, dict):
        return None
    file = json_values.write_arrays(value, info.name, context.temp_folder.path())
    sent = replace(assignment, file=file, label="the value", notation=Notation.TYPED)
    # A typed value is meant, even if it is empty.
    return replace(plan_table(context, study, sent, info, layout.KEYED, journal), unlike=None)
