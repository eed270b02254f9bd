"""What a study holds itself of the swept parameters: kept in its journal, put back at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE, UNTOLD
from sostrades_cli.errors import Refused
from sostrades_cli.journal import BEGUN, RESTORED, Change, Entry
from sostrades_cli.operations import planning, restoring, setting
from sostrades_cli.operations.journaling import journal_of, stamp
from sostrades_cli.operations.snapshots.snapshot import UNAVAILABLE
from sostrades_cli.operations.snapshots.taking import Listed, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.snapshots.snapshot import Item

SWEEP: Final = "sweep"


@dataclass(frozen=True, slots=True)
class Own:
    """What a study holds itself: changes of the entry of its journal, ``None`` as long as it has none."""

    entry: int | None
    changes: tuple[Change, ...]
    tables: tuple[tuple[str, Path], ...] = ()


def own_values(server: Server, listed: Listed, keys: Sequence[str], earlier: int | None) -> Own:
    """Return a study's own values.

    ``earlier`` is the entry of the part of the sweep that this one goes on with: its values count as long as they
    were not put back.

    Raises
    ------
    Refused
        The server cannot give one of them; or the study still holds values of another sweep, or other own values
        than when this sweep began.

    """
    kept = journal_of(server, listed.study)
    entries = {entry.entry: entry for entry in kept.entries()}
    before = entries.get(earlier) if earlier is not None else None
    if before is not None and _pending(before, entries.values()):
        return Own(before.entry, before.changes)
    _refuse_foreign(server, listed.study)
    wanted = {f"{listed.name}.{key}" for key in keys}
    swept = Listed(
        listed.study,
        listed.name,
        {name: p for name, p in listed.parameters.items() if name in wanted},
        frozenset(),
        listed.valued,
    )
    items = take(server, swept, place=lambda _: server.scratch.path()).items
    _refuse_unreadable(items.values(), listed.study)
    changes = tuple(_change(f"{listed.name}.{key}", item) for key, item in items.items())
    if before is not None and before.changes != changes:
        raise Refused(
            f"study {listed.study} has other values of its own than when the sweep began",
            hint="--overwrite starts anew",
            study=listed.study,
        )
    return Own(None, changes, tuple((i.table.sha256, i.table.path) for i in items.values() if i.table is not None))


def keep(server: Server, study: int, own: Own) -> Own:
    """Keep a study's own values in its journal, before anything is changed."""
    if own.entry is not None:
        return own
    return replace(own, entry=journal_of(server, study).begin(SWEEP, own.changes, own.tables, stamp(server)))


def put_back(server: Server, study: int, own: Own) -> None:
    """Put a study's own values back, verified, and note it in the journal.

    Raises
    ------
    SostradesError
        They could not be put back.

    """
    kept = journal_of(server, study)
    wanted = restoring.assignments(server, kept, own.changes, study)
    setting.apply(server, planning.plan(server, study, wanted, force=True))
    if own.entry is not None:
        kept.end(own.entry, RESTORED)


def put_back_earlier(server: Server, study: int, entry: int) -> None:
    """Put back what an earlier sweep left in a study, if it did."""
    entries = journal_of(server, study).entries()
    for found in entries:
        if found.entry == entry and _pending(found, entries):
            put_back(server, study, Own(found.entry, found.changes))
            server.notify(f"study {study} has its own values again; a sweep had left those of a case")


def _pending(entry: Entry, entries: Iterable[Entry]) -> bool:
    """Tell whether a sweep has not put its study's own values back, and nobody else has."""
    undone = any(entry.entry in other.undoes for other in entries)
    return entry.command == SWEEP and entry.outcome == BEGUN and not undone


def _refuse_foreign(server: Server, study: int) -> None:
    entries = journal_of(server, study).entries()
    pending = next((entry for entry in entries if _pending(entry, entries)), None)
    if pending is not None:
        raise Refused(
            f"another sweep of study {study} goes on, or did not come to its end: the values are those of a case",
            hint=f"sostrades param undo {study} --to {pending.entry} puts its own values back",
            study=study,
        )


def _refuse_unreadable(items: Iterable[Item], study: int) -> None:
    lost = next((item for item in items if item.state == UNAVAILABLE), None)
    if lost is not None:
        raise Refused(
            f"{lost.key} cannot be swept: the server cannot give what it holds, so it could not be put back",
            detail=lost.reason,
            study=study,
        )


def _change(name: str, item: Item) -> Change:
    table = item.table.sha256 if item.table is not None else None
    # What a load shows as null, nan for one, no request can write: it is the declared default, which null stands for.
    nothing = item.value is UNTOLD or (isinstance(item.value, float) and not math.isfinite(item.value))
    old = TABLE if table else None if nothing else item.value
    return Change(name, item.type, item.unit, old, None, table, any_new=True)
