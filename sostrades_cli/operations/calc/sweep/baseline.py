"""Record the baseline of a sweep, which are the original values, before the first case, and restore it at the end."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.api.models import TABLE, UNKNOWN
from sostrades_cli.errors import Refused, SostradesError, UsageError, WriteFailed
from sostrades_cli.local.journal import NOT_MADE, RESTORED, JournalEntry, RecordedValue
from sostrades_cli.operations.calc.sweep.outages import set_after_outages
from sostrades_cli.operations.case_commands import CaseCommand, case_command
from sostrades_cli.operations.history.recorder import UNDO, end_entry, journal_of, stamp
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.history.undo import active_entries
from sostrades_cli.operations.param.outputs import from_cache
from sostrades_cli.operations.study.snapshot.capture import ListedParameters, take, temporary_paths
from sostrades_cli.operations.study.snapshot.model import UNAVAILABLE
from sostrades_cli.operations.study_locks import pending_sweep, require_finished_sweep
from sostrades_cli.output.text import brief
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.progress_log import EarlierBaseline
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.model import SnapshotEntry


@dataclass(frozen=True, slots=True)
class Baseline:
    """The original values of a study. ``entry`` is the number of their journal entry, ``None`` until it is written."""

    entry: int | None
    changes: tuple[RecordedValue, ...]
    tables: tuple[tuple[str, Path], ...] = ()

    @property
    def sha256(self) -> str:
        """The sha-256 of the values."""
        values = [(change.key, change.old, change.old_table) for change in self.changes]
        # A server may show a whole float as an integer.
        as_floats = json.loads(json.dumps(values), parse_int=float)
        return sha256(json.dumps(as_floats, sort_keys=True).encode()).hexdigest()


class RestoredStudy(NamedTuple):
    """A study with its original values. ``lacks_results`` says that its outputs are those of a case."""

    study: int
    lacks_results: bool


def read_baseline(
    context: Context, listed: ListedParameters, keys: Sequence[str], earlier: EarlierBaseline | None
) -> Baseline:
    """Return the original values of a study.

    ``earlier`` are those of the interrupted sweep that is resumed. As long as its values are not restored, they are the
    original values.

    Raises
    ------
    Refused
        The server cannot show a value, the study still has values of another sweep, or it may have values of a case of
        the interrupted sweep, or its original values have changed in the meantime.

    """
    journal = journal_of(context, listed.study)
    entries = journal.entries()
    before = recorded_entry(entries, earlier) if earlier is not None else None
    if before is not None and pending_sweep(entries) == before:
        _require_unchanged(before, entries, listed.study)
        return Baseline(before.entry, before.changes)
    require_finished_sweep(context, listed.study)
    swept = _swept(context, listed, {full_key(listed.name, key) for key in keys})
    items = take(context, swept, path_of=temporary_paths(context, swept)).items
    _validate_readable(items.values(), listed.study)
    changes = tuple(_change(full_key(listed.name, key), item) for key, item in items.items())
    if before is not None and before.changes != changes:
        raise _changed_since(before, changes, entries, listed.study)
    tables = tuple((item.table.sha256, item.table.path) for item in items.values() if item.table is not None)
    baseline = Baseline(None, changes, tables)
    if earlier is not None and before is None and baseline.sha256 != earlier.sha256:
        raise _unknown_originals(listed.study)
    return baseline


def _changed_since(
    before: JournalEntry, changes: Sequence[RecordedValue], entries: Iterable[JournalEntry], study: int
) -> Refused:
    """Return the error for swept parameters that were changed after an interrupted sweep."""
    earlier = {change.key: change for change in before.changes}
    changed = {change.key for change in changes if earlier.get(change.key) != change}
    lines = [
        f"{change.key}: {brief(earlier[change.key].old)} when the sweep began, now {brief(change.old)}"
        for change in changes
        if change.key in changed & earlier.keys() and change.old_table is None
    ]
    return Refused(
        f"swept parameters of study {study} were changed after the sweep was interrupted",
        detail="\n".join(lines) or None,
        hint=f"{keeping_hint(before, entries, changed)}. --overwrite starts again with the present values",
        study=study,
    )


def keeping_hint(before: JournalEntry, entries: Iterable[JournalEntry], changed: AbstractSet[str] | None = None) -> str:
    """Return how to resume a sweep after parameters were changed. ``changed`` are their names, if they are known."""
    known = list(entries)
    active = active_entries([e for e in known if e.outcome not in {NOT_MADE, RESTORED}])
    later = [e for e in known if e.entry > before.entry and e.entry in active and e.command != UNDO]
    first = next((e for e in later if changed is None or any(c.key in changed for c in e.changes)), None)
    restore = "set the earlier values again"
    if first is not None:
        restore = f"undo the change with `sostrades param undo {before.study} --to {first.entry}`"
    return f"{restore}, then run the same command: no finished case is lost"


def require_originals_to_copy(
    context: Context,
    request: SweepRequest,
    reference: ListedParameters,
    keys: Sequence[str],
    before: Mapping[int, EarlierBaseline],
) -> None:
    """Reject a study with the values of a case, if only its copies run the cases of the resumed sweep.

    Raises
    ------
    Refused
        As in ``read_baseline``. A copy made of the study would have the values of the case, too.

    """
    if request.study in before and request.study not in request.studies:
        read_baseline(context, reference, keys, before[request.study])


def recorded_entry(entries: Iterable[JournalEntry], earlier: EarlierBaseline) -> JournalEntry | None:
    """Return the entry of the original values, or ``None`` if the sweep began on another computer."""
    entry = next((entry for entry in entries if entry.entry == earlier.entry), None)
    # The same number is another entry on another computer.
    is_same = entry is not None and case_command(entry.command) is not None
    if entry is None or not is_same or earlier.sha256 not in {None, Baseline(entry.entry, entry.changes).sha256}:
        return None
    return entry


def _unknown_originals(study: int) -> Refused:
    return Refused(
        f"study {study} may have the values of a case, and its original values are not in the history of this computer",
        hint="use --resume on the computer that began the command, or set the original values before --resume. "
        "--overwrite starts again with the present values",
        study=study,
    )


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

    If the sweep cannot start, for example because the disk is full, the new entries are closed. An open entry would
    block the study until an undo.
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
    """Restore and verify the original values, and record this in the journal. Return whether a value changed.

    If the journal cannot be written, only warn, because the values are restored.

    Raises
    ------
    SostradesError
        A value could not be restored.

    """
    journal = journal_of(context, study)
    assignments = assignments_to_restore(context, journal, baseline.changes, study)
    # Forced, because a run of an interrupted sweep may still be active.
    is_changed = set_after_outages(context, study, assignments, force=True)
    if baseline.entry is not None:
        try:
            journal.end(baseline.entry, RESTORED)
        except (WriteFailed, UsageError) as error:
            # The study has its values. The open entry only blocks further changes.
            context.warn(
                f"the original values of study {study} are restored, but this is not in the history: {error.message}. "
                f"Before the next change of the study: `sostrades param undo {study} --to {baseline.entry}`"
            )
    return is_changed


def interrupted_baseline(context: Context, study: int, number: int) -> Baseline | None:
    """Return the original values of the sweep with this journal entry, or ``None`` if they were restored."""
    entry = _interrupted(context, study, number)
    return None if entry is None else Baseline(entry.entry, entry.changes)


def _interrupted(context: Context, study: int, number: int) -> JournalEntry | None:
    entry = pending_sweep(journal_of(context, study).entries())
    return entry if entry is not None and entry.entry == number else None


def restore_interrupted(context: Context, study: int, number: int) -> RestoredStudy | None:
    """Restore the original values of the sweep with this journal entry, unless they were restored before."""
    entry = _interrupted(context, study, number)
    if entry is None:
        return None
    is_changed = restore_baseline(context, study, Baseline(entry.entry, entry.changes))
    command = CaseCommand(entry.command).noun
    context.notify(f"restored the original values of study {study} after an interrupted {command}")
    return RestoredStudy(study, is_changed)


def restore_interrupted_trial(context: Context, study: int) -> None:
    """Restore the original values of an evaluation or a trial whose process was killed.

    The caller has the lock of the study, so this process no longer exists. A trial cannot be resumed, so its values are
    not needed.

    Raises
    ------
    Refused
        The study has the values of a sweep, or the user has set other values in the meantime.

    """
    entries = journal_of(context, study).entries()
    pending = pending_sweep(entries)
    if pending is not None and not CaseCommand(pending.command).is_resumable:
        _require_unchanged(pending, entries, study)
        restore_interrupted(context, study, pending.entry)
    require_finished_sweep(context, study)


def _require_unchanged(before: JournalEntry, entries: Iterable[JournalEntry], study: int) -> None:
    """Reject an interrupted command if the user has set one of its parameters in the meantime."""
    swept = {change.key for change in before.changes}
    # Entries of other sweeps are ignored, because sweeps restore the values that they change.
    later = [e for e in entries if e.entry > before.entry and e.outcome != NOT_MADE and not case_command(e.command)]
    if any(change.key in swept for entry in later for change in entry.changes):
        command = CaseCommand(before.command)
        resume = ", then run the same command: no finished case is lost" if command.is_resumable else ""
        raise Refused(
            f"values of study {study} were changed on this computer after an interrupted {command.noun}",
            detail=f"the last change is entry {later[-1].entry} of `sostrades param history {study}`",
            hint=f"restore the values from before it with `sostrades param undo {study} --to {before.entry}`{resume}",
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


def _change(name: str, item: SnapshotEntry) -> RecordedValue:
    table = item.table.sha256 if item.table is not None else None
    # A load shows nan as null. No request can write nan, but null restores it if it is the declared default.
    nothing = item.value is UNKNOWN or (isinstance(item.value, float) and not math.isfinite(item.value))
    old = TABLE if table else None if nothing else item.value
    return RecordedValue(
        name, item.type, item.unit, old, None, table, any_new=True
    )  # one entry covers the values of all cases
