"""Putting back what a study held: assignments out of what the journal kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Refused
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.tables.kept_table import KeptTable
from sostrades_cli.operations.tables.misfits import Notation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.local.journal import Change, Journal
    from sostrades_cli.operations.context import Context


# What a download shows of an infinite number, and of a text that says so.
INFINITE: Final = frozenset({"inf", "-inf"})


def assignments_to_restore(
    context: Context, kept: Journal, changes: Iterable[Change], study: int, *, leave_out: bool = False
) -> list[Assignment]:
    """Return what would put back the old value of each change; ``leave_out`` those that were not kept.

    Raises
    ------
    Refused
        What was replaced was not kept, or no request can say it.

    """
    found = []
    for change in changes:
        try:
            found.append(_assignment(kept, change, study))
        except Refused as error:
            if not leave_out:
                raise
            context.notify(f"left out: {error.message}")
    return found


def _validate_sayable(change: Change, study: int) -> None:
    """Refuse to put back what reads as infinite where nothing tells a number, which is its default then, from a text.

    Raises
    ------
    Refused
        It does, and the parameter's type is not known.

    """
    if change.type is None and isinstance(change.old, str) and change.old in INFINITE:
        raise Refused(
            f"{change.key} held {change.old}, and this server does not tell whether that is a number or a text",
            detail="no request can set a number to it",
            hint=f"sostrades param reset {study} {change.key} gives the declared default",
            study=study,
        )


def _assignment(kept: Journal, change: Change, study: int) -> Assignment:
    _validate_sayable(change, study)
    if change.old_table is None and not has_tables(change.old):
        return Assignment(change.key, value=change.old, exact=True)
    path = kept.table(change.old_table) if change.old_table else None
    if path is None:
        raise Refused(
            f"what {change.key} held before was not kept",
            detail="the server could not give it as a file, or it is too long ago",
            hint=f"sostrades param reset {study} {change.key} gives the declared default; --force undoes the rest",
            study=study,
        )
    sent = kept.table(change.old_sent) if change.old_sent else None
    return Assignment(
        change.key,
        file=path,
        label="the old table",
        exact=True,
        notation=Notation.DOWNLOAD,
        kept=KeptTable(sent, change.old_sent or "", change.old_types or {}) if sent is not None else None,
    )
