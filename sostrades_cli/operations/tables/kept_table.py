"""The last table that this computer sent for a parameter, from the journal, with the types of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.local.journal import DONE, NOT_MADE, RESTORED
from sostrades_cli.operations.tables.column_types import KnownColumn
from sostrades_cli.operations.tables.misfits import ARRAY, LITERAL, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.journal import Change, JournalEntry


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table that was sent: its file, the sha-256 of that, and the types of the columns."""

    sent: Path
    sha256: str
    types: Mapping[str, str]


def last_change(entries: Sequence[JournalEntry], key: str) -> Change | None:
    """Return the last change of a parameter by this computer, ``None`` if its outcome is unknown."""
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
    found = {name: one._replace(odd=frozenset()) for name, one in known.items()}
    for name, word in types.items():
        before = found.get(name, KnownColumn())
        kind, _, blanks = word.partition(", ")
        if kind in {LITERAL, ARRAY} or before.declared:
            continue
        texts = kind == STRING
        missing = blanks == "missing" if texts else before.blanks
        found[name] = before._replace(type=kind, declared=texts, blanks=missing, kept=True)
    return found
