"""Undo changes: choose entries of the journal, check that the study still holds their values, restore the old ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import UNKNOWN, has_tables
from sostrades_cli.errors import Conflict, NothingToUndo, Refused, UsageError
from sostrades_cli.local.journal import DONE, IN_DOUBT, NOT_MADE, RESTORED
from sostrades_cli.operations.change_report import join_reports
from sostrades_cli.operations.change_rounds import change_in_rounds
from sostrades_cli.operations.changes import carry_out, study_lock
from sostrades_cli.operations.history.recorder import UNDO, journal_of
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.param.plan import Plan, Refusals, make_plan
from sostrades_cli.operations.param.send import after
from sostrades_cli.operations.study.load import load_live
from sostrades_cli.operations.study_locks import pending_sweep
from sostrades_cli.operations.tables.equality import contains, equal
from sostrades_cli.output.text import brief, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.local.journal import Journal, JournalEntry, RecordedValue
    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import ValueChange
    from sostrades_cli.operations.tables.table_change import FileChange


def undo(context: Context, study: int, to: int | None, options: ChangeOptions) -> ChangeReport:
    """Undo the last change made from here, or all from entry ``to`` on; then restore their side effects.

    Raises
    ------
    UsageError
        There is no such entry, or nothing to undo.
    Conflict
        Somebody else changed a value since, and ``force`` is not set.

    """
    with study_lock(context, study, options):
        undoing = plan_undo(context, study, to, force=options.force, dry_run=options.dry_run)
        report = carry_out(context, undoing.plan, UNDO, options, undoing.entries)
        if options.dry_run or not undoing.effects:
            return report

        def next_plan(*, verified: bool) -> Plan:  # noqa: ARG001 - a later round may restore what this one could not
            return plan_effects(context, study, undoing.effects)

        # Parameters that the change had removed appear only after the first round.
        with after(undoing.plan.effective):
            plan = plan_effects(context, study, undoing.effects)
            if plan.effective:
                restored = change_in_rounds(context, plan, next_plan, UNDO, replace(options, confirm=None))
                report = join_reports(report, restored)
            return replace(report, failure=unrestored(context, study, undoing.effects))


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The plan of an undo, the numbers of the entries that it reverts, and their side effects."""

    plan: Plan
    entries: tuple[int, ...]
    effects: tuple[RecordedValue, ...] = ()


def plan_undo(context: Context, study: int, to: int | None, *, force: bool, dry_run: bool) -> UndoPlan:
    """Plan to revert the last active change, or all entries from ``to`` on.

    ``force`` overwrites changes of somebody else, skips values that were not kept, and allows the undo during a run.
    The plan of a ``dry_run`` has ``refusals`` instead of raising them.

    Raises
    ------
    UsageError
        There is no such entry, or nothing to undo.
    Conflict
        The study holds neither the new nor the old value of a change.

    """
    journal = journal_of(context, study)
    if (damage := journal.damage()) is not None:
        context.notify(damage)
    everything = journal.entries()
    entries = [entry for entry in everything if entry.outcome not in {NOT_MADE, RESTORED}]
    chosen = [_last(entries, everything, study)] if to is None else _from(entries, to, study)
    # The oldest record of a parameter has the value before all chosen entries, be it set or a side effect there.
    oldest = {c.key: c for entry in reversed(chosen) for c in (*entry.effects, *entry.changes)}
    changed = {change.key: oldest[change.key] for entry in reversed(chosen) for change in entry.changes}
    effects = {c.key: c for entry in chosen for c in entry.effects if c is oldest[c.key]}
    assignments = assignments_to_restore(context, journal, changed.values(), study, leave_out=force)
    # The run of an interrupted sweep's case may still be active, and its result is lost anyway.
    forced = force or chosen == [pending_sweep(everything)]
    # An undo of a change that never arrived has an entry, and nothing to restore.
    plan = make_plan(context, study, assignments, force=forced, dry_run=dry_run) if assignments else Plan(study, (), ())
    conflicts = _conflicts(plan, chosen, everything)
    refusals = Refusals(dry_run=dry_run, errors=list(plan.refusals))
    if conflicts and not force:
        with refusals.collected():
            raise Conflict(
                f"other changes were made to study {study} in the meantime",
                detail="\n".join(conflicts),
                hint="add --force to overwrite these changes with the old values",
                study=study,
            )
    plan = replace(plan, refusals=tuple(refusals.errors))
    return UndoPlan(plan, tuple(entry.entry for entry in chosen), tuple(effects.values()))


def plan_effects(context: Context, study: int, effects: Sequence[RecordedValue]) -> Plan:
    """Plan to restore the side effects of a change, as far as the study has the parameters again."""
    present = load_live(context, study).parameters
    journal = journal_of(context, study)
    restorable = [change for change in effects if change.key in present and is_kept(journal, change)]
    if not restorable:
        return Plan(study, (), ())
    return make_plan(context, study, assignments_to_restore(context, journal, restorable, study), force=True)


def is_kept(journal: Journal, change: RecordedValue) -> bool:
    """Return whether the old value of a change is in the journal; the file, if it is a table."""
    if change.old_table is None:
        return not has_tables(change.old)
    return journal.table(change.old_table) is not None


def unrestored(context: Context, study: int, effects: Sequence[RecordedValue]) -> Refused | None:
    """Return the error for side effects that were not restored, ``None`` if the study holds all old values."""
    plan = plan_effects(context, study, effects)
    reached = {c.info.name for c in plan.values} | {c.info.name for c in plan.files}
    reached -= set(plan.effective)
    lost = [change.key for change in effects if change.key not in reached]
    if not lost:
        return None
    return Refused(
        f"the change was undone, but {counted(len(lost), 'parameter')} of study {study} that it removed could not "
        "be restored",
        detail="\n".join(lost),
        hint=f"sostrades param set {study} {lost[0]}=VALUE",
        study=study,
    )


def _last(entries: Sequence[JournalEntry], everything: Sequence[JournalEntry], study: int) -> JournalEntry:
    """Return the last active entry that is not an undo."""
    active = active_entries(entries)
    # Undo goes back in time; an undo itself is reverted only by its number.
    candidates = [entry for entry in entries if entry.entry in active and entry.command != UNDO]
    if not candidates:
        why = (
            "all changes made here are already undone"
            if entries
            else "every change made on this computer is already restored, or did not arrive"
            if everything
            else "no change was made on this computer"
        )
        raise NothingToUndo(
            f"there is nothing to undo in study {study}: {why}", hint=_redo_hint(entries, active, study), study=study
        )
    return candidates[-1]


def _redo_hint(entries: Sequence[JournalEntry], active: set[int], study: int) -> str:
    """Return how to revert the last undo, or where to look if there is none."""
    history = f"`sostrades param history {study}`"
    if undone := [entry.entry for entry in entries if entry.entry in active]:
        return f"to redo the last one, `sostrades param undo {study} --to {undone[-1]}`. {history} lists all entries"
    return f"look at {history}. It does not contain changes made in the web page"


def active_entries(entries: Sequence[JournalEntry]) -> set[int]:
    """Return the numbers of the entries that are in effect: reverting an undo revives the entries that it reverted.

    An undo without the outcome ``done`` has reverted nothing.
    """
    active: set[int] = set()
    effects: dict[int, tuple[set[int], set[int]]] = {}
    for entry in entries:
        if entry.outcome == DONE and entry.undoes:
            before = set(active)
            # The newest first: an undo must be reverted before the entry that it reverted.
            for number in sorted(entry.undoes, reverse=True):
                ended, revived = effects.get(number, (set(), set()))
                active = (active | ended) - revived - {number}
            active -= set(entry.undoes)
            effects[entry.entry] = (before - active, active - before)
        active.add(entry.entry)
    return active


def _from(entries: Sequence[JournalEntry], to: int, study: int) -> list[JournalEntry]:
    chosen = [entry for entry in entries if entry.entry >= to]
    # Entries that were not made or are restored already have numbers, too, but cannot be chosen.
    if not chosen or chosen[0].entry != to:
        raise UsageError(
            f"there is no entry {to} in the history of study {study}",
            hint=f"sostrades param history {study}",
            study=study,
        )
    return chosen


def _possible_changes(chosen: Sequence[JournalEntry], key: str) -> list[RecordedValue]:
    """Return the changes of a parameter whose new value the study may hold, the newest first.

    These are the last one that was done and the unfinished ones after it; a side effect counts as well. The list is
    empty if any value is possible.
    """
    possible: list[RecordedValue] = []
    for entry in reversed(chosen):
        for change in (*entry.changes, *entry.effects):
            if change.key != key:
                continue
            if change.any_new or entry.outcome == IN_DOUBT:
                return []
            possible.append(change)
            if entry.outcome == DONE:
                return possible
    return possible


def _conflicts(plan: Plan, chosen: Sequence[JournalEntry], everything: Sequence[JournalEntry]) -> list[str]:
    """Return a line for each parameter whose present value is not from the chosen entries."""
    values = [
        f"{text}: {_origin(change, everything)}"
        for change in plan.sent_values
        if (text := _foreign_value(change, _possible_changes(chosen, change.info.name)))
    ]
    tables = [
        text for file in plan.sent_files if (text := _foreign_table(file, _possible_changes(chosen, file.info.name)))
    ]
    return values + tables


def _foreign_value(change: ValueChange, possible: Sequence[RecordedValue]) -> str | None:
    """Return a line on the present value if none of the possible changes explains it."""
    if change.info.is_start_value:
        return None  # every run replaces it
    digest = change.old_table.sha256 if change.old_table else None
    # The server may have added defaults to the value that was sent.
    ours = any(contains(change.old, sent.new) or (digest is not None and digest == sent.new_table) for sent in possible)
    if not possible or ours or change.old is UNKNOWN:
        return None
    return f"{change.info.name} is {brief(change.old)}, but the change set {brief(possible[0].new)}"


def _origin(change: ValueChange, entries: Sequence[JournalEntry]) -> str:
    """Return where a present value is from: a change from here may have arrived after it was given up."""
    sent = [
        entry.entry
        for entry in entries
        for late in entry.changes
        if entry.outcome == NOT_MADE and late.key == change.info.name and equal(change.old, late.new)
    ]
    return f"entry {sent[-1]} of the history, which arrived late" if sent else "not set on this computer"


def _foreign_table(change: FileChange, possible: Sequence[RecordedValue]) -> str | None:
    # A run replaces start values, so any value may be the tool's own.
    if change.info.is_start_value or not possible:
        return None
    digest = change.old_table.sha256 if change.old_table else None
    if any(sent.new_table is None or digest == sent.new_table for sent in possible):
        return None
    return f"{change.info.name} is another table than the change set: not set on this computer"
