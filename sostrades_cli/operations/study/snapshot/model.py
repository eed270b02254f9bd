"""The parameters of a study at one time, from a server or a folder. Keys are without the study's own name."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import UNKNOWN
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


class Names(Enum):
    """The source of the names in a snapshot. Each shows other parameters.

    A load leaves out inputs that are not editable, read-only mode has all inputs, and the cache may be of another time.
    A folder has the names of a load.
    """

    LOAD = "load"
    READ_ONLY = "read-only mode"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A parameter with a ``value`` or a ``table``, without a value, or unreadable for a ``reason``.

    ``content`` is the download of a value, on servers that cannot load studies. A download does not distinguish ``1``
    from ``1.0`` in a list, so a value that was exported from it is ``loose``. ``failed`` means that another attempt may
    succeed. A ``start_value`` of a coupling variable is replaced by the result of each run.
    """

    key: str
    type: str | None
    unit: str | None = None
    output: bool = False
    solver: bool = False
    start_value: bool = False
    value: Json = UNKNOWN
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
        if self.value is not UNKNOWN:
            return VALUE
        return UNAVAILABLE if self.reason is not None else NO_VALUE

    @property
    def digest(self) -> str | None:
        """Return the sha-256 of a table's file, or of a value as sorted JSON."""
        if self.table is not None:
            return self.table.sha256
        return digest(self.value) if self.value is not UNKNOWN else None

    @property
    def is_loose(self) -> bool:
        """Return whether ``1`` and ``1.0`` are the same in this value."""
        return self.loose or self.content is not None

    @property
    def plain(self) -> Json:
        """Return the value for JSON: a table as its number of rows, nan and inf as texts."""
        if self.value is UNKNOWN:
            return self.brief if self.table is not None else None
        return _json_value(self.value)

    @property
    def brief(self) -> str:
        """Return a short text for the value or table."""
        if self.table is not None:
            # The header is not counted. An empty file has none.
            return counted(max(0, sum(1 for _ in self.table.rows()) - 1), "row")
        return brief(self.value) if self.value is not UNKNOWN else self.reason or "no value"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parameters of a study by key. ``name`` is the study name, ``source`` the study or folder.

    ``omitted`` are the keys of inputs that the study has, but that the server does not show in a load. ``absent`` are
    keys that the server was asked for and does not have. ``names`` is the source of the names. ``outdated`` means that
    the server has outputs of an earlier run only, so they have no values here. ``edited`` are inputs of a folder that
    are not those of its outputs, which have no values here then.
    """

    name: str
    source: str
    items: dict[str, SnapshotEntry]
    omitted: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    names: Names = Names.LOAD
    outdated: bool = False
    edited: tuple[str, ...] = ()

    def lacks(self, key: str, other: Snapshot) -> bool:
        """Return whether a parameter of another snapshot that is not listed here is certainly not in the study."""
        if key in self.omitted:
            return False
        return key in self.absent or self.names is Names.READ_ONLY or self.names is other.names is Names.LOAD

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
