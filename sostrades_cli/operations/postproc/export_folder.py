"""The folder of exported charts, which can continue an interrupted export.

Before a file gets its final name, the progress file stores its checksum and the digest of its source. A repeated
export therefore writes only missing files and changed charts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.resumable_folder import (
    CHARTS,
    MANIFEST,
    ProgressFile,
    is_whole,
    remove_parts,
    require_own_manifest,
    write_manifest,
)
from sostrades_cli.files.safe_folders import require_no_link
from sostrades_cli.files.targets import require_writable
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROGRESS: Final = ".unfinished.jsonl"
FIELDS: Final = ("name", "source", "sha256")


@dataclass(frozen=True, slots=True)
class SavedChart:
    """The file of a chart, its size in bytes and its sha-256. ``kept`` marks a file of an interrupted export."""

    name: str
    bytes: int
    sha256: str
    kept: bool


class ExportFolder:
    """The folder of an export. Call ``reserve`` with the names of its files before the first ``save``.

    Raises
    ------
    FileConflict
        The folder has a complete export, and ``overwrite`` is not set, or the files of another command with a manifest.
    UsageError
        The path is not a folder, or cannot be written to.

    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self.path = path
        self._names: set[str] = set()
        self._overwrite = overwrite
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is not a folder", hint="choose another folder")
        require_writable(next(folder for folder in (path, *path.absolute().parents) if folder.exists()))
        self._progress = ProgressFile(path / PROGRESS)
        # Never write through a link that somebody else put into the folder.
        require_no_link(self._progress.path)
        self._recorded = self._read_progress()
        self._begun = False
        require_own_manifest(path, CHARTS)
        self._require_absent([MANIFEST])

    def reserve(self, names: Iterable[str]) -> None:
        """Declare the names of all files of the export. Nothing is written yet.

        Raises
        ------
        FileConflict
            The folder has one of these files or another export, and ``overwrite`` is not set.

        """
        self._names = set(names)
        # `finish` would remove the files of the interrupted export.
        if self._recorded.keys() - self._names and not self._overwrite:
            raise FileConflict(
                f"{self.path} contains an interrupted export of other charts",
                hint="run the interrupted command again, add --overwrite to remove its files, or choose another folder",
            )
        self._require_absent(sorted(self._names - self._recorded.keys()))

    def _require_absent(self, names: Iterable[str]) -> None:
        present = next((name for name in names if (self.path / name).exists()), None)
        if present is not None and not self._overwrite:
            raise FileConflict(
                f"{shell_quoted(str(self.path))} already contains {present}",
                hint="add --overwrite to replace it, or choose another folder",
            )

    def _begin(self) -> None:
        """Create the folder, and clean up after an interrupted export."""
        if self._begun:
            return
        self._begun = True
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self._recorded:
                remove_parts(self.path, {MANIFEST, PROGRESS, *self._recorded})
        except OSError as error:
            raise WriteFailed(
                f"cannot write into {self.path}: {error.strerror}", hint="choose another folder"
            ) from error
        if self._recorded:
            self._progress.start(self._recorded.values())

    def save(self, name: str, source: str, write: Callable[[], bytes]) -> SavedChart:
        """Write a file, unless it exists with the same ``source`` (a digest)."""
        self._begin()
        target = self.path / name
        record = self._recorded.get(name)
        # Verify the checksum, too: the file may be incomplete or edited.
        if record and record["source"] == source and is_whole(target, record["sha256"]):
            return SavedChart(name, target.stat().st_size, record["sha256"], kept=True)
        content = write()
        digest = sha256(content).hexdigest()
        # Record the checksum before the file appears, so that an interrupt in between is detected.
        self._progress.append({"name": name, "source": source, "sha256": digest})
        with atomic(target) as file:
            file.write(content)
        return SavedChart(name, len(content), digest, kept=False)

    def finish(self, manifest: dict[str, Any]) -> None:
        """Remove other files of an earlier or interrupted export, and write the manifest."""
        self._begin()
        for name in {*self._older(), *self._recorded} - self._names:
            # A manifest may be edited or foreign: only files directly in this folder are removed.
            with contextlib.suppress(OSError, ValueError):
                if name == Path(name).name and (self.path / name).is_file():
                    (self.path / name).unlink()
        write_manifest(self.path, manifest)
        self._progress.path.unlink(missing_ok=True)

    def _older(self) -> set[str]:
        """Return the files in the manifest of the replaced export."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            manifest = from_json((self.path / MANIFEST).read_text(encoding="utf-8-sig"))
            # A manifest may be edited, so every error means: no older files.
            names = [manifest.get("library"), *(chart["file"] for chart in manifest["charts"])]
            return {name for name in names if isinstance(name, str)}
        return set()

    def _read_progress(self) -> dict[str, dict[str, str]]:
        try:
            lines = self._progress.lines()
        except (OSError, ValueError):
            return {}
        return {line["name"]: line for line in lines if all(isinstance(line.get(name), str) for name in FIELDS)}
