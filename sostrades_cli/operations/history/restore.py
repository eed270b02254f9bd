"""Turn old values of the journal into assignments that restore them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Refused
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.read import INFINITE
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.sent_tables import SentTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.local.journal import Journal, RecordedValue
    from sostrades_cli.operations.context import Context


def assignments_to_restore(
    context: Context, journal: Journal, changes: Iterable[RecordedValue], study: int, *, leave_out: bool = False
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
            context.notify(f"skipped: {error.message}")
    return assignments


def _assignment(journal: Journal, change: RecordedValue, study: int) -> Assignment:
    # JSON has no infinity, and the server returns it as null: such a value cannot be sent back.
    _require_known_infinity(change, study)
    if change.old_table is None and not has_tables(change.old):
        return Assignment(change.key, value=change.old, exact=True)
    path = journal.table(change.old_table) if change.old_table else None
    if path is None:
        raise Refused(
            f"the previous value of {change.key} was not stored",
            detail="the server could not download it, or the change is too old",
            hint=f"undo the rest with --force, and set the default with `sostrades param reset {study} {change.key}`",
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
        last_sent=SentTable(sent, change.old_sent or "", change.old_types or {}) if sent is not None else None,
    )


def _require_known_infinity(change: RecordedValue, study: int) -> None:
    """Reject 'inf' when the type is unknown: it may be a number or a text."""
    if change.type is None and isinstance(change.old, str) and change.old in INFINITE:
        raise Refused(
            f"{change.key} was {change.old}, and this server does not show whether that is a number or a text",
            detail="a request cannot set a number to this value",
            hint=f"set the default: `sostrades param reset {study} {change.key}`",
            study=study,
        )
