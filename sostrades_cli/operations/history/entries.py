"""Choose changes of the journal by the names of their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.operations.param import name_lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.local.journal import JournalEntry, RecordedValue


@dataclass(frozen=True, slots=True)
class ChosenChanges:
    """Changes with their entries, the oldest first; ``note`` says that no name matches."""

    changes: list[tuple[JournalEntry, RecordedValue]]
    note: str | None = None


def choose_changes(entries: Sequence[JournalEntry], match: str | None) -> ChosenChanges:
    """Choose by a glob, or by a part of the name; ``None`` chooses all."""
    everything = [(entry, change) for entry in entries for change in entry.changes]
    if match is None:
        return ChosenChanges(everything)
    names = list(dict.fromkeys(change.key for _, change in everything))
    matching = set(name_lookup.matching_names(names, match))
    note = None if matching else name_lookup.none_fits(match, names)
    return ChosenChanges([(entry, change) for entry, change in everything if change.key in matching], note)
