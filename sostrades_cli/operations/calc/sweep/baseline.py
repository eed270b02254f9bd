"""The values of the swept parameters before a sweep: recorded in the journal, restored at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import TABLE, UNTOLD
from sostrades_cli.errors import Refused
from sostrades_cli.local.journal import NOT_MADE, RESTORED, Change, JournalEntry
from sostrades_cli.operations.changes import set_unrecorded
from sostrades_cli.operations.history.recorder import SWEEP, journal_of, pending_sweep, require_finished_sweep, stamp
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.study.snapshot.capture import ListedParameters, scratch_names, take
from sostrades_cli.operations.study.snapshot.model import UNAVAILABLE
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry


@dataclass(frozen=True, slots=True)
class Baseline:
    """The original values of a study: the changes of its journal's ``entry``, which is ``None`` until it is written."""

    entry: int | None
    changes: tuple[Change, ...]
    tables: tuple[tuple[str, Path], ...] = ()


def own_values(context: Context, listed: ListedParameters, keys: Sequence[str], earlier: int | None) -> Baseline:
    """Return the original values of a study.

    ``earlier`` is the entry of the interrupted sweep that this one resumes: its values count until they are restored.

    Raises
    ------
    Refused
        The server cannot show a value; or the study still holds values of another sweep, or its original values have
        changed since this sweep began.

    """
    kept = journal_of(context, listed.study)
    entries = {entry.entry: entry for entry in kept.entries()}
    before = entries.get(earlier) if earlier is not None else None
    if before is not None and pending_sweep(list(entries.values())) == before:
        _require_unchanged(before, entries.values(), listed.study)
        return Baseline(before.entry, before.changes)
    require_finished_sweep(context, listed.study)
    wanted = {full_key(listed.name, key) for key in keys}
    swept = ListedParameters(
        listed.study,
        listed.name,
        {name: p for name, p in listed.parameters.items() if name in wanted},
        frozenset(),
        listed.valued,
    )
    items = take(context, swept, place=scratch_names(context)).items
    _validate_readable(items.values(), listed.study)
    changes = tuple(_change(full_key(listed.name, key), item) for key, item in items.items())
    if before is not None and before.changes != changes:
        raise Refused(
            f"study {listed.study} has other values of its own than when the sweep began",
            hint="--overwrite starts anew",
            study=listed.study,
        )
    return Baseline(None, changes, tuple((i.table.sha256, i.table.path) for i in items.values() if i.table is not None))


def keep(context: Context, study: int, own: Baseline) -> Baseline:
    """Record the original values in the journal, before anything is changed."""
    if own.entry is not None:
        return own
    return replace(own, entry=journal_of(context, study).begin(SWEEP, own.changes, own.tables, stamp(context)))


def put_back(context: Context, study: int, own: Baseline) -> None:
    """Restore and verify the original values, and record it in the journal.

    Raises
    ------
    SostradesError
        They could not be restored.

    """
    kept = journal_of(context, study)
    wanted = assignments_to_restore(context, kept, own.changes, study)
    set_unrecorded(context, study, wanted, force=True)
    if own.entry is not None:
        kept.end(own.entry, RESTORED)


def put_back_earlier(context: Context, study: int, entry: int) -> None:
    """Restore the original values if an earlier sweep has not."""
    entries = journal_of(context, study).entries()
    for found in entries:
        if found.entry == entry and pending_sweep(entries) == found:
            put_back(context, study, Baseline(found.entry, found.changes))
            context.notify(f"study {study} has its own values again; a sweep had left those of a case")


def _require_unchanged(before: JournalEntry, entries: Iterable[JournalEntry], study: int) -> None:
    """Reject a resumed sweep if the user has set a swept parameter since the interruption."""
    swept = {change.key for change in before.changes}
    later = [e for e in entries if e.entry > before.entry and e.outcome != NOT_MADE and e.command != SWEEP]
    if any(change.key in swept for entry in later for change in entry.changes):
        raise Refused(
            f"study {study} was changed from here since the sweep was cut off (entry {later[-1].entry})",
            hint=f"sostrades param history {study}; sostrades param undo {study} --to {before.entry} puts back what it "
            "held before the sweep",
            study=study,
        )


def _validate_readable(items: Iterable[SnapshotEntry], study: int) -> None:
    lost = next((item for item in items if item.state == UNAVAILABLE), None)
    if lost is not None:
        raise Refused(
            f"{lost.key} cannot be swept: the server cannot give what it holds, so it could not be put back",
            detail=lost.reason,
            study=study,
        )


def _change(name: str, item: SnapshotEntry) -> Change:
    table = item.table.sha256 if item.table is not None else None
    # A load shows nan as null. No request can write nan, but null restores it if it is the declared default.
    nothing = item.value is UNTOLD or (isinstance(item.value, float) and not math.isfinite(item.value))
    old = TABLE if table else None if nothing else item.value
    return Change(name, item.type, item.unit, old, None, table, any_new=True)
