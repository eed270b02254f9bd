"""Record each change in the journal: what it replaces is on disk before anything is sent."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import DICT_TYPES, TABLE, UNTOLD, has_tables
from sostrades_cli.clock import RFC3339
from sostrades_cli.errors import NotVerified, Refused, SostradesError, UsageError, WriteFailed
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, NOT_MADE, Change, Journal
from sostrades_cli.operations.case_commands import CaseCommand, case_command
from sostrades_cli.operations.param.send import Verified
from sostrades_cli.operations.param.side_effects import seen_effects, tables_at_risk
from sostrades_cli.operations.study_locks import change_lock, sweeping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.journal import JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.param.side_effects import SideEffects
    from sostrades_cli.operations.tables.kept_table import KeptTable
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.table_change import FileChange


UNDO: Final = "undo"


@dataclass(slots=True)
class RecordedChange:
    """A change that is being sent; the caller sets ``verified``."""

    verified: Verified = field(default_factory=Verified)


@contextlib.contextmanager
def recorded(
    context: Context, plan: Plan, command: str, undoes: Collection[int] = (), message: str | None = None
) -> Iterator[RecordedChange]:
    """Write an entry with what a plan replaces, let the caller send the plan, then write the outcome and side effects.

    ``message`` is the user's own text for the entry. An entry without an outcome is one whose process was stopped on
    the way.

    Raises
    ------
    UsageError
        The journal cannot be written; nothing was sent.

    """
    journal, saved = journal_of(context, plan.study), tables_at_risk(context, plan)
    changes = [*map(_file_change, plan.sent_files), *map(_value_change, plan.sent_values)]
    tables = itertools.chain(_tables(plan), ((table.sha256, table.path) for table in saved.values()))
    number = journal.begin(command, changes, tables, stamp(context), undoes, message)
    change = RecordedChange()
    try:
        yield change
    except SostradesError as error:
        outcome = IN_DOUBT if error.in_doubt else NOT_MADE
        # A change that was made in part can have side effects, too. After any other error the study is unchanged, or
        # cannot be read.
        effects = _effects(context, plan, saved, None, command) if isinstance(error, NotVerified) else []
        end_entry(context, journal, number, outcome, detail=error.message, effects=effects)
        raise
    effects = _effects(context, plan, saved, change.verified.shown, command)
    end_entry(context, journal, number, DONE, tables=change.verified.tables, effects=effects)


def journal_of(context: Context, study: int) -> Journal:
    """Return the journal of a study."""
    return Journal(context.state, context.api.session.host, study)


def alone(context: Context, *studies: int) -> AbstractContextManager[None]:
    """Keep other changes from this machine away from studies."""
    return change_lock(context.state, context.api.session.host, studies, context.still_waiting, context.waiting)


def stamp(context: Context) -> str:
    """Return the current time in UTC, RFC 3339."""
    return context.clock.now().strftime(RFC3339)


def pending_sweep(entries: Sequence[JournalEntry]) -> JournalEntry | None:
    """Return the entry of a sweep, a search, an evaluation or a trial whose values the study still has."""
    # An undo of the sweep's entry has restored its baseline.
    undone = {number for entry in entries for number in entry.undoes}
    pending = [e for e in entries if case_command(e.command) and e.outcome == BEGUN and e.entry not in undone]
    return pending[-1] if pending else None


def require_no_sweep(context: Context, study: int) -> None:
    """Reject a study that a sweep is using, or whose values an unfinished sweep has left.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    require_not_swept(context, study)
    require_finished_sweep(context, study)


def require_finished_sweep(context: Context, study: int, undoes: Collection[int] = ()) -> None:
    """Reject a study with the values of an unfinished sweep, unless ``undoes`` contains its entry.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    pending = pending_sweep(journal_of(context, study).entries())
    if pending is not None and pending.entry not in undoes:
        command = CaseCommand(pending.command)
        resume = f", or continue the {command.noun} with --resume" if command.is_resumable else ""
        raise Refused(
            f"{command.with_article} of study {study} was interrupted, so the study has {command.left_values}",
            hint=f"restore the original values with `sostrades param undo {study} --to {pending.entry}`{resume}",
            study=study,
        )


def require_not_swept(context: Context, study: int) -> None:
    """Reject a study that a process of this machine is sweeping.

    Raises
    ------
    Refused
        The values of the study are those of a case.

    """
    process = sweeping(context.state, context.api.session.host, study)
    if process is not None:
        command = process.command
        stop = "" if process.is_this_process else ", or stop it with Ctrl-C, which restores the original values"
        raise Refused(
            f"{command.with_article} of study {study} is running, so the study has {command.left_values}",
            detail=f"the {command.noun} runs in {process}",
            hint=f"wait until the {command.noun} ends{stop}",
            study=study,
        )


def end_entry(context: Context, journal: Journal, number: int, outcome: str, **facts: Any) -> None:  # noqa: ANN401 - passed on
    """Write the outcome; if the journal cannot be written, only notify, because the change itself is over."""
    try:
        journal.end(number, outcome, **facts)
    except (WriteFailed, UsageError) as error:
        context.notify(f"the result of entry {number} is not in the history: {error.message}")


def _effects(
    context: Context,
    plan: Plan,
    saved: Mapping[str, StoredTable],
    shown: Mapping[str, Parameter] | None,
    command: str,
) -> list[Change]:
    """Report the side effects of a change, and return them with the values that they replaced."""
    effects = seen_effects(context, plan, saved, shown)
    _notify_effects(context, plan.study, effects, command)
    journal = journal_of(context, plan.study)
    removed = [_side_effect(old, None, saved, journal) for old in effects.lost]
    return removed + [_side_effect(old, new.value, saved, journal) for old, new in effects.changed]


def _notify_effects(context: Context, study: int, effects: SideEffects, command: str) -> None:
    for line in effects.lines:
        context.notify(line)
    # Only the journal still has the values of a parameter that is gone. An undo restores them in its next round.
    if effects.lost and command != UNDO:
        context.notify(f"to restore their values: `sostrades param undo {study}`")
    elif effects.changed and command != UNDO:
        context.notify(
            f"these were not set from this computer. If the server has reset them: `sostrades param undo {study}`"
        )


def _side_effect(old: Parameter, new: Json, saved: Mapping[str, StoredTable], journal: Journal) -> Change:
    change = Change(old.name, old.type, old.unit, old.value, new)
    if (table := saved.get(old.name)) is None:
        return change
    from sostrades_cli.operations.tables.table_change import kept_table  # noqa: PLC0415 - start-up: only for tables

    return replace(change, old_table=table.sha256, **_kept(kept_table(journal, old.name, table)))


def _tables(plan: Plan) -> Iterator[tuple[str, Path]]:
    """Yield the tables that an undo of this plan, and an undo of that undo, would send."""
    # Both directions: an undo can itself be undone.
    for held in (*(c.held for c in plan.sent_files), *(c.held for c in plan.sent_values)):
        if held is not None:
            yield held.sha256, held.path
    for change in plan.sent_files:
        yield change.table.sent_sha256, change.table.sent


def _file_change(change: FileChange) -> Change:
    info, table = change.info, change.table
    new: dict[str, Any] = {
        "new": _shown_value(change),
        "new_sent": table.sent_sha256,
        "new_types": table.types,
        "difference": change.difference,
    }
    # JSON in place of a table is a mistake of an earlier change, which an undo must restore all the same.
    current = info.parameter.value if info.parameter is not None else None
    if current is not None and not has_tables(current):
        # JSON stands in the place of a table, and its download would be a table.
        return Change(info.name, info.type, info.unit, current, **new)
    digest = change.held.sha256 if change.held else None
    old = TABLE if digest is not None or current is not None else None
    return Change(info.name, info.type, info.unit, old, old_table=digest, **new, **_kept(change.kept))


def _shown_value(change: FileChange) -> object:
    """Return the value that a load shows of a table: a dict without arrays is shown itself."""
    from sostrades_cli.operations.tables.downloads import value_of  # noqa: PLC0415 - start-up: only for tables
    from sostrades_cli.operations.tables.layout import DICT_HEADER  # noqa: PLC0415

    # A dict of plain values is shown in a load, so the undo can compare and send it as JSON.
    if change.info.type not in DICT_TYPES or tuple(change.table.types) != tuple(DICT_HEADER):
        return TABLE
    value = value_of(change.table.expected.read_bytes(), change.info.type)
    return TABLE if has_tables(value) else value


def _value_change(change: ValueChange) -> Change:
    info, unknown = change.info, change.new is UNTOLD
    digest = change.held.sha256 if change.held else None
    new = None if unknown else change.new
    return Change(info.name, info.type, info.unit, change.old, new, digest, any_new=unknown, **_kept(change.kept))


def _kept(kept: KeptTable | None) -> dict[str, Any]:
    return {"old_sent": kept.sha256, "old_types": dict(kept.types)} if kept is not None else {}
