"""Make the inputs of a study equal to those of a snapshot."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, TypeAlias

from sostrades_cli.api.models import UNKNOWN
from sostrades_cli.errors import NotVerified
from sostrades_cli.operations.change_rounds import MOST_ROUNDS
from sostrades_cli.operations.changes import set_unrecorded
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
    """Return the assignment that sets a parameter to the value in a snapshot.

    ``edited`` means that a user may have changed the table, so its cells are read like those of any user's file.
    """
    if item is not None and item.table is not None:
        notation = Notation.FILE if edited else Notation.DOWNLOAD
        return Assignment(name, file=item.table.path, exact=True, notation=notation, blanks=True)
    # JSON has no nan or inf. null restores such a value if it is the declared default.
    is_null = item is None or item.value is UNKNOWN or (isinstance(item.value, float) and not math.isfinite(item.value))
    return Assignment(name, value=None if is_null or item is None else item.value, exact=True)


def transfer(context: Context, study: int, requested: Snapshot, take: Callable[[], Snapshot]) -> StudyDiff:
    """Send the differences between a study and a snapshot. Return the differences that remain, with the study as ``a``.

    ``take`` captures the study.

    Raises
    ------
    SostradesError
        The study could not be read, or the server failed.

    """
    # Some parameters appear only after others are set, and some lose their values when others change. So the study is
    # compared again after each round, until a round changes nothing.
    current = take()
    diff = compare(current, requested)
    tried: set[_State] = set()
    takes_files: bool | None = None
    for _ in range(MOST_ROUNDS):
        remaining = [item for item in diff.differences if item.a and item.b and _state_of(item) not in tried]
        # Values are sent first, because some tables exist, or keep their rows, only after values are set.
        batch = [item for item in remaining if item.b and item.b.table is None]
        if not batch and remaining:
            takes_files = context.api.parameters.takes_files(study) if takes_files is None else takes_files
            batch = remaining if takes_files else []
        if not batch:
            break
        before = set(map(_state_of, diff.differences))
        _send(context, study, current, batch)
        current = take()
        diff = compare(current, requested)
        # The server may accept a rejected value after another value has changed.
        tried = set() if set(map(_state_of, diff.differences)) != before else tried | set(map(_state_of, batch))
    return diff


def _send(context: Context, study: int, current: Snapshot, differences: Sequence[Difference]) -> None:
    """Send values or tables in one request. The next comparison shows which of them the server took over."""
    assignments = [assignment_of(item.b, current.full(item.key)) for item in differences]
    # A rejected value does not stop the transfer, because it may be accepted in a later round.
    with contextlib.suppress(NotVerified):
        set_unrecorded(context, study, assignments, force=True)


def _state_of(difference: Difference) -> _State:
    """Return the key of a difference, and the digest of the study's value."""
    return difference.key, difference.a.digest if difference.a else None
