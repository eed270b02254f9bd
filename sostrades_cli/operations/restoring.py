"""Putting back what a study held: assignments out of what the journal kept."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import Refused
from sostrades_cli.operations.assignments import Assignment
from sostrades_cli.operations.table_files import Held

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sostrades_cli.journal import Change, Journal
    from sostrades_cli.operations.server import Server


def assignments(
    server: Server, kept: Journal, changes: Iterable[Change], study: int, *, leave_out: bool = False
) -> list[Assignment]:
    """Return what would put back the old value of each change; ``leave_out`` those that were not kept.

    Raises
    ------
    Refused
        What was replaced was not kept.

    """
    found = []
    for change in changes:
        try:
            found.append(_assignment(server, kept, change, study))
        except Refused as error:
            if not leave_out:
                raise
            server.notify(f"left out: {error.message}")
    return found


def _assignment(server: Server, kept: Journal, change: Change, study: int) -> Assignment:
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
    file = uploadable(server, Held(path, change.old_table or ""))
    return Assignment(change.key, file=file, original=path, label="the old table", exact=True)


def uploadable(server: Server, held: Held) -> Path:
    """Write a download so that an upload gives the same back: the server reads a blank cell as a text."""
    path = server.scratch.path()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        rows = held.rows()
        writer.writerow(next(rows, []))
        writer.writerows([cell or "None" for cell in row] for row in rows)
    return path
