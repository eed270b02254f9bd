"""The baseline of a sweep: the original values, recorded before the first case and restored at the end."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import TABLE, UNTOLD
from sostrades_cli.errors import Refused, SostradesError
from sostrades_cli.local.journal import NOT_MADE, RESTORED, Change, JournalEntry
from sostrades_cli.operations.case_commands import CaseCommand, case_command
from sostrades_cli.operations.changes import set_unrecorded
from sostrades_cli.operations.history.recorder import (
    end_entry,
    journal_of,
    pending_sweep,
    require_finished_sweep,
    stamp,
)
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.param.outputs import from_cache
from sostrades_cli.operations.study.snapshot.capture import ListedParameters, take, temporary_paths
from sostrades_cli.operations.study.snapshot.model import UNAVAILABLE
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry


@dataclass(frozen=True, slots=True)
class Baseline:
    """The original values of a study. ``entry`` is their journal entry, ``None`` until it is written."""

    entry: int | None
    changes: tuple[Change, ...]
    tables: tuple[tuple[str, Path], ...] = ()


def read_baseline(context: Context, listed: ListedParameters, keys: Sequence[str], earlier: int | None) -> Baseline:
    """Return the original values of a study.

    ``earlier`` is the journal entry of the interrupted sweep that is resumed. It counts until its values are restored.

    Raises
    ------
    Refused
        The server cannot show a value, the study still holds values of another sweep, or its original values have
        changed since the sweep was interrupted.

    """
    journal = journal_of(context, listed.study)
    entries = {entry.entry: entry for entry in journal.entries()}
    before = entries.get(earlier) if earlier is not None else None
    if before is not None and pending_sweep(list(entries.values())) == before:
        _require_unchanged(before, entries.values(), listed.study)
        return Baseline(before.entry, before.changes)
    require_finished_sweep(context, listed.study)
    swept = _swept(context, listed, {full_key(listed.name, key) for key in keys})
    items = take(context, swept, path_of=temporary_paths(context, swept)).items
    _validate_readable(items.values(), listed.study)
    changes = tuple(_change(full_key(listed.name, key), item) for key, item in items.items())
    if before is not None and before.changes != changes:
        raise Refused(
            f"swept parameters of study {listed.study} were changed after the sweep was interrupted",
            hint="add --overwrite to start anew with the present values",
            study=listed.study,
        )
    return Baseline(None, changes, tuple((i.table.sha256, i.table.path) for i in items.values() if i.table is not None))


def _swept(context: Context, listed: ListedParameters, names: AbstractSet[str]) -> ListedParameters:
    """Return the swept parameters of a study."""
    shown = {name: parameter for name, parameter in listed.parameters.items() if name in names}
    # The server also accepts changes of inputs that it does not show in a load.
    cached = context.cache.parameters_of(listed.study)
    unshown = {name: from_cache(name, cached[name]) for name in sorted(names - shown.keys()) if name in cached}
    return ListedParameters(
        listed.study, listed.name, {**shown, **unshown}, frozenset(), listed.valued, unshown=frozenset(unshown)
    )


@contextlib.contextmanager
def recorded_baselines(
    context: Context, baselines: Mapping[int, Baseline], command: CaseCommand
) -> Iterator[dict[int, Baseline]]:
    """Record the original values of studies in their journals, before the first change by ``command``.

    If the sweep cannot start, for example because the disk is full, the new entries are closed. An open one would block
    the study until an undo.
    """
    recorded: dict[int, Baseline] = {}
    try:
        for study, baseline in baselines.items():
            recorded[study] = _record(context, study, baseline, command)
        yield recorded
    except SostradesError as error:
        for study, baseline in recorded.items():
            if baseline.entry is not None and baselines[study].entry is None:
                end_entry(context, journal_of(context, study), baseline.entry, NOT_MADE, detail=error.message)
        raise


def _record(context: Context, study: int, baseline: Baseline, command: CaseCommand) -> Baseline:
    if baseline.entry is not None:
        return baseline
    entry = journal_of(context, study).begin(command, baseline.changes, baseline.tables, stamp(context))
    return replace(baseline, entry=entry)


def restore_baseline(context: Context, study: int, baseline: Baseline) -> bool:
    """Restore and verify the original values, and record it in the journal. Return whether a value changed.

    Raises
    ------
    SostradesError
        A value could not be restored.

    """
    journal = journal_of(context, study)
    assignments = assignments_to_restore(context, journal, baseline.changes, study)
    # Forced, because an interrupted sweep may have left a run behind.
    is_changed = set_unrecorded(context, study, assignments, force=True)
    if baseline.entry is not None:
        journal.end(baseline.entry, RESTORED)
    return is_changed


def interrupted_baseline(context: Context, study: int, number: int) -> Baseline | None:
    """Return the original values if the sweep with this journal entry was interrupted before it restored them."""
    entry = _interrupted(context, study, number)
    return None if entry is None else Baseline(entry.entry, entry.changes)


def _interrupted(context: Context, study: int, number: int) -> JournalEntry | None:
    entry = pending_sweep(journal_of(context, study).entries())
    return entry if entry is not None and entry.entry == number else None


def restore_interrupted(context: Context, study: int, number: int) -> None:
    """Restore the original values if the sweep with this journal entry was interrupted before it did so."""
    entry = _interrupted(context, study, number)
    if entry is not None:
        restore_baseline(context, study, Baseline(entry.entry, entry.changes))
        command = CaseCommand(entry.command).noun
        context.notify(f"restored the original values of study {study} after an interrupted {command}")


def restore_interrupted_trial(context: Context, study: int) -> None:
    """Restore the original values of an evaluation or a trial whose process was killed.

    The caller holds the lock of the study, so that process is gone. Nobody continues a trial, so its values are not
    needed.

    Raises
    ------
    Refused
        The study has the values of a sweep, or the user has set other values since.

    """
    entries = journal_of(context, study).entries()
    pending = pending_sweep(entries)
    if pending is not None and not CaseCommand(pending.command).is_resumable:
        _require_unchanged(pending, entries, study)
        restore_interrupted(context, study, pending.entry)
    require_finished_sweep(context, study)


def _require_unchanged(before: JournalEntry, entries: Iterable[JournalEntry], study: int) -> None:
    """Reject an interrupted command if the user has set one of its parameters since."""
    swept = {change.key for change in before.changes}
    # Other sweeps restore the values that they change.
    later = [e for e in entries if e.entry > before.entry and e.outcome != NOT_MADE and not case_command(e.command)]
    if any(change.key in swept for entry in later for change in entry.changes):
        command = CaseCommand(before.command)
        raise Refused(
            f"values of study {study} were changed on this computer after an interrupted {command.noun}",
            detail=f"the last change is entry {later[-1].entry} of `sostrades param history {study}`",
            hint=f"`sostrades param undo {study} --to {before.entry}` restores the values from before it",
            study=study,
        )


def _validate_readable(items: Iterable[SnapshotEntry], study: int) -> None:
    unreadable = next((item for item in items if item.state == UNAVAILABLE), None)
    if unreadable is not None:
        raise Refused(
            f"cannot sweep {unreadable.key}: the server cannot show its value, so it could not be restored",
            detail=unreadable.reason,
            hint=f"remove the column {unreadable.key} from the cases",
            study=study,
        )


def _change(name: str, item: SnapshotEntry) -> Change:
    table = item.table.sha256 if item.table is not None else None
    # A load shows nan as null. No request can write nan, but null restores it if it is the declared default.
    nothing = item.value is UNTOLD or (isinstance(item.value, float) and not math.isfinite(item.value))
    old = TABLE if table else None if nothing else item.value
    return Change(
        name, item.type, item.unit, old, None, table, any_new=True
    )  # one entry covers the values of all cases
