"""The inputs that the exported outputs belong to. A user who edits inputs in a folder does not compute its outputs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sostrades_cli.operations.study.snapshot.model import TABLE, VALUE, SnapshotEntry, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.operations.study.snapshot.manifest import Manifest


def inputs_of_outputs(items: Iterable[SnapshotEntry]) -> dict[str, str]:
    """Return the sha-256 of each input, by key; nothing if no output has a value."""
    valued = [item for item in items if item.state in {VALUE, TABLE}]
    if not any(item.output for item in valued):
        return {}
    return {item.key: item.digest for item in valued if not item.output and item.digest is not None}


def edited_inputs(items: Iterable[SnapshotEntry], manifest: Manifest) -> tuple[str, ...]:
    """Return the keys of inputs in a folder that are not those of its outputs. A removed line is not an edit."""
    # An export of an earlier version has only the digests of the last apply.
    known: Mapping[str, str | None] = manifest.inputs_of_outputs or {
        key: entry.sha256 for key, entry in manifest.entries.items()
    }
    valued = (item for item in items if item.state in {VALUE, TABLE} and not item.output)
    return tuple(item.key for item in valued if known.get(item.key) not in _digests(item))


def without_value(item: SnapshotEntry) -> SnapshotEntry:
    """Return an entry without its value."""
    return SnapshotEntry(item.key, item.type, item.unit, item.output)


def _digests(item: SnapshotEntry) -> set[str | None]:
    """Return the digests of an entry, and of spellings that mean the same."""
    digests = {item.digest}
    if item.table is not None:
        # Git may change the line ends of a text file.
        digests.add(sha256(item.table.path.read_bytes().replace(b"\r\n", b"\n")).hexdigest())
    elif item.type == "float" and isinstance(item.value, int | float):
        # A user may write 1 for 1.0.
        digests.add(digest(float(item.value)))
        digests |= {digest(int(item.value))} if float(item.value).is_integer() else set()
    return digests
