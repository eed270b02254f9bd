"""Record each change in the journal: what it replaces is on disk before anything is sent."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import DICT_TYPES, TABLE, UNKNOWN, has_tables
from sostrades_cli.clock import RFC3339
from sostrades_cli.errors import NotVerified, SostradesError, UsageError, WriteFailed
from sostrades_cli.local.journal import DONE, IN_DOUBT, NOT_MADE, Journal, RecordedValue
from sostrades_cli.operations.param.send import Verified
from sostrades_cli.operations.param.side_effects import effects_of, tables_at_risk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.param.side_effects import SideEffects
    from sostrades_cli.operations.tables.sent_tables import SentTable
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.table_change import FileChange


UNDO: Final = "undo"


@dataclass(slots=True)
class ChangeInProgress:
    """A change that is being sent; the caller sets ``verified``."""

    verified: Verified = field(default_factory=Verified)


@contextlib.contextmanager
def recorded(
    context: Context, plan: Plan, command: str, undoes: Collection[int] = (), message: str | None = None
) -> Iterator[ChangeInProgress]:
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
    change = ChangeInProgress()
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


def stamp(context: Context) -> str:
    """Return the current time in UTC, RFC 3339."""
    return context.clock.now().strftime(RFC3339)


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
) -> list[RecordedValue]:
    """Report the side effects of a change, and return them with the values that they replaced."""
    effects = effects_of(context, plan, saved, shown)
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


def _side_effect(old: Parameter, new: Json, saved: Mapping[str, StoredTable], journal: Journal) -> RecordedValue:
    change = RecordedValue(old.name, old.type, old.unit, old.value, new)
    if (table := saved.get(old.name)) is None:
        return change
    from sostrades_cli.operations.tables.table_change import last_sent_table

    return replace(change, old_table=table.sha256, **_sent_fields(last_sent_table(journal, old.name, table)))


def _tables(plan: Plan) -> Iterator[tuple[str, Path]]:
    """Yield the tables that an undo of this plan, and an undo of that undo, would send."""
    # Both directions: an undo can itself be undone.
    for table in (*(c.old_table for c in plan.sent_files), *(c.old_table for c in plan.sent_values)):
        if table is not None:
            yield table.sha256, table.path
    for change in plan.sent_files:
        yield change.table.sent_sha256, change.table.sent


def _file_change(change: FileChange) -> RecordedValue:
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
        return RecordedValue(info.name, info.type, info.unit, current, **new)
    digest = change.old_table.sha256 if change.old_table else None
    old = TABLE if digest is not None or current is not None else None
    return RecordedValue(
        info.name, info.type, info.unit, old, old_table=digest, **new, **_sent_fields(change.last_sent)
    )


def _shown_value(change: FileChange) -> object:
    """Return the value that a load shows of a table: a dict without arrays is shown itself."""
    from sostrades_cli.operations.tables.downloads import value_of
    from sostrades_cli.operations.tables.layout import DICT_HEADER

    # A dict of plain values is shown in a load, so the undo can compare and send it as JSON.
    if change.info.type not in DICT_TYPES or tuple(change.table.types) != tuple(DICT_HEADER):
        return TABLE
    value = value_of(change.table.expected.read_bytes(), change.info.type)
    return TABLE if has_tables(value) else value


def _value_change(change: ValueChange) -> RecordedValue:
    info, unknown = change.info, change.new is UNKNOWN
    digest = change.old_table.sha256 if change.old_table else None
    new = None if unknown else change.new
    return RecordedValue(
        info.name, info.type, info.unit, change.old, new, digest, any_new=unknown, **_sent_fields(change.last_sent)
    )


def _sent_fields(last_sent: SentTable | None) -> dict[str, Any]:
    return {"old_sent": last_sent.sha256, "old_types": dict(last_sent.types)} if last_sent is not None else {}
