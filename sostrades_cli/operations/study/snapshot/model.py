"""What a study holds at a moment, from a server or from a folder; names are without the study's own in front."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.operations.tables import downloads
from sostrades_cli.output.text import brief, counted
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.tables.stored_table import StoredTable

VALUE: Final = "value"
TABLE: Final = "table"
NO_VALUE: Final = "no value"
UNAVAILABLE: Final = "unavailable"


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A parameter with what it holds: a ``value``, a ``table``, nothing, or nothing that can be had (``reason``).

    ``content`` is a value as its download shows it, on servers that cannot load; it does not tell ``1`` from
    ``1.0`` inside a list. ``loose`` says the same of a value that was exported from a download. ``failed`` says that
    the server failed, where another try may help. A ``start_value`` is that of a coupling variable: every run replaces
    it by its result.
    """

    key: str
    type: str | None
    unit: str | None = None
    output: bool = False
    solver: bool = False
    start_value: bool = False
    value: Json = UNTOLD
    content: bytes | None = None
    loose: bool = False
    table: StoredTable | None = None
    reason: str | None = None
    failed: bool = False

    @property
    def state(self) -> str:
        """Return one of ``value``, ``table``, ``no value`` and ``unavailable``."""
        if self.table is not None:
            return TABLE
        if self.value is not UNTOLD:
            return VALUE
        return UNAVAILABLE if self.reason is not None else NO_VALUE

    @property
    def digest(self) -> str | None:
        """Return the sha-256 of what it holds: of a table's file, of a value as sorted JSON."""
        if self.table is not None:
            return self.table.sha256
        return digest(self.value) if self.value is not UNTOLD else None

    @property
    def is_loose(self) -> bool:
        """Return whether the value does not tell ``1`` from ``1.0``."""
        return self.loose or self.content is not None

    @property
    def plain(self) -> Json:
        """Return what it holds as JSON can say it: a table as the number of its rows, nan and inf as texts."""
        if self.value is UNTOLD:
            return self.brief if self.table is not None else None
        return _speakable(self.value)

    @property
    def brief(self) -> str:
        """Return what it holds in short."""
        if self.table is not None:
            return counted(max(0, sum(1 for _ in self.table.rows()) - 1), "row")
        return brief(self.value) if self.value is not UNTOLD else self.reason or "no value"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parameters of a study by name; ``name`` is the study's own, ``source`` where they come from."""

    name: str
    source: str
    items: dict[str, SnapshotEntry]

    def full(self, key: str) -> str:
        """Return a parameter's full name."""
        return full_key(self.name, key)


def _speakable(value: Json) -> Json:
    """Return a value with nan and what is infinite as texts, wherever they are in it."""
    if isinstance(value, dict):
        return {name: _speakable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_speakable(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def digest(value: Json) -> str:
    """Return the sha-256 of a value as sorted JSON."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def from_content(item: SnapshotEntry) -> Json:
    """Return the value that a download shows."""
    return downloads.value_of(item.content or b"", item.type)
