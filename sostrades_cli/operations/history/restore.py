"""Turn old values of the journal into assignments that restore them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Refused
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.read import INFINITE
from sostrades_cli.operations.tables.kept_table import KeptTable
from sostrades_cli.operations.tables.misfits import Notation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.local.journal import Change, Journal
    from sostrades_cli.operations.context import Context


def assignments_to_restore(
    context: Context, journal: Journal, changes: Iterable[Change], study: int, *, leave_out: bool = False
) -> list[Assignment]:
    """Return the assignments of the old values; with ``leave_out``, skip those that cannot be restored.

    Raises
    ------
    Refused
        An old value was not kept, or no request can set it.

    """
    assignments = []
    for change in changes:
        try:
            assignments.append(_assignment(journal, change, study))
        except Refused as error:
            if not leave_out:
                raise
            context.notify(f"left out: {error.message}")
    return assignments


def _assignment(journal: Journal, change: Change, study: int) -> Assignment:
    # JSON has no infinity, and the server returns it as null: such a value cannot be sent back.
    _require_known_infinity(change, study)
    if change.old_table is None and not has_tables(change.old):
        return Assignment(change.key, value=change.old, exact=True)
    path = journal.table(change.old_table) if change.old_table else None
    if path is None:
        raise Refused(
            f"what {change.key} held before was not kept",
            detail="the server could not give it as a file, or it is too long ago",
            hint=f"sostrades param reset {study} {change.key} gives the declared default; --force undoes the rest",
            study=study,
        )
    # The sent file has the types of the cells, which a download lacks.
    sent = journal.table(change.old_sent) if change.old_sent else None
    return Assignment(
        change.key,
        file=path,
        label="the old table",
        exact=True,
        notation=Notation.DOWNLOAD,
        kept=KeptTable(sent, change.old_sent or "", change.old_types or {}) if sent is not None else None,
    )


def _require_known_infinity(change: Change, study: int) -> None:
    """Reject 'inf' when the type is unknown: it may be a number or a text."""
    if change.type is None and isinstance(change.old, str) and change.old in INFINITE:
        raise Refused(
            f"{change.key} held {change.old}, and this server does not tell whether that is a number or a text",
            detail="no request can set a number to it",
            hint=f"sostrades param reset {study} {change.key} gives the declared default",
            study=study,
        )
