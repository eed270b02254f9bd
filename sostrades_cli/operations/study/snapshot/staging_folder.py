"""The staging folder of an export. All files are written there, and moved into place when the last one is complete.

Until then, an older export stays usable. An interrupted export continues.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict, UsageError, WriteFailed
from sostrades_cli.files.platform_files import reason_of, replace
from sostrades_cli.files.resumable_folder import MANIFEST, STUDY, ProgressFile, is_whole, require_own_manifest
from sostrades_cli.files.safe_folders import inner_folder, require_no_link
from sostrades_cli.files.write_errors import unwritable
from sostrades_cli.operations.study.snapshot.manifest import DATA, OUTPUTS, PARAMETERS, WORKBOOK, read_manifest
from sostrades_cli.operations.study.snapshot.model import SnapshotEntry
from sostrades_cli.operations.tables.stored_table import StoredTable
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STAGING: Final = ".unfinished"
PROGRESS: Final = "progress.jsonl"
OURS: Final = frozenset({STAGING, DATA, PARAMETERS, OUTPUTS, WORKBOOK})
FIELDS: Final = ("key", "type", "unit", "output", "solver", "start_value")


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Reject a folder with other files, before the first request.

    Raises
    ------
    FileConflict
        The folder contains an export or other files, and ``overwrite`` is not set. Or it contains the files of another
        command with a manifest.
    UsageError
        The path is not a folder.

    """
    try:
        present = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise UsageError(f"cannot export into {folder}: {error.strerror}", hint="choose another folder") from error
    require_own_manifest(folder, STUDY)
    interrupted = STAGING in present and MANIFEST not in present
    if present - {STAGING} and not overwrite and not (interrupted and present <= OURS):
        content = "an export" if MANIFEST in present else "other files"
        hint = "add --overwrite to replace it, or choose another folder"
        raise FileConflict(f"{shell_quoted(str(folder))} already contains {content}", hint=hint)


class StagingFolder:
    """The staging folder in a folder.

    ``head`` has the study and its ``state``, which is ``None`` if it is unknown. ``names`` are the names of the tables'
    files by key, without their endings.
    """

    def __init__(self, folder: Path, head: dict[str, Any], names: Mapping[str, str]) -> None:
        self._folder = folder
        self._names = names
        self.path = folder / STAGING
        self._progress = ProgressFile(self.path / PROGRESS)
        # A link could lead outside the folder.
        for own in (self.path, folder / DATA):
            require_no_link(own)
        self.done = self._resumed(head)
        try:
            if not self.done:
                shutil.rmtree(self.path, ignore_errors=True)
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(f"cannot write into {folder}: {error.strerror}", error, "choose another folder") from error
        inner_folder(self.path / DATA)
        self._progress.start([head, *filter(None, map(_step, self.done.values()))])

    def path_of(self, key: str) -> Path:
        """Return the file for the table of a parameter."""
        return self.path / DATA / f"{self._names[key]}.csv"

    def append(self, item: SnapshotEntry) -> None:
        """Record a saved table.

        Raises
        ------
        WriteFailed
            The progress file cannot be written.

        """
        if step := _step(item):
            self._progress.append(step)

    def install(self) -> None:
        """Move the files into place."""
        # The old manifest is removed first and the new one comes last: a folder with a manifest is complete.
        inner_folder(self._folder / DATA)
        try:
            self._remove_older()
            for path in (self.path / DATA).iterdir():
                if not path.name.endswith(".part"):
                    replace(path, self._folder / DATA / path.name)
            for name in (PARAMETERS, OUTPUTS, WORKBOOK, MANIFEST):
                if (self.path / name).exists():
                    replace(self.path / name, self._folder / name)
            shutil.rmtree(self.path)
        except OSError as error:
            raise WriteFailed(
                f"cannot write into {self._folder}: {reason_of(error)}", hint="run the same command again"
            ) from error

    def _remove_older(self) -> None:
        """Remove the files of an older export, but no other files."""
        files = [self._folder / name for name in (PARAMETERS, OUTPUTS, WORKBOOK)]
        with contextlib.suppress(UsageError):  # an unreadable manifest lists no files
            names = [entry.file for entry in read_manifest(self._folder).entries.values()]
            files += [self._folder / DATA / name.rpartition("/")[2] for name in names if name and name.startswith(DATA)]
        for path in (self._folder / MANIFEST, *files):
            path.unlink(missing_ok=True)

    def _resumed(self, head: dict[str, Any]) -> dict[str, SnapshotEntry]:
        """Return the tables that an interrupted export saved for the same state of the study."""
        try:
            lines = self._progress.lines()
        except (OSError, ValueError):
            return {}
        # Without a state, a table may have changed unnoticed since the interruption.
        if not lines or lines[0] != head or head["state"] is None:
            return {}
        items = {}
        for fields in lines[1:]:
            if fields["key"] not in self._names:
                continue
            table = StoredTable(self.path_of(fields["key"]), fields.pop("sha256"))
            if is_whole(table.path, table.sha256):
                items[fields["key"]] = SnapshotEntry(**fields, table=table)
        return items


def _step(item: SnapshotEntry) -> dict[str, Any] | None:
    """Return the progress line of a table, or ``None`` for a value, which is read again at no cost."""
    if item.table is None:
        return None
    return {**{name: getattr(item, name) for name in FIELDS}, "sha256": item.table.sha256}
