"""Make the inputs of a study equal to those of a snapshot."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, TypeAlias

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import NotVerified
from sostrades_cli.operations.changes import MOST_ROUNDS, set_unrecorded
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.tables.misfits import Notation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.diff import Difference, StudyDiff
    from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry

_State: TypeAlias = "tuple[str, str | None]"


def assignment_of(item: SnapshotEntry | None, name: str, *, edited: bool = False) -> Assignment:
    """Return the assignment of a snapshot's value.

    If a user may have ``edited`` a table, its cells are read as those of a user's file.
    """
    if item is not None and item.table is not None:
        notation = Notation.FILE if edited else Notation.DOWNLOAD
        return Assignment(name, file=item.table.path, exact=True, notation=notation, blanks=True)
    # JSON has neither nan nor infinity. If one is the declared default, null restores it.
    lost = item is None or item.value is UNTOLD or (isinstance(item.value, float) and not math.isfinite(item.value))
    return Assignment(name, value=None if lost or item is None else item.value, exact=True)


def transfer(context: Context, study: int, requested: Snapshot, take: Callable[[], Snapshot]) -> StudyDiff:
    """Send the differences between a study and a snapshot, and return those that remain; ``a`` is the study.

    Some parameters appear only after others are set, and some lose their values when others change. The study is
    therefore captured (``take``) and compared again after each round, until a round changes nothing.

    Raises
    ------
    SostradesError
        The study could not be read, or the server failed.

    """
    held = take()
    found = compare(held, requested)
    tried: set[_State] = set()
    takes_files: bool | None = None
    for _ in range(MOST_ROUNDS):
        open_ones = [one for one in found.differences if one.a and one.b and _state_of(one) not in tried]
        # Values go first: tables may exist, or keep their rows, only because of them.
        batch = [one for one in open_ones if one.b and one.b.table is None]
        if not batch and open_ones:
            takes_files = context.api.parameters.takes_files(study) if takes_files is None else takes_files
            batch = open_ones if takes_files else []
        if not batch:
            break
        before = set(map(_state_of, found.differences))
        _send(context, study, held, batch)
        held = take()
        found = compare(held, requested)
        # A value that was not taken may be taken now that another one has changed.
        tried = set() if set(map(_state_of, found.differences)) != before else tried | set(map(_state_of, batch))
    return found


def _send(context: Context, study: int, current: Snapshot, differences: Sequence[Difference]) -> None:
    """Send values or tables in one request; the comparison that follows shows which of them arrived."""
    assignments = [assignment_of(one.b, current.full(one.key)) for one in differences]
    with contextlib.suppress(NotVerified):
        set_unrecorded(context, study, assignments, force=True)


def _state_of(difference: Difference) -> _State:
    """Return the name and the present value of a parameter that differs."""
    return difference.key, difference.a.digest if difference.a else None
