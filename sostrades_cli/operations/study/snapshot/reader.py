"""Read an exported folder, with the edits of the user."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import InvalidFile
from sostrades_cli.files.digests import digest_of
from sostrades_cli.operations.param.coercion import finite_json
from sostrades_cli.operations.param.toml_errors import not_toml
from sostrades_cli.operations.study.snapshot import model
from sostrades_cli.operations.study.snapshot.manifest import DATA, OUTPUTS, PARAMETERS
from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry
from sostrades_cli.operations.study.snapshot.provenance import edited_inputs, without_value
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.operations.tables.file_types import not_utf8, require_text_file
from sostrades_cli.operations.tables.stored_table import StoredTable
from sostrades_cli.safe_parsers import NotADoubleError, from_toml
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sostrades_cli.operations.study.snapshot.manifest import Manifest, ManifestEntry


def read_folder(folder: Path, manifest: Manifest, *, outputs: bool = False) -> Snapshot:
    """Return the values in the files of an export. Removed lines and files are skipped.

    Outputs have no values if inputs were edited since: they are not computed from these inputs.

    Raises
    ------
    InvalidFile
        A file cannot be read, or contains an invalid value.

    """
    _require_own_tables(folder, manifest)
    items = dict(_items(folder, manifest, PARAMETERS, output=False))
    edited: tuple[str, ...] = ()
    if outputs:
        results = dict(_items(folder, manifest, OUTPUTS, output=True))
        if any(item.state in {model.VALUE, model.TABLE} for item in results.values()):
            edited = edited_inputs(items.values(), manifest)
        items |= {key: without_value(item) for key, item in results.items()} if edited else results
    # The user may have removed the line of an exported parameter.
    absent = tuple(key for key in manifest.entries if key not in items)
    return Snapshot(manifest.name, str(folder), dict(sorted(items.items())), absent=absent, edited=edited)


def _require_own_tables(folder: Path, manifest: Manifest) -> None:
    """Reject a file that does not belong to a parameter, such as a renamed file, which would be ignored."""
    names = {entry.file.rpartition("/")[2] for entry in manifest.entries.values() if entry.file}
    present = sorted(path.name for path in (folder / DATA).glob("*.*") if path.suffix.lower() in {".csv", ".json"})
    foreign = [name for name in present if name not in names]
    if foreign:
        close = closest(foreign[0], names)
        raise InvalidFile(
            f"{folder / DATA / foreign[0]} does not belong to a parameter of the export",
            hint=f"rename it to {close[0]}" if close else "move it out of the folder",
        )


def _items(folder: Path, manifest: Manifest, file: str, *, output: bool) -> Iterator[tuple[str, SnapshotEntry]]:
    # outputs.toml exists only after an export with --outputs.
    values = _toml(folder / file) if (folder / file).exists() or not output else {}
    for key, entry in manifest.entries.items():
        if entry.output is output and (item := _item(folder, file, entry, values)) is not None:
            yield key, item
    for key in values.keys() - manifest.entries.keys():
        yield key, SnapshotEntry(key, None, output=output, value=values[key])


def _item(folder: Path, file: str, entry: ManifestEntry, values: dict[str, Any]) -> SnapshotEntry | None:
    item = SnapshotEntry(entry.key, entry.type, entry.unit, entry.output)
    if entry.key in values:
        if entry.file is not None and entry.file.startswith(f"{DATA}/") and (folder / entry.file).exists():
            raise InvalidFile(
                f"{entry.key} has two values: in {folder / file} and {folder / entry.file}",
                hint="remove one of the two values",
            )
        return _valued(entry, values[entry.key])
    if entry.state in {model.NO_VALUE, model.UNAVAILABLE}:
        reason = entry.reason if entry.state == model.UNAVAILABLE else None
        return SnapshotEntry(entry.key, entry.type, entry.unit, entry.output, reason=reason)
    if entry.file is None or not entry.file.startswith(f"{DATA}/"):
        return None
    # Only the last part of the name is used, so that an edited manifest cannot lead outside the folder.
    path = folder / DATA / entry.file.removeprefix(f"{DATA}/").rpartition("/")[2]
    if not path.exists():
        return None
    if entry.state == model.TABLE:
        return SnapshotEntry(
            item.key, item.type, item.unit, item.output, table=StoredTable(path, digest_of(path), local=True)
        )
    return _valued(entry, _json(path))


def _valued(entry: ManifestEntry, value: Any) -> SnapshotEntry:  # noqa: ANN401 - JSON
    """Return the entry of a value. A value that the user edited is not loose."""
    loose = entry.loose and identical(value, entry.value)
    return SnapshotEntry(entry.key, entry.type, entry.unit, entry.output, value=value, loose=loose)


def _toml(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        values = from_toml(text)
    except NotADoubleError as error:
        raise InvalidFile(f"{path}: {error}", hint="correct that line") from error
    except ValueError as error:
        raise not_toml(text, str(path), error, "correct the file", InvalidFile) from error
    if dated := next((key for key, value in values.items() if _has_date(value)), None):
        raise InvalidFile(f"{path}: {dated} is a date, and no parameter takes a date", hint='write it "in quotes"')
    return values


def _has_date(value: Any) -> bool:  # noqa: ANN401 - what TOML can hold
    if isinstance(value, dict):
        return any(map(_has_date, value.values()))
    if isinstance(value, list):
        return any(map(_has_date, value))
    return isinstance(value, dt.date | dt.time)


def _json(path: Path) -> Any:  # noqa: ANN401 - JSON
    text = _text(path)
    try:
        return finite_json(text)
    except NotADoubleError as error:
        raise InvalidFile(f"{path}: {error}", hint="correct that line") from error
    except ValueError as error:
        raise InvalidFile(f"{path} is not JSON: {error}", hint="correct that line. null stands for no value") from error


def _text(path: Path) -> str:
    require_text_file(path)
    try:
        # Editors on Windows add a byte order mark.
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidFile(f"cannot read {path}: {error.strerror}", hint="check the permissions of the file") from error
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from error
