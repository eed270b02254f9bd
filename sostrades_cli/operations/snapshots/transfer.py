"""Making the inputs of a study equal to those of a snapshot."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import NotVerified
from sostrades_cli.operations import planning, restoring, setting
from sostrades_cli.operations.assignments import Assignment
from sostrades_cli.operations.snapshots.comparing import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.snapshots.comparing import Comparison, Difference
    from sostrades_cli.operations.snapshots.snapshot import Item, Snapshot

# A sampling study needs five: each setting makes others appear. More than these would not end by themselves.
MOST_ROUNDS: Final = 12


def assignment_of(server: Server, item: Item | None, name: str, *, judged: bool = False) -> Assignment:
    """Return the assignment that gives a parameter what a snapshot holds of it.

    ``judged`` compares a table with the present one before it is sent, as a table that a user has edited should be.
    """
    if item is not None and item.table is not None:
        path = restoring.uploadable(server, item.table)
        return Assignment(name, file=path, original=item.table.path, exact=True, judged=judged)
    if item is None or item.value is UNTOLD:
        return Assignment(name, value=None, exact=True)
    return Assignment(name, value=item.value, exact=True)


def transfer(server: Server, study: int, wanted: Snapshot, take: Callable[[], Snapshot]) -> Comparison:
    """Send to a study what it does not hold of a snapshot, and return what still differs: ``a`` is the study.

    Some parameters appear only after others are set, and some lose their values when others change. So the study is
    taken (``take``) and compared again after each round, until a round changes nothing.

    Raises
    ------
    SostradesError
        The study could not be read, or the server failed.

    """
    held = take()
    found = compare(held, wanted)
    takes_files: bool | None = None
    for _ in range(MOST_ROUNDS):
        present = [one for one in found.differences if one.a is not None and one.b is not None]
        values = [one for one in present if one.b is not None and one.b.table is None]
        tables = [one for one in present if one.b is not None and one.b.table is not None]
        # Values go first: tables may exist, or keep their rows, only because of them.
        if values:
            _send(server, study, held, values)
        elif tables and takes_files is None:
            takes_files = server.api.parameters.takes_files(study)
        if not values and not (tables and takes_files):
            break
        if not values:
            _send(server, study, held, tables)
        held, before = take(), _state(found.differences)
        found = compare(held, wanted)
        if _state(found.differences) == before:
            break
    return found


def _send(server: Server, study: int, held: Snapshot, differences: Sequence[Difference]) -> None:
    """Send values or tables in one request; what did not arrive is seen by the comparison that follows."""
    assignments = [assignment_of(server, one.b, held.full(one.key)) for one in differences]
    plan = planning.plan(server, study, assignments, force=True)
    with contextlib.suppress(NotVerified):
        setting.apply(server, plan)


def _state(differences: Iterable[Difference]) -> set[tuple[str, str | None]]:
    """Return what tells whether a round changed anything: the parameters that differ and what they hold."""
    return {(one.key, one.a.digest if one.a else None) for one in differences}
