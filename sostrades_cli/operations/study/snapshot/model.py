"""The parameters of a study at one time, from a server or a folder. Keys do not include the study name."""

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
    """A parameter with a ``value`` or a ``table``, without a value, or unreadable for a ``reason``.

    ``content`` is the download of a value, on servers that cannot load. In a list it has no difference between ``1``
    and ``1.0``. A value exported from such a download is ``loose``. With ``failed``, another attempt may succeed. Each
    run replaces a ``start_value`` of a coupling variable by its result.
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
        """Return ``value``, ``table``, ``no value`` or ``unavailable``."""
        if self.table is not None:
            return TABLE
        if self.value is not UNTOLD:
            return VALUE
        return UNAVAILABLE if self.reason is not None else NO_VALUE

    @property
    def digest(self) -> str | None:
        """Return the sha-256 of a table's file, or of a value as sorted JSON."""
        if self.table is not None:
            return self.table.sha256
        return digest(self.value) if self.value is not UNTOLD else None

    @property
    def is_loose(self) -> bool:
        """Return whether ``1`` and ``1.0`` are the same in this value."""
        return self.loose or self.content is not None

    @property
    def plain(self) -> Json:
        """Return the value for JSON: a table as its number of rows, nan and inf as texts."""
        if self.value is UNTOLD:
            return self.brief if self.table is not None else None
        return _json_value(self.value)

    @property
    def brief(self) -> str:
        """Return a short text for the value or table."""
        if self.table is not None:
            # Without the header, which an empty file does not have.
            return counted(max(0, sum(1 for _ in self.table.rows()) - 1), "row")
        return brief(self.value) if self.value is not UNTOLD else self.reason or "no value"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parameters of a study by key. ``name`` is the study name, ``source`` the study or folder.

    ``omitted`` are the keys of inputs that the study has, but that the server does not show in a load.
    """

    name: str
    source: str
    items: dict[str, SnapshotEntry]
    omitted: tuple[str, ...] = ()

    def full(self, key: str) -> str:
        """Return the full name of a parameter."""
        return full_key(self.name, key)


def _json_value(value: Json) -> Json:
    """Return a value with texts in place of nan and inf, also in nested values."""
    if isinstance(value, dict):
        return {name: _json_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json_value(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def digest(value: Json) -> str:
    """Return the sha-256 of a value as sorted JSON."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def from_content(item: SnapshotEntry) -> Json:
    """Return the value of a download."""
    return downloads.value_of(item.content or b"", item.type)
