"""Carrying a plan out with its entry in the journal: what is replaced is on disk before anything is sent."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import DICT_TYPES, TABLE, UNTOLD, has_tables
from sostrades_cli.errors import NotVerified, Refused, SostradesError, UsageError, WriteFailed
from sostrades_cli.local import journal
from sostrades_cli.local.journal import Change, Journal
from sostrades_cli.operations.param import send
from sostrades_cli.operations.param.side_effects import seen_effects, tables_at_risk
from sostrades_cli.operations.study_locks import change_lock, sweeping
from sostrades_cli.operations.tables.downloads import value_of
from sostrades_cli.operations.tables.layout import DICT_HEADER
from sostrades_cli.operations.tables.table_change import kept_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.local.journal import JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.tables.kept_table import KeptTable
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.table_change import FileChange


SWEEP: Final = "sweep"
UNDO: Final = "undo"


def journal_of(context: Context, study: int) -> Journal:
    """Return the journal of a study."""
    return Journal(context.state, context.api.session.host, study)


def alone(context: Context, *studies: int) -> AbstractContextManager[None]:
    """Keep other changes from this machine away from studies: a plan holds as long as nobody else's is carried out."""
    return change_lock(context.state, context.api.session.host, studies, context.notify)


def pending_sweep(entries: Sequence[JournalEntry]) -> JournalEntry | None:
    """Return the sweep that has not put back the study's own values, nor has anybody else."""
    undone = {number for entry in entries for number in entry.undoes}
    pending = [e for e in entries if e.command == SWEEP and e.outcome == journal.BEGUN and e.entry not in undone]
    return pending[-1] if pending else None


def require_no_sweep(context: Context, study: int, undoes: Collection[int] = ()) -> None:
    """Refuse a change of a study that holds the values of a sweep's case, or a run with them: they are not its own.

    Raises
    ------
    Refused
        A sweep goes on, or did not come to its end, and ``undoes`` does not take it back.

    """
    require_not_swept(context, study)
    require_finished_sweep(context, study, undoes)


def require_finished_sweep(context: Context, study: int, undoes: Collection[int] = ()) -> None:
    """Refuse a study that an earlier sweep has left with the values of a case.

    Raises
    ------
    Refused
        It has, and ``undoes`` does not take it back.

    """
    pending = pending_sweep(journal_of(context, study).entries())
    if pending is not None and pending.entry not in undoes:
        raise Refused(
            f"a sweep of study {study} did not come to its end: its values are those of a case",
            hint=f"sostrades param undo {study} --to {pending.entry} puts its own values back; or the same sweep with "
            "--resume finishes it",
            study=study,
        )


def require_not_swept(context: Context, study: int) -> None:
    """Refuse a change of a study, or a run of it, while a process of this machine sweeps it.

    Raises
    ------
    Refused
        One does.

    """
    process = sweeping(context.state, context.api.session.host, study)
    if process is not None:
        raise Refused(
            f"a sweep of study {study} goes on: its values are those of a case",
            detail=f"{process} sweeps it",
            hint="wait for its end; or Ctrl-C ends it, and puts the study's own values back",
            study=study,
        )


def carry_out(context: Context, plan: Plan, command: str, undoes: Collection[int] = (), *, force: bool = False) -> None:
    """Send a plan, verified, as an entry of the study's journal.

    Nothing to send is no entry, unless it takes back what has never arrived.

    Raises
    ------
    UsageError
        The journal cannot be written; nothing was sent.
    SostradesError
        As ``setting.apply`` raises it.

    """
    if not plan.effective and not undoes:
        return
    if not force:
        require_no_sweep(context, plan.study, undoes)
    changes = [*map(_file_change, plan.sent_files), *map(_value_change, plan.sent_values)]
    kept, saved = journal_of(context, plan.study), tables_at_risk(context, plan)
    tables = itertools.chain(_tables(plan), ((held.sha256, held.path) for held in saved.values()))
    number = kept.begin(command, changes, tables, stamp(context), undoes)
    try:
        arrived = send.apply(context, plan)
    except SostradesError as error:
        outcome = journal.IN_DOUBT if error.in_doubt else journal.NOT_MADE
        # After any other error the study is as before, or cannot be read.
        effects = _effects(context, plan, saved, command) if isinstance(error, NotVerified) else []
        _end(context, kept, number, outcome, detail=error.message, effects=effects)
        raise
    _end(context, kept, number, journal.DONE, tables=arrived, effects=_effects(context, plan, saved, command))


def _effects(context: Context, plan: Plan, saved: Mapping[str, StoredTable], command: str) -> list[Change]:
    """Report what else a change did to the study, and return it with what it replaced."""
    effects = seen_effects(context, plan, saved)
    for line in effects.lines:
        context.notify(line)
    # An undo goes on to restore them by itself.
    if effects.lost and command != UNDO:
        context.notify(f"to restore their values: sostrades param undo {plan.study}")
    elif effects.changed and command != UNDO:
        context.notify(
            f"nobody set these from here: if the server has reset them, sostrades param undo {plan.study} restores them"
        )
    gone = [(one, None) for one in effects.lost] + [(was, now.value) for was, now in effects.changed]
    kept = journal_of(context, plan.study)
    return [
        replace(
            Change(
                one.name,
                one.type,
                one.unit,
                one.value,
                new,
                old_table=saved[one.name].sha256 if one.name in saved else None,
            ),
            **_kept(kept_table(kept, one.name, saved.get(one.name))),
        )
        for one, new in gone
    ]


def _end(context: Context, kept: Journal, number: int, outcome: str, **facts: Any) -> None:  # noqa: ANN401 - passed on
    """Note the end; a journal that cannot be written now must not change what is told of the change itself."""
    try:
        kept.end(number, outcome, **facts)
    except (WriteFailed, UsageError) as error:
        context.notify(f"entry {number} of the journal stays without its end: {error.message}")


def stamp(context: Context) -> str:
    """Return the time of day as the journal has it: UTC, RFC 3339."""
    return context.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _tables(plan: Plan) -> Iterator[tuple[str, Path]]:
    """Yield what an undo of this plan, and one of the next, would need."""
    for held in (*(c.held for c in plan.sent_files), *(c.held for c in plan.sent_values)):
        if held is not None:
            yield held.sha256, held.path
    for change in plan.sent_files:
        yield change.table.sent_sha256, change.table.sent


def _file_change(change: FileChange) -> Change:
    info, table = change.info, change.table
    old = change.held.sha256 if change.held else None
    shown = info.parameter is not None and has_tables(info.parameter.value)
    made = Change(
        info.name,
        info.type,
        info.unit,
        TABLE if old or shown else None,
        _shown_value(change),
        old,
        new_sent=table.sent_sha256,
        new_types=table.types,
    )
    if info.parameter is not None and info.parameter.value is not None and not shown:
        # JSON stands in the place of a table: its download would be another thing.
        return replace(made, old=info.parameter.value, old_table=None)
    return replace(made, **_kept(change.kept))


def _shown_value(change: FileChange) -> object:
    """Return the value that a load shows of a table: a dict without arrays is shown itself."""
    if change.info.type not in DICT_TYPES or tuple(change.table.types) != tuple(DICT_HEADER):
        return TABLE
    value = value_of(change.table.expected.read_bytes(), change.info.type)
    return TABLE if has_tables(value) else value


def _kept(kept: KeptTable | None) -> dict[str, Any]:
    return {"old_sent": kept.sha256, "old_types": dict(kept.types)} if kept is not None else {}


def _value_change(change: ValueChange) -> Change:
    info, untold = change.info, change.new is UNTOLD
    old = change.held.sha256 if change.held else None
    new = None if untold else change.new
    made = Change(info.name, info.type, info.unit, change.old, new, old, any_new=untold)
    return replace(made, **_kept(change.kept))
