"""Find the last table that this computer sent for a parameter, with the types of its columns, in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.local.journal import DONE, NOT_MADE, RESTORED
from sostrades_cli.operations.tables.column_types import KnownColumn
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.journal import JournalEntry, RecordedValue


@dataclass(frozen=True, slots=True)
class SentTable:
    """A table that was sent: its file, the file's sha-256, and the types of the columns."""

    sent: Path
    sha256: str
    types: Mapping[str, str]


def last_change(entries: Sequence[JournalEntry], key: str) -> RecordedValue | None:
    """Return the last change of a parameter by this computer, or ``None`` if its outcome is unknown."""
    for entry in reversed(entries):
        if entry.outcome in {NOT_MADE, RESTORED}:
            continue
        for change in entry.changes:
            if change.key == key:
                return change if entry.outcome == DONE and not change.any_new else None
    return None


def with_types(known: Mapping[str, KnownColumn], types: Mapping[str, str]) -> dict[str, KnownColumn]:
    """Return the known facts of columns, with the types of the table that was sent."""
    # A user wrote the file, so texts that look like literals in the table were literals in the file.
    result = {name: column._replace(odd=frozenset()) for name, column in known.items()}
    for name, recorded in types.items():
        before = result.get(name, KnownColumn())
        # Such as `string, missing`, see `ColumnEncoder.recorded`.
        kind, _, blanks = recorded.partition(", ")
        if kind in {LITERAL, ARRAY} or before.declared:
            continue
        texts = kind == STRING
        missing = blanks == "missing" if texts else before.blanks
        result[name] = before._replace(type=kind, declared=texts, blanks=missing, from_sent=True)
    return result
