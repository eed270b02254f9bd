"""Taking changes back: which entries of the journal, and whether the study still holds what they left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import UNTOLD, has_tables
from sostrades_cli.errors import Conflict, NothingToUndo, Refused, UsageError
from sostrades_cli.local.journal import DONE, IN_DOUBT, NOT_MADE, RESTORED
from sostrades_cli.operations.history.recorder import UNDO, journal_of
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.param.plan import Plan, make_plan
from sostrades_cli.operations.param.refusals import Refusals
from sostrades_cli.operations.study.load import load_live
from sostrades_cli.operations.tables.equality import contains, equal
from sostrades_cli.output.text import brief, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.local.journal import Change, Journal, JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import ValueChange
    from sostrades_cli.operations.tables.table_change import FileChange


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The plan that takes changes back, the numbers of the entries, and what else those changed."""

    plan: Plan
    entries: tuple[int, ...]
    effects: tuple[Change, ...] = ()


def plan_undo(context: Context, study: int, to: int | None, *, force: bool, dry_run: bool) -> UndoPlan:
    """Plan to take back the last change that is not taken back yet, or all from entry ``to`` on.

    ``force`` overwrites what someone else put there since, leaves out what was not kept, and allows it during a run;
    the plan of a ``dry_run`` has what would be refused.

    Raises
    ------
    UsageError
        There is no such entry, or nothing to undo.
    Conflict
        The study holds neither what the change left nor what it replaced.

    """
    kept = journal_of(context, study)
    everything = kept.entries()
    entries = [entry for entry in everything if entry.outcome not in {NOT_MADE, RESTORED}]
    chosen = [_last(entries, study)] if to is None else _from(entries, to, study)
    first = {change.key: change for entry in reversed(chosen) for change in entry.changes}
    assignments = assignments_to_restore(context, kept, first.values(), study, leave_out=force)
    # An undo of what had never arrived has an entry, and nothing to put back.
    plan = make_plan(context, study, assignments, force=force, dry_run=dry_run) if assignments else Plan(study, (), ())
    conflicts = _conflicts(plan, chosen, everything)
    refusals = Refusals(dry_run=dry_run, errors=list(plan.refusals))
    if conflicts and not force:
        with refusals.collected():
            raise Conflict(
                f"study {study} was changed since",
                detail="\n".join(conflicts),
                hint="--force puts back the old values all the same",
                study=study,
            )
    effects = {change.key: change for entry in reversed(chosen) for change in entry.effects if change.key not in first}
    plan = replace(plan, refusals=tuple(refusals.errors))
    return UndoPlan(plan, tuple(entry.entry for entry in chosen), tuple(effects.values()))


def plan_effects(context: Context, study: int, effects: Sequence[Change]) -> Plan:
    """Plan to restore what a change took away or changed besides, as far as the study has the parameters again."""
    present = load_live(context, study).parameters
    kept = journal_of(context, study)
    wanted = [change for change in effects if change.key in present and is_kept(kept, change)]
    if not wanted:
        return Plan(study, (), ())
    return make_plan(context, study, assignments_to_restore(context, kept, wanted, study), force=True)


def is_kept(kept: Journal, change: Change) -> bool:
    """Return whether what a parameter held before is in the journal: of a table, its file."""
    if change.old_table is None:
        return not has_tables(change.old)
    return kept.table(change.old_table) is not None


def unrestored(context: Context, study: int, effects: Sequence[Change]) -> Refused | None:
    """Return the error for what an undo could not restore; ``None`` where the study holds all of it again."""
    if not effects:
        return None
    plan = plan_effects(context, study, effects)
    reached = {c.info.name for c in plan.values} | {c.info.name for c in plan.files}
    reached -= set(plan.effective)
    lost = [change.key for change in effects if change.key not in reached]
    if not lost:
        return None
    return Refused(
        f"the change was undone, but {counted(len(lost), 'parameter')} of study {study} that it took away could not "
        "be restored",
        detail="\n".join(lost),
        hint=f"sostrades param set {study} {lost[0]}=VALUE",
        study=study,
    )


def _last(entries: Sequence[JournalEntry], study: int) -> JournalEntry:
    """Return the last entry that is neither an undo nor taken back."""
    active = _active(entries)
    candidates = [entry for entry in entries if entry.entry in active and entry.command != UNDO]
    if not candidates:
        why = "every change made from here is taken back" if entries else "no change was made from here"
        raise NothingToUndo(
            f"there is nothing to undo in study {study}: {why}",
            hint=f"sostrades param history {study}; the web page's own changes are not known here",
            study=study,
        )
    return candidates[-1]


def _active(entries: Sequence[JournalEntry]) -> set[int]:
    """Return the entries that count: to take an undo back is to make again what it took back, and so on.

    An undo that is not known to have been made has taken nothing back.
    """
    active: set[int] = set()
    effects: dict[int, tuple[set[int], set[int]]] = {}
    for entry in entries:
        if entry.outcome == DONE and entry.undoes:
            before = set(active)
            for number in sorted(entry.undoes, reverse=True):
                ended, revived = effects.get(number, (set(), set()))
                active = (active | ended) - revived - {number}
            active -= set(entry.undoes)
            effects[entry.entry] = (before - active, active - before)
        active.add(entry.entry)
    return active


def _from(entries: Sequence[JournalEntry], to: int, study: int) -> list[JournalEntry]:
    chosen = [entry for entry in entries if entry.entry >= to]
    if not chosen or chosen[0].entry != to:
        raise UsageError(
            f"there is no entry {to} of study {study} to go back to",
            hint=f"sostrades param history {study}",
            study=study,
        )
    return chosen


def _left(chosen: Sequence[JournalEntry], key: str) -> list[Change]:
    """Return what the study can hold after the entries: what the last one left, or replaced if it was cut off.

    Nothing is returned where it can hold anything.
    """
    found: list[Change] = []
    for entry in reversed(chosen):
        for change in entry.changes:
            if change.key != key:
                continue
            if change.any_new or entry.outcome == IN_DOUBT:
                return []
            found.append(change)
            if entry.outcome == DONE:
                return found
    return found


def _conflicts(plan: Plan, chosen: Sequence[JournalEntry], everything: Sequence[JournalEntry]) -> list[str]:
    """Return a line for each parameter that holds what the chosen entries have not left."""
    values = [
        f"{text}: {_whose(change, everything)}"
        for change in plan.sent_values
        if (text := _foreign(change, _left(chosen, change.info.name)))
    ]
    tables = [text for file in plan.sent_files if (text := _foreign_table(file, _left(chosen, file.info.name)))]
    return values + tables


def _foreign(change: ValueChange, left: Sequence[Change]) -> str | None:
    """Say what is held where it is nothing that the changes left."""
    if change.info.is_start_value:
        return None  # every run replaces it, which is nobody's change
    held = change.held.sha256 if change.held else None
    # The server may have added defaults to what was sent.
    ours = any(contains(change.old, one.new) or (held is not None and held == one.new_table) for one in left)
    if not left or ours or change.old is UNTOLD:
        return None
    return f"{change.info.name} holds {brief(change.old)}, the change left {brief(left[0].new)}"


def _whose(change: ValueChange, entries: Sequence[JournalEntry]) -> str:
    """Say who set what is held: a change from here may have arrived after it was given up."""
    sent = [
        entry.entry
        for entry in entries
        for one in entry.changes
        if entry.outcome == NOT_MADE and one.key == change.info.name and equal(change.old, one.new)
    ]
    return f"entry {sent[-1]} of the history, which came late" if sent else "not set from here"


def _foreign_table(change: FileChange, left: Sequence[Change]) -> str | None:
    held = change.held.sha256 if change.held else None
    if change.info.is_start_value or any(one.new_table is None or held == one.new_table for one in left) or not left:
        return None
    return f"{change.info.name} holds another table than the one that the change left: not set from here"
